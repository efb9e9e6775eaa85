/**
 * Our state as the original reads it: who is dead here is dead there (F1); settings and secrets go
 * along. Seen with 1.8.16, and minded here:
 *
 *   - It removes the file and then goes on starting; what ends it after that revives everybody at
 *     the next start. So every name is in both halves of the pair; a removed client is in it as
 *     a disabled one (else it ends when the section was taken out), and a disabled client has a
 *     time to expire (else it ends when the section says enabled again).
 *   - A client whose time is over lives on if its last check succeeded. So one that has had such a
 *     grace already (F3) is said to be not yet checked.
 *   - Where clients.conf differs from the second half, it wins over the first. So what the second
 *     half cannot know is as in the first; `enabled` is left out, and then that of the first
 *     counts.
 *   - Its timers end at 2^32 ms; a client with a longer time would never be locked out, or
 *     end the server.
 */
import { NOT_YET_CHECKED } from '../../core/client.ts';
import { type LedgerState, NOT_IN_LEDGER } from '../../core/ledger-entry.ts';
import type { StoredMoment } from '../../core/moment.ts';
import { restoredLease } from '../../core/restored-lease.ts';
import type { StoredClient } from '../../core/stored-client.ts';
import { milliseconds } from '../../core/time.ts';
import { dict, type Fields, LAST_TIME, limited, settingsFields, time } from './original-fields.ts';
import type { PickleValue } from './pickle-value.ts';
import type { StateContent } from './state-content.ts';

/**
 * The pair that `clients.pickle` is: the clients, and the settings as clients.conf had them.
 *
 * @param content as it would be after a start now (`contentAfter`)
 * @param secrets as the original stores them; by client, all others have that of clients.conf
 */
export function stateForOriginal(
  content: StateContent,
  secrets: ReadonlyMap<string, Uint8Array>,
  now: StoredMoment,
): PickleValue {
  const clients = new Map<string, PickleValue>();
  const settings = new Map<string, PickleValue>();
  for (const name of new Set([...content.rows.keys(), ...content.known.keys()])) {
    const known = content.known.get(name) ?? NOT_IN_LEDGER;
    const row = content.rows.get(name)?.client;
    if (row === undefined && known.standing === 'unknown') continue;
    const client = row ?? nobody(name, now);
    const believed = known.standing !== 'unknown' && client.ledgerEntries === known.entries;
    const life = believed ? lifeOf(client, known, content.lastSign, now) : DEAD;
    clients.set(name, dict(clientFields(client, life, secrets.get(name))));
    const enabled = known.standing === 'removed' || !believed ? undefined : client.written.enabled;
    settings.set(name, dict(writtenFields(client, enabled)));
  }
  return { kind: 'tuple', items: [dict(clients), dict(settings)] };
}

interface Life {
  readonly enabled: boolean;
  /** Wall clock, milliseconds since 1970. */
  readonly expires: number;
  readonly graceUsed: boolean;
}

/** The time counts only when an operator enables it in clients.conf. */
const DEAD: Life = { enabled: false, expires: LAST_TIME, graceUsed: false };

function lifeOf(
  client: StoredClient,
  { standing }: LedgerState,
  lastSign: StoredMoment,
  now: StoredMoment,
): Life {
  if (standing !== 'alive' || client.life.kind !== 'enabled') return DEAD;
  const lease = restoredLease(client, lastSign, now, milliseconds(client.settings.timeout));
  if (lease.kind !== 'left') return DEAD;
  const expires = Math.min(now.wall + lease.left, LAST_TIME);
  return { enabled: true, expires, graceUsed: client.life.graceUsed };
}

function clientFields(client: StoredClient, life: Life, secret: Uint8Array | undefined): Fields {
  const { lastCheckerStatus } = client;
  return {
    ...settingsFields(limited(client.settings)),
    name: client.name,
    // Without one, or with one that does not open, it takes that of clients.conf.
    encrypted_secret: { kind: 'bytes', text: Buffer.from(secret ?? []).toString('latin1') },
    enabled: life.enabled,
    expires: time(life.expires),
    created: time(client.created),
    last_enabled: time(client.lastEnabled),
    last_checked_ok: time(client.lastCheckedOk),
    last_approval_request: time(client.lastApprovalRequest),
    last_checker_status: life.graceUsed ? NOT_YET_CHECKED : lastCheckerStatus,
    // It makes its own.
    client_structure: { kind: 'list', items: [] },
  };
}

/** @param enabled what clients.conf said; undefined when that is not known */
function writtenFields({ settings, written }: StoredClient, enabled: string | undefined): Fields {
  const number = (option: string, otherwise: number): number => {
    const value = Number(written[option] ?? Number.NaN);
    return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
  };
  const approved = written.approved_by_default ?? String(settings.approvedByDefault);
  return {
    ...settingsFields({
      keyId: written.key_id ?? settings.keyId,
      fingerprint: written.fingerprint ?? settings.fingerprint,
      host: written.host ?? settings.host,
      checker: written.checker ?? settings.checker,
      timeout: number('timeout', settings.timeout),
      extendedTimeout: number('extended_timeout', settings.extendedTimeout),
      interval: number('interval', settings.interval),
      approvalDelay: number('approval_delay', settings.approvalDelay),
      approvalDuration: number('approval_duration', settings.approvalDuration),
      approvedByDefault: approved === 'true',
    }),
    ...(enabled === undefined ? {} : { enabled: enabled === 'true' }),
    last_approval_request: null,
    last_checked_ok: null,
    last_checker_status: NOT_YET_CHECKED,
  };
}

/** Of somebody of whom only the name is known: whatever clients.conf says is another value. */
function nobody(name: string, now: StoredMoment): StoredClient {
  return {
    name,
    settings: {
      ...{ keyId: null, fingerprint: '', host: '', checker: '', approvedByDefault: false },
      ...{ timeout: 0, extendedTimeout: 0, interval: 0, approvalDelay: 0, approvalDuration: 0 },
    },
    life: { kind: 'disabled', reason: 'state-lost' },
    savedAt: now,
    lastWatched: null,
    written: {},
    ledgerEntries: -1,
    created: now.wall,
    ...{ lastEnabled: null, lastCheckedOk: null, lastApprovalRequest: null },
    lastCheckerStatus: NOT_YET_CHECKED,
  };
}
