/**
 * A program that lives through the changes a state can have, in the directory given as its
 * argument, and tells on standard output when each step begins and when it is durable.
 */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { confOf, StateStart, sectionText } from './state-world.ts';

export const NAMES = ['alive', 'dead', 'revived', 'removed', 'gone'] as const;
export const CONF = confOf(...NAMES);

type Seen = 'enabled' | 'locked out' | 'not served';
export type Picture = Readonly<Record<(typeof NAMES)[number], Seen>>;

/** How a start with `CONF` sees the clients before the first step and after each one. */
export const PICTURES: readonly Picture[] = pictures();

function pictures(): Picture[] {
  const enabled: Seen = 'enabled';
  const start = {
    alive: enabled,
    dead: enabled,
    revived: enabled,
    removed: enabled,
    gone: enabled,
  };
  const dead: Picture = { ...start, dead: 'locked out' };
  const two: Picture = { ...dead, revived: 'locked out', gone: 'locked out' };
  const revived: Picture = { ...two, revived: 'enabled' };
  const removed: Picture = { ...revived, removed: 'not served' };
  // A forgotten name is a new client's.
  const forgotten: Picture = { ...removed, gone: 'enabled' };
  return [
    start,
    start,
    dead,
    two,
    revived,
    removed,
    forgotten,
    { ...forgotten, alive: 'locked out' },
  ];
}

async function live(directory: string): Promise<void> {
  let steps = 0;
  const step = (work: () => void): void => {
    steps++;
    writeSync(1, `begin ${steps}\n`);
    work();
    writeSync(1, `done ${steps}\n`);
  };
  const begin = async (conf: string, at: number): Promise<StateStart> =>
    await StateStart.at(directory, conf, { at });
  {
    using first = await begin(CONF, 0);
    step(() => first.settle());
    step(() => first.lockOut('dead'));
    step(() => {
      const ledger = { kind: 'locked-out', reason: 'expired' } as const;
      const life = { kind: 'disabled', reason: 'expired' } as const;
      first.write([first.change('revived', life, ledger), first.change('gone', life, ledger)]);
    });
  }
  {
    using second = await begin(CONF, 1);
    step(() => second.enable('revived'));
    step(() => second.remove('removed'));
  }
  const without = NAMES.flatMap((name, index) =>
    name === 'gone' ? [] : [sectionText(name, index + 1)],
  );
  using third = await begin(without.join(''), 2);
  step(() => third.settle());
  step(() => third.lockOut('alive'));
}

const [, program, directory] = process.argv;
if (program === import.meta.filename && directory !== undefined) await live(directory);
