import { readFileSync } from 'node:fs';
import { readOriginalState } from '../../src/server/store/original-state.ts';
import { readPickle } from '../../src/server/store/pickle.ts';
import { KNOWN_GLOBALS, PickleError } from '../../src/server/store/pickle-value.ts';
import { inRepository } from '../support/repository.ts';

const FIXTURES = ['reference', 'all-lives'];

/** The reader of `clients.pickle`: an answer or a `PickleError`, and at once. */
export const target = {
  name: 'pickle',
  seeds: [
    ...FIXTURES.map((name) =>
      readFileSync(inRepository(`test/server/store/fixtures/${name}.pickle`)),
    ),
    Buffer.from('\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01u}\x86.', 'latin1'),
  ].map((bytes) => new Uint8Array(bytes)),
  dictionary: [
    ...KNOWN_GLOBALS.map((name) => `c${name.replace(' ', '\n')}\n`),
    ...['cos\nsystem\n', '\x85R', '\x86R', '\x87R', ')R', 'h\x00', 'q\x00', '(', 'u', 'e', '.'],
  ].map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  timeLimit: 1000,
  run(input: Uint8Array): void {
    for (const read of [readPickle, readOriginalState]) {
      try {
        read(input);
      } catch (error) {
        if (!(error instanceof PickleError)) throw error;
      }
    }
  },
};
