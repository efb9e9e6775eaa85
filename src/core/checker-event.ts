/** What the runs of the checker tell about the client. */
import { type Client, NO_CLEAN_EXIT } from './client.ts';
import type { CheckerEvent } from './client-event.ts';
import { renewLease } from './lease.ts';
import type { Moment } from './moment.ts';
import { type Step, step } from './step.ts';

/** What happened to a check; old news about one that was killed is ignored. */
export function checkerEvent(client: Client, event: CheckerEvent, now: Moment): Step {
  const { checker } = client;
  if (checker.kind === 'idle' || checker.check !== event.check) return step(client);
  switch (event.kind) {
    case 'checker-started': {
      if (checker.kind === 'running') return step(client);
      const { check, command } = event;
      return step(
        { ...client, checker: { kind: 'running', check, command } },
        [],
        [{ name: 'CheckerStarted', command }],
      );
    }
    case 'checker-not-started':
      return step({ ...client, checker: { kind: 'idle' } });
    case 'checker-completed': {
      const command = checker.kind === 'running' ? checker.command : client.settings.checker;
      return completed(client, event.waitStatus, command, now);
    }
  }
}

/** A failed check changes nothing but what is shown of it. */
function completed(client: Client, waitStatus: number, command: string, now: Moment): Step {
  const exitCode = exitCodeOf(waitStatus);
  const done: Client = { ...client, checker: { kind: 'idle' }, lastCheckerStatus: exitCode };
  return step(
    exitCode === 0 ? renewLease(done, now) : done,
    [],
    [{ name: 'CheckerCompleted', exitCode, waitStatus, command }],
  );
}

/** The exit status in a status of wait(2); `NO_CLEAN_EXIT` when a signal ended the process. */
export function exitCodeOf(waitStatus: number): number {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? (waitStatus >> 8) & 0xff : NO_CLEAN_EXIT;
}
