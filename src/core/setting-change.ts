/** The settings that an operator changes while the server runs, and what follows from each. */
import { restartSchedule } from './checker.ts';
import type { Client } from './client.ts';
import type { DurationProperty, SettingChange } from './client-event.ts';
import type { ClientSettings } from './client-settings.ts';
import { hasExpired, lockOut, shiftLease } from './lease.ts';
import type { Moment } from './moment.ts';
import { type Step, step } from './step.ts';

const DURATIONS = {
  ApprovalDelay: 'approvalDelay',
  ApprovalDuration: 'approvalDuration',
  Timeout: 'timeout',
  ExtendedTimeout: 'extendedTimeout',
  Interval: 'interval',
} as const satisfies Record<DurationProperty, keyof ClientSettings>;

/**
 * Timeout shifts the expiry by the difference, and locks out when that has passed. Interval
 * starts a check now, even when it is what it was. Everything else counts from its next use.
 */
export function changeSetting(client: Client, change: SettingChange, now: Moment): Step {
  if (client.life.kind === 'removed') return step(client);
  const changed: Client = { ...client, settings: changedSettings(client.settings, change) };
  switch (change.property) {
    case 'Timeout':
      return endIfPassed(shiftLease(changed, change.value - client.settings.timeout), now);
    case 'Interval':
      return changed.life.kind === 'enabled'
        ? restartSchedule(changed, changed.life, now)
        : step(changed);
    default:
      return step(changed);
  }
}

function endIfPassed(client: Client, now: Moment): Step {
  const { life } = client;
  return life.kind === 'enabled' && hasExpired(life, now)
    ? lockOut(client, 'timeout-shortened')
    : step(client);
}

function changedSettings(settings: ClientSettings, change: SettingChange): ClientSettings {
  switch (change.property) {
    case 'Host':
      return { ...settings, host: change.value };
    case 'Checker':
      return { ...settings, checker: change.value };
    case 'ApprovedByDefault':
      return { ...settings, approvedByDefault: change.value };
    default:
      return { ...settings, [DURATIONS[change.property]]: change.value };
  }
}
