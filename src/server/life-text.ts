import type { Client, LockOutReason } from '../core/client.ts';

/** Whether a client lives, and if not, why; for the log. */
export function lifeText({ settings: { name }, life }: Client): string {
  if (life.kind === 'enabled') return `client ${name} is enabled`;
  if (life.kind === 'removed') return `client ${name} was removed`;
  return `client ${name} is disabled${WHY[life.reason]}`;
}

const WHY: Readonly<Record<LockOutReason, string>> = {
  expired: ': it has been gone for too long',
  operator: '',
  configured: '',
  downtime: ': its time ran out while nobody watched',
  'timeout-shortened': ': its timeout was shortened below the time it has been gone',
  'state-lost': ': its state was lost',
};
