/**
 * F1 and F4 over random histories: whatever happens to clients.conf and to the store between two
 * starts, and whatever the original leaves that may have run then, nobody lives whom an operator's act
 * has not brought or left to life, here or on the original if it went on from here.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentAfter } from '../../../src/server/store/content-after.ts';
import { readOriginalState } from '../../../src/server/store/original-state.ts';
import { writePickle } from '../../../src/server/store/pickle-writer.ts';
import { stateForOriginal } from '../../../src/server/store/state-for-original.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { type LifeThere, originalLeaves } from './original-world.ts';
import { StateStart, sectionText, storedAt } from './state-world.ts';

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
  /** What the original left before this chapter, if it ran. */
  readonly original: 'did not run' | 'garbage' | Readonly<Record<Name, LifeThere | 'absent'>>;
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
const there = fc.constantFrom<(LifeThere | 'absent')[]>(
  ...(['alive', 'alive', 'dead', 'expired', 'removed', 'absent'] as const),
);
const original = fc.oneof(
  { weight: 6, arbitrary: fc.constant('did not run' as const) },
  { weight: 3, arbitrary: fc.record({ a: there, b: there, c: there }) },
  { weight: 1, arbitrary: fc.constant('garbage' as const) },
);
const chapter: fc.Arbitrary<Chapter> = fc.record({
  original,
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

function originalRuns(
  state: string,
  at: number,
  { original: left }: Chapter,
  allowed: Allowed,
): void {
  if (left === 'did not run') return;
  if (left === 'garbage') writeFileSync(`${state}/clients.pickle`, `garbage ${at}`);
  else {
    const lives = Object.entries(left).flatMap(([name, life]): [string, LifeThere][] =>
      life === 'absent' ? [] : [[name, life]],
    );
    originalLeaves(state, at, Object.fromEntries(lives), (name) => allowed.readAsYes(name));
  }
}

/** Who would live on the original if it went on from here. */
function aliveThere({ state, started }: StateStart, at: number): string[] {
  const content = contentAfter(state.content, started);
  const pickle = writePickle(stateForOriginal(content, new Map(), storedAt(at)));
  return readOriginalState(pickle).flatMap(({ name, life }) =>
    life.kind === 'enabled' ? [name] : [],
  );
}

function storeNumber(state: string): number {
  return Math.max(
    ...readdirSync(state).flatMap((name) => {
      const number = /^store-(\d+)$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    }),
  );
}

/** What follows a header that is none spoils the section before it, or all when there is none. */
function isRead(name: Name, sections: Chapter['sections']): boolean {
  const present = NAMES.filter((one) => sections[one] !== 'absent');
  const isHeader = (one: Name | undefined): boolean =>
    one === undefined || sections[one] !== 'bad header';
  return isHeader(present[0]) && isHeader(present[present.indexOf(name) + 1]);
}

/** What an operator has allowed, by the rules of F1 and nothing else. */
class Allowed {
  readonly #alive = new Set<string>();
  readonly #removed = new Set<string>();
  /** Those that have been served; the others are new ones to the server. */
  readonly #known = new Set<string>();
  /** What `enabled` was when the section was last read. */
  readonly #written = new Map<string, Section>();

  has(name: string): boolean {
    return this.#alive.has(name);
  }

  serve(names: Iterable<string>): void {
    for (const name of names) this.#known.add(name);
  }

  /** What `enabled` was, as far as it is known. */
  readAsYes(name: string): boolean {
    return this.#written.get(name) !== 'no';
  }

  /** The original may enable those of whom nobody here knows, and lock out everybody. */
  originalRan({ original: left }: Chapter): void {
    if (left === 'did not run') return;
    for (const name of NAMES) {
      const life = left === 'garbage' ? 'dead' : left[name];
      const unknown = !this.#known.has(name);
      if (life === 'alive' && unknown) this.#alive.add(name);
      if (life === 'dead' || life === 'expired' || life === 'removed') this.#alive.delete(name);
      if (life === 'removed') this.#removed.add(name);
    }
  }

  read({ sections }: Chapter): void {
    const all = Object.values(sections);
    const understood = !all.includes('bad header') && !all.every((one) => one === 'absent');
    for (const name of NAMES) {
      const now = sections[name];
      if (now === 'absent' && understood) this.#forget(name);
      if (!isRead(name, sections)) continue;
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
    this.#known.delete(name);
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
        if (store > 0) {
          originalRuns(state, at, one, allowed);
          allowed.originalRan(one);
        }
        using start = await StateStart.at(state, confText(one), { at });
        allowed.read(one);
        for (const name of start.alive) assert.ok(allowed.has(name), `${name} lives`);
        const exported = aliveThere(start, at);
        for (const name of exported) assert.ok(allowed.has(name), `${name} would live there`);
        assert.deepEqual(
          start.alive.filter((name) => !exported.includes(name)),
          [],
          'would not live there',
        );
        start.settle();
        store = storeNumber(state);
        const served = new Set(Object.keys(start.lives));
        allowed.serve(served);
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
