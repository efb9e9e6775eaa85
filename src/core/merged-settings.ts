/**
 * Which settings a client starts with: a value that was changed in clients.conf since the last
 * start wins over the stored one, otherwise the stored one wins (mandos(8), "PERSISTENT STATE").
 */
import type { ClientSettings } from './client-settings.ts';
import type { StoredClient } from './stored-client.ts';
import { milliseconds } from './time.ts';

/** What clients.conf says now, as text by option name; equal values are equal texts. */
export type Written = Readonly<Record<string, string>>;

export function mergedSettings(
  file: ClientSettings,
  written: Written,
  row: StoredClient,
): ClientSettings {
  const kept = (option: string): boolean => !isChanged(option, written, row);
  const stored = row.settings;
  return {
    // The key and the fingerprint cannot be changed but in the file.
    ...file,
    ...(kept('host') && { host: stored.host }),
    ...(kept('checker') && { checker: stored.checker }),
    ...(kept('timeout') && { timeout: milliseconds(stored.timeout) }),
    ...(kept('extended_timeout') && { extendedTimeout: milliseconds(stored.extendedTimeout) }),
    ...(kept('interval') && { interval: milliseconds(stored.interval) }),
    ...(kept('approval_delay') && { approvalDelay: milliseconds(stored.approvalDelay) }),
    ...(kept('approval_duration') && { approvalDuration: milliseconds(stored.approvalDuration) }),
    ...(kept('approved_by_default') && { approvedByDefault: stored.approvedByDefault }),
  };
}

/** Whether the secret in the file wins over the stored one. */
export function isSecretChanged(written: Written, row: StoredClient): boolean {
  return isChanged('secret', written, row);
}

/**
 * The operator's act of changing `enabled` in the file (F1). A row that does not tell what the
 * file said before is no sign of a change.
 */
export function changeOfEnabled(written: Written, row: StoredClient): 'to yes' | 'to no' | 'none' {
  const before = row.written.enabled;
  const now = written.enabled;
  if (before === undefined || now === undefined || before === now) return 'none';
  return now === 'true' ? 'to yes' : 'to no';
}

function isChanged(option: string, written: Written, row: StoredClient): boolean {
  return row.written[option] !== written[option];
}
