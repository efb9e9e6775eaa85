/**
 * F1 and F4 over random histories: whatever happens to clients.conf and to the store between two
 * starts, nobody lives whom an operator's act has not brought or left to life.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';
import fc from 'fast-check';
import { TempDir } from '../../support/temp-dir.ts';
import { StateStart, sectionText } from './state-world.ts';

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

/** What clients.conf says about a name. */
type Section = 'yes' | 'no' | 'bad value' | 'bad header' | 'absent';
type Damage = 'none' | 'ledger bit' | 'database bit' | 'no ledger' | 'no database' | 'no log';
type Act = { readonly name: Name; readonly kind: 'lock-out' | 'enable' | 'remove' };

interface Chapter {
  readonly sections: Readonly<Record<Name, Section>>;
  readonly damage: Damage;
  /** Where in the file, 0 to 1. */
  readonly place: number;
  readonly acts: readonly Act[];
}

const section = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Section>('yes') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Section[]>('no', 'bad value', 'bad header', 'absent'),
  },
);
const damage = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Damage>('none') },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Damage[]>(
      ...(['ledger bit', 'database bit', 'no ledger', 'no database', 'no log'] as const),
    ),
  },
);
const chapter: fc.Arbitrary<Chapter> = fc.record({
  sections: fc.record({ a: section, b: section, c: section }),
  damage,
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  acts: fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      kind: fc.constantFrom('lock-out' as const, 'lock-out' as const, 'enable', 'remove'),
    }),
    { maxLength: 3 },
  ),
});

function confText({ sections }: Chapter): string {
  return NAMES.map((name, index) => linesOf(name, index + 1, sections[name])).join('');
}

function linesOf(name: Name, number: number, kind: Section): string {
  const text = sectionText(name, number, `enabled = ${kind === 'no' ? 'no' : 'yes'}`);
  switch (kind) {
    case 'yes':
    case 'no':
      return text;
    case 'bad value':
      return `${text}timeout = soon\n`;
    case 'bad header':
      return text.replace(`[${name}]`, `[${name}`);
    case 'absent':
      return '';
  }
}

function damageStore(state: string, number: number, { damage: what, place }: Chapter): void {
  const ledger = `${state}/store-${number}/ledger`;
  const database = `${state}/store-${number}/clients.sqlite`;
  const flip = (path: string): void => {
    if (!existsSync(path)) return;
    const bytes = readFileSync(path);
    // The ledger's zeros at its end are of no interest.
    const length = path === ledger ? bytes.findLastIndex((byte) => byte !== 0) + 1 : bytes.length;
    const at = Math.floor(place * length);
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    writeFileSync(path, bytes);
  };
  if (what === 'ledger bit') flip(ledger);
  else if (what === 'database bit') flip(database);
  else if (what === 'no ledger') rmSync(ledger, { force: true });
  else if (what === 'no database') rmSync(database, { force: true });
  else if (what === 'no log') rmSync(`${database}-wal`, { force: true });
}

function storeNumber(state: string): number {
  return Math.max(
    ...readdirSync(state).flatMap((name) => {
      const number = /^store-(\d+)$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    }),
  );
}

/** What an operator has allowed, by the rules of F1 and nothing else. */
class Allowed {
  readonly #alive = new Set<string>();
  readonly #removed = new Set<string>();
  /** What `enabled` was when the section was last read. */
  readonly #written = new Map<string, Section>();

  has(name: string): boolean {
    return this.#alive.has(name);
  }

  read({ sections }: Chapter): void {
    const all = Object.values(sections);
    const understood = !all.includes('bad header') && !all.every((one) => one === 'absent');
    for (const name of NAMES) {
      const now = sections[name];
      if (now === 'absent' && understood) this.#forget(name);
      if (now !== 'yes' && now !== 'no') continue;
      const before = this.#written.get(name);
      if (!this.#removed.has(name)) {
        if (now === 'yes' && before !== 'yes') this.#alive.add(name);
        if (now === 'no' && before === 'yes') this.#alive.delete(name);
      }
      this.#written.set(name, now);
    }
  }

  act({ name, kind }: Act): void {
    if (kind === 'enable') this.#alive.add(name);
    else this.#alive.delete(name);
    if (kind === 'remove') this.#removed.add(name);
  }

  #forget(name: string): void {
    this.#alive.delete(name);
    this.#removed.delete(name);
    this.#written.delete(name);
  }
}

test('nobody lives but by an act of the operator', { timeout: 100_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(chapter, { minLength: 2, maxLength: 8 }), async (chapters) => {
      await using dir = await TempDir.create();
      const state = dir.join('state');
      const allowed = new Allowed();
      let at = 0;
      let store = 0;
      for (const one of chapters) {
        if (store > 0) damageStore(state, store, one);
        at += 1;
        using start = await StateStart.at(state, confText(one), { at });
        allowed.read(one);
        for (const name of start.alive) assert.ok(allowed.has(name), `${name} lives`);
        start.settle();
        store = storeNumber(state);
        const served = new Set(Object.keys(start.lives));
        for (const act of one.acts) {
          if (!served.has(act.name)) continue;
          if (act.kind === 'lock-out') start.lockOut(act.name);
          else if (act.kind === 'enable') start.enable(act.name);
          else {
            start.remove(act.name);
            served.delete(act.name);
          }
          allowed.act(act);
        }
      }
    }),
    { numRuns: Number(process.env.MANDOS_HISTORIES ?? 40) },
  );
});
