import assert from 'node:assert/strict';
import test from 'node:test';
import { asciiBytes, latin1Text } from '../../../src/core/bytes.ts';
import { MandosError } from '../../../src/core/error.ts';
import { askPassword } from '../../../src/operator/keygen/ask-password.ts';

/** Somebody who types these lines, and what they were shown. */
class Typist {
  readonly typed: Uint8Array<ArrayBuffer>[];
  readonly told: string[] = [];
  #next = 0;

  constructor(lines: readonly string[]) {
    this.typed = lines.map((line) => new Uint8Array(asciiBytes(line)));
  }

  async readLine(): Promise<Uint8Array<ArrayBuffer>> {
    const line = this.typed[this.#next++];
    if (line === undefined) throw new MandosError('cancelled', 'no more lines');
    return line;
  }

  tell(line: string): void {
    this.told.push(line);
  }
}

test('a password typed twice is taken', async () => {
  const typist = new Typist(['open sesame', 'open sesame']);
  assert.equal(latin1Text((await askPassword(typist)).bytes), 'open sesame');
});

test('two that differ are asked for again, however often', async () => {
  const typist = new Typist(['a', 'b', 'aa', 'a', 'c', 'c']);
  assert.equal(latin1Text((await askPassword(typist)).bytes), 'c');
  assert.equal(typist.told.length, 2);
});

test('white space is stripped from both ends and kept inside', async () => {
  const typist = new Typist([' \t open  sesame \r', 'open  sesame']);
  assert.equal(latin1Text((await askPassword(typist)).bytes), 'open  sesame');
});

test('an empty password is refused', async () => {
  await assert.rejects(askPassword(new Typist(['  ', ''])), /empty/);
});

test('what was typed is overwritten, also when it ends early', async () => {
  for (const lines of [
    ['one', 'two', 'same', 'same'],
    ['one', 'two', 'three'],
  ]) {
    const typist = new Typist(lines);
    await askPassword(typist).catch(() => undefined);
    for (const line of typist.typed) assert.ok(line.every((byte) => byte === 0));
  }
});
