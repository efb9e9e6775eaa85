/** `npm run bench`: figures of ours beside the original's, from one run on one machine. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { tlsKey } from '../test/support/tls-keys.ts';
import { measureBoot } from './booting.ts';
import type { Figure } from './figure.ts';
import { measureLiving } from './living.ts';
import { measureServer } from './measure.ts';
import { measureInTurns } from './secrets-in-turns.ts';
import { type SubjectKind, subjects } from './subjects.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    secrets: { type: 'string', default: '500' },
    crowd: { type: 'string', default: '1000' },
    starts: { type: 'string', default: '1,1000,10000' },
    lives: { type: 'string', default: '1000,10000' },
    interval: { type: 'string', default: '120' },
    boots: { type: 'string', default: '30' },
    watch: { type: 'string', default: '60' },
    'ours-only': { type: 'boolean', default: false },
  },
});

/** Each measures one side: ours, or the original. */
const SCENARIOS: Readonly<Record<string, (kind: SubjectKind) => Promise<Figure[]>>> = {
  serving(kind) {
    const crowd = Number(values.crowd);
    return measureServer(kind, keys(crowd), crowd);
  },
  booting(kind) {
    return measureBoot(kind.name, Number(values.boots));
  },
  living(kind) {
    return measureLiving(kind, tlsKey(), {
      starts: numbers(values.starts),
      lives: numbers(values.lives),
      interval: Number(values.interval),
      watch: Number(values.watch),
    });
  },
};

function numbers(list: string): number[] {
  return list.split(',').filter(Boolean).map(Number);
}

let made: ReturnType<typeof tlsKey>[] = [];
function keys(count: number): typeof made {
  if (made.length !== count) made = Array.from({ length: count }, () => tlsKey());
  return made;
}

/** Measures all sides at the same time. */
const IN_TURNS = 'secrets';

const scenarios = [IN_TURNS, ...Object.keys(SCENARIOS)];
const chosen = values.only === undefined ? scenarios : values.only.split(',');
const { kinds, missing } = subjects();
const sides = values['ours-only'] ? kinds.slice(0, 1) : kinds;
const results: { name: string; figures: Figure[] }[] = [];
if (chosen.includes(IN_TURNS)) process.stderr.write(`measuring: all, ${IN_TURNS}\n`);
const inTurns = chosen.includes(IN_TURNS)
  ? await measureInTurns(sides, tlsKey(), Number(values.secrets))
  : [];
for (const [side, kind] of sides.entries()) {
  const figures: Figure[] = [...(inTurns[side] ?? [])];
  for (const name of chosen.filter((scenario) => scenario !== IN_TURNS)) {
    const measure = SCENARIOS[name];
    if (measure === undefined) {
      throw new RangeError(`--only takes ${scenarios.join(', ')}, not '${name}'`);
    }
    process.stderr.write(`measuring: ${kind.name}, ${name}\n`);
    figures.push(...(await measure(kind)));
  }
  results.push({ name: kind.name, figures });
}
print();
if (missing !== undefined) process.stdout.write(`\nwithout the original: ${missing}\n`);

function print(): void {
  const [ours, original] = results;
  if (ours === undefined) return;
  const row = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(44) : cell.padStart(14))).join(' ');
  const head = [ours.name, ...(original === undefined ? [] : [original.name, 'times better'])];
  const lines = [row(['', ...head])];
  for (const figure of ours.figures) {
    const other = original?.figures.find(({ name }) => name === figure.name);
    const cells = [`${figure.name}${figure.unit === '' ? '' : ` (${figure.unit})`}`];
    cells.push(round(figure.value));
    if (other !== undefined) cells.push(round(other.value), round(ratio(figure, other)));
    else if (original !== undefined) cells.push('-', '-');
    lines.push(row(cells));
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function ratio(ours: Figure, original: Figure): number {
  return ours.better === 'less' ? original.value / ours.value : ours.value / original.value;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
