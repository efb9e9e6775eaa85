/** `npm run bench`: figures of our server beside the original's, from one run on one machine. */
import { parseArgs } from 'node:util';
import { tlsKey } from '../test/support/tls-keys.ts';
import { type Figure, measureServer } from './measure.ts';
import { subjects } from './subjects.ts';

const { values } = parseArgs({
  options: {
    secrets: { type: 'string', default: '500' },
    crowd: { type: 'string', default: '1000' },
  },
});
const sizes = { secrets: Number(values.secrets), crowd: Number(values.crowd) };
const keys = Array.from({ length: sizes.crowd }, () => tlsKey());
const { kinds, missing } = subjects();
const results: { name: string; figures: Figure[] }[] = [];
for (const kind of kinds) {
  process.stderr.write(`measuring: ${kind.name}\n`);
  results.push({ name: kind.name, figures: await measureServer(kind, keys, sizes) });
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
