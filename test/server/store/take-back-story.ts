/**
 * A program that takes the state, in the directory given as its argument, back from the original,
 * which has locked a client out. Tells on standard output how far it is.
 */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { originalLeaves } from './original-world.ts';
import { confOf, StateStart } from './state-world.ts';

export const CONF = confOf('alive', 'dead', 'fading', 'newcomer');

async function live(directory: string): Promise<void> {
  {
    using first = await StateStart.at(directory, confOf('alive', 'dead', 'fading'));
    first.settle();
    first.lockOut('dead');
  }
  originalLeaves(directory, 10, {
    ...{ alive: 'alive', dead: 'alive', fading: 'dead', newcomer: 'dead' },
  });
  writeSync(1, 'left\n');
  using second = await StateStart.at(directory, CONF, { at: 20 });
  second.settle();
  writeSync(1, 'taken back\n');
  second.enable('fading');
  writeSync(1, 'enabled\n');
}

const [, program, directory] = process.argv;
if (program === import.meta.filename && directory !== undefined) await live(directory);
