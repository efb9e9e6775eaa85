/** Lets something happen to a client in its world. */
import type { CheckId } from '../../src/core/client.ts';
import { milliseconds } from '../../src/core/time.ts';
import type { LifeWorld } from './life-world.ts';
import type { Happening } from './random-life.ts';

export function undergo(world: LifeWorld, one: Happening): void {
  switch (one.kind) {
    case 'time':
      world.advance(one.duration);
      break;
    case 'late tick':
      world.offset += one.duration;
      world.happen({ kind: 'tick' });
      break;
    case 'sleep':
      world.offset += one.duration;
      world.happen({ kind: 'woke', slept: milliseconds(one.duration), random: one.random });
      break;
    case 'wall clock':
      world.wallJump = one.jump;
      break;
    case 'checkers start':
      world.startCheckers();
      break;
    case 'checker ends':
      world.endChecker(one.waitStatus);
      break;
    case 'stale checker': {
      const check = one.check as CheckId;
      if (check <= world.client.checks && !world.checkers.has(check)) {
        world.happen({ kind: 'checker-completed', check, waitStatus: one.waitStatus });
      }
      break;
    }
    case 'ask':
      world.ask();
      break;
    case 'leave':
      world.leave(one.peer);
      break;
    case 'sent':
      world.happen({ kind: 'secret-sent' });
      break;
    case 'operator':
      world.happen(one.event);
      break;
  }
}
