/** Only what differs is sent, and it makes the right screen. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Frame, Line, Size } from '../../../src/operator/monitor/frame.ts';
import { paint } from '../../../src/operator/monitor/paint.ts';
import { screenText } from '../../../src/operator/monitor/screen-text.ts';
import { clip, widthOf } from '../../../src/operator/monitor/text-width.ts';

const SGR: Readonly<Record<string, Line['style']>> = { '': 'plain', 1: 'bold', 7: 'reverse' };

/** As much of a terminal as `paint` needs; wide characters take two cells, the second empty. */
class SimulatedScreen {
  readonly cells: { char: string; style: Line['style'] }[][];
  readonly #size: Size;
  #row = 0;
  #column = 0;
  #style: Line['style'] = 'plain';

  constructor(size: Size) {
    this.#size = size;
    this.cells = Array.from({ length: size.rows }, () => this.#blanks('#'));
  }

  #blanks(char: string) {
    return Array.from({ length: this.#size.columns }, () => ({ char, style: 'plain' as const }));
  }

  take(bytes: string): void {
    const [text = '', ...sequences] = bytes.split('\x1b[');
    assert.equal(text, '', 'every change begins with a sequence');
    for (const sequence of sequences) {
      const [all = '', parameters = '', command] = /^([\d;]*)([A-Za-z])/.exec(sequence) ?? [];
      this.#obey(command, parameters);
      for (const char of sequence.slice(all.length)) this.#put(char);
    }
  }

  #obey(command: string | undefined, parameters: string): void {
    switch (command) {
      case 'H': {
        const [row = 1, column = 1] = parameters.split(';').map(Number);
        this.#row = row - 1;
        this.#column = column - 1;
        return;
      }
      case 'J':
        for (const row of this.cells.keys()) this.cells[row] = this.#blanks(' ');
        return;
      case 'K': {
        const rest = this.#blanks(' ').slice(this.#column);
        this.cells[this.#row]?.splice(this.#column, rest.length, ...rest);
        return;
      }
      case 'm':
        this.#style = SGR[parameters] ?? assert.fail(`style ${parameters}`);
        return;
      default:
        assert.fail(`sequence ${command}`);
    }
  }

  #put(char: string): void {
    const width = widthOf(char);
    const row = this.cells[this.#row] ?? assert.fail('painted below the screen');
    assert.ok(this.#column + width <= this.#size.columns, 'painted beside the screen');
    if (width === 0) {
      const cell = row[this.#column - 1] ?? assert.fail('a mark on nothing');
      row[this.#column - 1] = { ...cell, char: cell.char + char };
      return;
    }
    row[this.#column] = { char, style: this.#style };
    if (width === 2) row[this.#column + 1] = { char: '', style: this.#style };
    this.#column += width;
  }
}

const size = fc.record({
  columns: fc.integer({ min: 2, max: 12 }),
  rows: fc.integer({ min: 1, max: 4 }),
});

function frameOf(of: Size): fc.Arbitrary<Frame> {
  const text = fc
    .string({ unit: fc.constantFrom('a', 'b', ' ', '日', 'e\u0301', '─') })
    .map((any) => clip(screenText(any, 'utf-8'), of.columns));
  const style = fc.constantFrom<Line['style']>('plain', 'plain', 'bold', 'reverse');
  const line = fc.record({ text, style });
  return fc.array(line, { maxLength: of.rows }).map((lines) => ({ size: of, lines }));
}

test('any frame after any other is the same as on an empty screen', () => {
  const frames = size.chain((of) =>
    fc.tuple(fc.constant(of), fc.array(frameOf(of), { minLength: 1 })),
  );
  fc.assert(
    fc.property(frames, ([of, all]) => {
      const shown = new SimulatedScreen(of);
      let before: Frame | null = null;
      for (const frame of all) {
        shown.take(paint(before, frame));
        before = frame;
      }
      const fresh = new SimulatedScreen(of);
      fresh.take(paint(null, all.at(-1) ?? assert.fail()));
      assert.deepEqual(shown.cells, fresh.cells);
      assert.ok(fresh.cells.every((row) => row.every(({ char }) => char !== '#')));
    }),
  );
});

const row = (text: string): Frame => ({
  size: { columns: 80, rows: 24 },
  lines: [{ text, style: 'plain' }],
});

test('a countdown costs a few bytes a second, as slow lines need it', () => {
  const sent = paint(
    row('bar: Denial in 0:59:58. (a)pprove?'),
    row('bar: Denial in 0:59:57. (a)pprove?'),
  );
  assert.equal(sent, '\x1b[1;22H7');
  assert.equal(paint(row('same'), row('same')), '');
});

test('a shorter line erases the rest of the longer one', () => {
  assert.equal(paint(row('abcdef'), row('abc')), '\x1b[1;4H\x1b[K');
});
