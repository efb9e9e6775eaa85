/** The one run of the checker there may be: asked for, and killed. */
import type { CheckId, Client, Enabled } from './client.ts';
import type { Moment } from './moment.ts';
import { nextDue } from './schedule.ts';
import { type Step, step } from './step.ts';

/**
 * Asks for a check when one is due. One that is still running is left running: the next is
 * then due an interval later (mandos-clients.conf(5), `interval`).
 */
export function startDueCheck(client: Client, now: Moment): Step {
  const { life } = client;
  if (life.kind !== 'enabled' || now.boot < life.nextCheck) return step(client);
  const nextCheck = nextDue(life.nextCheck, client.settings.interval, now.boot);
  return startChecker({ ...client, life: { ...life, nextCheck } });
}

/** A check now, and the next an interval from now; for an interval that was set. */
export function restartSchedule(client: Client, life: Enabled, now: Moment): Step {
  const nextCheck = nextDue(now.boot, client.settings.interval, now.boot);
  return startChecker({ ...client, life: { ...life, nextCheck } });
}

/** Asks for a check unless one is on its way (C1: never two for one client). */
export function startChecker(client: Client): Step {
  if (client.checker.kind !== 'idle' || client.life.kind === 'removed') return step(client);
  const check = (client.checks + 1) as CheckId;
  return step({ ...client, checks: check, checker: { kind: 'starting', check } }, [
    { kind: 'start-checker', check },
  ]);
}

/** Forgets the check that is on its way and has it killed. */
export function killChecker(client: Client): Step {
  if (client.checker.kind === 'idle') return step(client);
  const { check } = client.checker;
  return step({ ...client, checker: { kind: 'idle' } }, [{ kind: 'kill-checker', check }]);
}
