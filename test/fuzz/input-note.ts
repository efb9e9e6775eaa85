import { openSync, readFileSync, writeSync } from 'node:fs';

const HEADER = 8;

/**
 * A file in which one process notes the input that it is about to work on, so that another
 * can tell what it hung or died of: its number, its length, its bytes.
 */
export class InputNote {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  static open(path: string): InputNote {
    return new InputNote(openSync(path, 'w', 0o600));
  }

  write(number: number, input: Uint8Array): void {
    const note = Buffer.alloc(HEADER + input.length);
    note.writeUInt32LE(number % 2 ** 32, 0);
    note.writeUInt32LE(input.length, 4);
    note.set(input, HEADER);
    writeSync(this.#descriptor, note, 0, note.length, 0);
  }

  /** What stands in the note; number 0 and no bytes when nothing has been written yet. */
  static read(path: string): { readonly number: number; readonly input: Uint8Array } {
    const note = readFileSync(path);
    if (note.length < HEADER) return { number: 0, input: new Uint8Array(0) };
    const length = note.readUInt32LE(4);
    return { number: note.readUInt32LE(0), input: note.subarray(HEADER, HEADER + length) };
  }
}
