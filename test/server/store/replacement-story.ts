/**
 * A program whose state, in the directory given as its argument, loses its database: it goes on
 * with another store, in which an operator enables a client. Tells on standard output how far
 * it is.
 */
import { rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { confOf, StateStart } from './state-world.ts';

export const CONF = confOf('revived', 'dead', 'lost');

async function live(directory: string): Promise<void> {
  {
    using first = await StateStart.at(directory, CONF);
    first.settle();
    first.lockOut('dead');
  }
  rmSync(join(directory, 'store-1', 'clients.sqlite'));
  writeSync(1, 'damaged\n');
  using second = await StateStart.at(directory, CONF, { at: 1 });
  second.settle();
  writeSync(1, 'replaced\n');
  second.enable('revived');
  writeSync(1, 'enabled\n');
}

const [, program, directory] = process.argv;
if (program === import.meta.filename && directory !== undefined) await live(directory);
