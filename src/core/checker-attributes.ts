import type { CheckerAttributes } from './checker-command.ts';
import type { Client } from './client.ts';

/**
 * What a checker may name of the client as it is now.
 * @param busPath the client's D-Bus object path; null where there is no D-Bus
 */
export function checkerAttributes(client: Client, busPath: string | null): CheckerAttributes {
  const { settings, life } = client;
  return {
    approval_delay: settings.approvalDelay,
    approval_duration: settings.approvalDuration,
    created: client.created,
    enabled: life.kind === 'enabled',
    expires: life.kind === 'enabled' ? life.expires.wall : null,
    key_id: settings.keyId ?? '',
    fingerprint: settings.fingerprint,
    host: settings.host,
    interval: settings.interval,
    last_approval_request: client.lastApprovalRequest,
    last_checked_ok: client.lastCheckedOk,
    last_enabled: client.lastEnabled,
    name: settings.name,
    timeout: settings.timeout,
    dbus_object_path: busPath,
  };
}
