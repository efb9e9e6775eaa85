import { instant, milliseconds, minutes } from '../../src/core/time.ts';
import { MANDOS_TYPE } from '../../src/zeroconf/announcer.ts';
import { Browser, type BrowserEffect } from '../../src/zeroconf/browser.ts';
import type { FoundServer } from '../../src/zeroconf/found-server.ts';
import { parseAddress } from '../../src/zeroconf/ip-address.ts';
import { MDNS_PORT } from '../../src/zeroconf/link.ts';
import { type Message, type Question, query, response } from '../../src/zeroconf/message.ts';
import { labelOf, type Name, name } from '../../src/zeroconf/name.ts';
import { CLASS_IN, type RecordData, type ResourceRecord } from '../../src/zeroconf/record.ts';
import { Responder, type ResponderEffect } from '../../src/zeroconf/responder.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import {
  type LanHost,
  randomFrom,
  type Seen,
  SimulatedLan,
  type Weather,
} from './simulated-lan.ts';

export { MANDOS_TYPE };
export const INSTANCE: Name = ['Mandos', ...MANDOS_TYPE];
export const HOST: Name = name('web.local');
export const ADDRESS = 'fe80::a';
/** A host of somebody who lies. */
export const EVIL: Name = name('evil.local');

/** The full name of a Mandos service. */
export function instanceNamed(text: string): Name {
  return [labelOf(text), ...MANDOS_TYPE];
}

/** A network at the beginning of time. */
export function quietLan(options: { weather?: Weather; seed?: number } = {}): SimulatedLan {
  return new SimulatedLan(new SimulatedClock(instant(1_000_000)), options);
}

export interface LanServer {
  readonly responder: Responder;
  readonly host: LanHost<ResponderEffect>;
  stop(): void;
}

export interface ServerOptions {
  readonly host?: string;
  readonly name?: string;
  readonly port?: number;
  readonly seed?: number;
}

export function mandosResponder(options: ServerOptions = {}): Responder {
  const { host = 'web', name: service = 'Mandos', port = 4711, seed = 7 } = options;
  return new Responder({ type: MANDOS_TYPE, name: service, host, port }, randomFrom(seed));
}

/** A machine that announces a Mandos server. */
export function connectServer(
  lan: SimulatedLan,
  options: ServerOptions & { readonly address?: string } = {},
): LanServer {
  const responder = mandosResponder(options);
  const host = lan.connect(responder, options.address ?? ADDRESS);
  return { responder, host, stop: () => host.stop(responder.stop()) };
}

export interface LanBrowser {
  readonly browser: Browser;
  readonly host: LanHost<BrowserEffect>;
}

export function connectBrowser(lan: SimulatedLan, address = 'fe80::c'): LanBrowser {
  const browser = new Browser(MANDOS_TYPE);
  return { browser, host: lan.connect(browser, address) };
}

/** The servers that are there by what the browser has told so far. */
export function serversOf({ effects }: LanHost<BrowserEffect>): readonly FoundServer[] {
  const servers = new Map<string, FoundServer>();
  for (const effect of effects) {
    if (effect.kind === 'found') servers.set(effect.server.id, effect.server);
    else servers.delete(effect.id);
  }
  return [...servers.values()];
}

export function question(of: Name, type: number, unicast = false): Question {
  return { name: of, type, questionClass: CLASS_IN, unicast };
}

export function ask(...questions: readonly Question[]): Message {
  return query({ questions });
}

export function record(of: Name, ttl: number, data: RecordData, flush = true): ResourceRecord {
  return { name: of, recordClass: CLASS_IN, flush, ttl, data };
}

export function pointerTo(instance: Name, ttl = 4500): ResourceRecord {
  return record(MANDOS_TYPE, ttl, { kind: 'ptr', target: instance }, false);
}

export function serviceOn(instance: Name, host: Name, port = 4711, ttl = 120): ResourceRecord {
  return record(instance, ttl, { kind: 'srv', priority: 0, weight: 0, port, target: host });
}

export function addressOf(host: Name, address: string, ttl = 120): ResourceRecord {
  const bytes = parseAddress(address) ?? new Uint8Array();
  return record(host, ttl, { kind: bytes.length === 4 ? 'a' : 'aaaa', address: bytes });
}

/** What a server says of itself. */
export function announcement(instance: Name, host: Name, address: string, port = 4711): Message {
  return response({
    answers: [pointerTo(instance), serviceOn(instance, host, port), addressOf(host, address)],
  });
}

/** The kinds of records, in their order. */
export function kinds(records: readonly ResourceRecord[]): readonly string[] {
  return records.map(({ data }) => data.kind);
}

export const SECOND = milliseconds(1000);

export const ASKER = 'fe80::b';

/** A network on which a server has long been announced, and nothing else was ever seen. */
export async function longAnnounced() {
  const lan = quietLan();
  const server = connectServer(lan);
  await lan.clock.advance(minutes(60));
  lan.seen.length = 0;
  return { lan, server };
}

/** What was sent in answer to a message within `time`. */
export async function answersTo(
  lan: SimulatedLan,
  message: Message,
  time = milliseconds(700),
  port = MDNS_PORT,
): Promise<readonly Seen[]> {
  const before = lan.seen.length;
  lan.forge(message, ASKER, port);
  await lan.clock.advance(time);
  return lan.seen.slice(before + 1);
}
