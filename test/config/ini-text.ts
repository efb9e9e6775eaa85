import assert from 'node:assert/strict';
import { parseIni } from '../../src/config/ini.ts';
import type { IniDocument, IniSection } from '../../src/config/ini-document.ts';
import { interpolate } from '../../src/config/interpolation.ts';

export function parse(text: string, builtIn?: ReadonlyMap<string, string>): IniDocument {
  const bytes = new TextEncoder().encode(text);
  return parseIni('FILE', bytes, builtIn === undefined ? {} : { builtIn });
}

/** The section's own values as they are written. */
export function rawText(section: IniSection): Record<string, string> {
  return Object.fromEntries(
    [...section.options.values()].map(({ name, value }) => {
      assert.equal(value.kind, 'text');
      return [name, value.kind === 'text' ? value.text : ''];
    }),
  );
}

/** All values of the section, expanded; or only `__error__`, the kind of the first problem. */
export function expandedText(section: IniSection, document: IniDocument): Record<string, string> {
  const names = new Set([...document.defaults.options.keys(), ...section.options.keys()]);
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = (section.options.get(name) ?? document.defaults.options.get(name))?.value;
    assert.ok(value?.kind === 'text');
    const expanded = interpolate(value, section, document.defaults);
    if (expanded.kind === 'problem') return { __error__: expanded.problem };
    result[name] = expanded.value.text;
  }
  return result;
}
