import assert from 'node:assert/strict';
import {
  type ClientSection,
  type ClientsConf,
  parseClientsConf,
} from '../../src/config/clients-conf.ts';
import { memoryFiles } from './memory-files.ts';

export const KEY = 'ab'.repeat(32);
export const OTHER_KEY = 'cd'.repeat(32);
export const FILE = 'clients.conf';

export function parse(text: string | Uint8Array, files = memoryFiles()): ClientsConf {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return parseClientsConf(FILE, bytes, files);
}

export function stanza(name: string, lines: readonly string[] = [], key = KEY): string {
  return [`[${name}]`, `key_id = ${key}`, 'secret = aGk=', ...lines, ''].join('\n');
}

export function client(
  conf: ClientsConf,
  name: string,
): Extract<ClientSection, { kind: 'client' }> {
  const section = conf.sections.find((one) => one.name === name);
  assert.ok(section);
  assert.equal(section.kind, 'client', section.kind === 'bad' ? section.problem.message : '');
  assert.ok(section.kind === 'client');
  return section;
}

export function problem(conf: ClientsConf, name: string): string {
  const section = conf.sections.find((one) => one.name === name);
  assert.ok(section?.kind === 'bad', `${name} is served`);
  return section.problem.message;
}

export function kinds(conf: ClientsConf): Record<string, string> {
  return Object.fromEntries(conf.sections.map(({ name, kind }) => [name, kind]));
}
