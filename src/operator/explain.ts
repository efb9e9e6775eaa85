/**
 * Whether a client would get its secret if it asked now, from what the server shows of it on
 * D-Bus: the operator's view of `core/approval.ts`.
 *
 * Two things are not shown there. An approval or a denial holds for `approval_duration`, and
 * answers before all else that is said here of an enabled client; the sentences say so. And the
 * server counts a lease on a clock that nobody can set: as long as it says "enabled" the client
 * is, even where `Expires` has passed by the wall clock.
 *
 * Nor does D-Bus tell our server from the original's. Where they differ (SECURITY.md), the
 * prospect is that on ours, and the sentence names both.
 */
import { type KeyId, parseKeyId } from '../core/key-id.ts';
import type { WallTime } from '../core/time.ts';
import { plainDuration } from './plain-duration.ts';
import { type ClientView, viewedTime } from './server/client-view.ts';

/**
 * - `yes`: at once.
 * - `no`: refused at once.
 * - `yes-by-default`, `no-by-default`: it waits for an operator's decision, and gets that if
 *   nobody decides.
 * - `expires-first`: it waits, and its life ends before the wait does, unless it is renewed.
 */
export type Prospect = 'yes' | 'no' | 'yes-by-default' | 'no-by-default' | 'expires-first';

export interface Explanation {
  readonly prospect: Prospect;
  /** One plain sentence; may hold text from outside as it is. */
  readonly sentence: string;
}

/** Which clients of a server claim which key. */
export class KeyOwners {
  readonly #owners = new Map<KeyId, ClientView[]>();

  /** @param clients all of the server's */
  constructor(clients: Iterable<ClientView>) {
    for (const client of clients) {
      const key = parseKeyId(client.KeyID);
      if (key.kind !== 'key-id') continue;
      const owners = this.#owners.get(key.keyId);
      if (owners === undefined) this.#owners.set(key.keyId, [client]);
      else owners.push(client);
    }
  }

  /** Another client that claims the key, if there is one. */
  otherOwner(keyId: KeyId, client: ClientView): ClientView | undefined {
    return this.#owners.get(keyId)?.find(({ path }) => path !== client.path);
  }
}

/** What would come of it if the client asked at `now`. */
export function explain(client: ClientView, owners: KeyOwners, now: WallTime): Explanation {
  const { Name: name } = client;
  if (!client.Enabled) {
    return no(`${name} is disabled until an operator enables it; ${lastAlive(client)}.`);
  }
  const key = keyTrouble(client, owners);
  if (key !== null) return no(`${name} is enabled, but ${key}.`);
  return client.ApprovalDelay === 0 ? atOnce(client, now) : afterWait(client, now);
}

function no(reason: string): Explanation {
  return { prospect: 'no', sentence: `No: ${reason}` };
}

function lastAlive(client: ClientView): string {
  const time = viewedTime(client.LastCheckedOK);
  return time === null
    ? 'no check has ever succeeded'
    : `the last sign of life was at ${shown(time)}`;
}

/** Why the server gives nothing to the owner of this key (S5). */
function keyTrouble(client: ClientView, owners: KeyOwners): string | null {
  const key = parseKeyId(client.KeyID);
  switch (key.kind) {
    case 'empty':
      return 'it has no key ID, so nobody can prove to be it';
    case 'malformed':
      return 'what it has for a key ID is none, so nobody can prove to be it';
    case 'shared':
      return 'its key ID is one that many broken clients show, and is refused';
    case 'key-id': {
      const other = owners.otherOwner(key.keyId, client);
      if (other === undefined) return null;
      return `${other.Name} has the same key ID, and a key that two claim is refused (the original's server serves one of them)`;
    }
  }
}

function atOnce(client: ClientView, now: WallTime): Explanation {
  const { Name: name } = client;
  const life = lifeOf(client, now);
  if (client.ApprovedByDefault) {
    const when = "at once, unless an operator's denial still holds";
    return { prospect: 'yes', sentence: `Yes: ${name} would get its secret ${when}; ${life}.` };
  }
  return no(
    `${name} is denied by default, and is given no time in which an operator could approve it, ` +
      "unless an earlier approval still holds (the original's server gives it the secret all the " +
      `same); ${life}.`,
  );
}

function afterWait(client: ClientView, now: WallTime): Explanation {
  const { Name: name, ApprovalDelay: delay } = client;
  const life = lifeOf(client, now);
  const wait = `${plainDuration(delay)} for an operator to decide${pending(client)}`;
  const waits = `${name} would wait ${wait}, unless an earlier decision still holds`;
  if (!client.ApprovedByDefault) {
    const sentence = `No, unless approved: ${waits}, and then be refused; ${life}.`;
    return { prospect: 'no-by-default', sentence };
  }
  const expires = viewedTime(client.Expires);
  // A clock that was set says nothing about how long the client has left.
  if (expires !== null && expires > now && expires - now <= delay) {
    const sentence = `No, unless approved or checked in time: ${waits}, and is to expire before; ${life}.`;
    return { prospect: 'expires-first', sentence };
  }
  const sentence = `Yes, unless denied: ${waits}, and then get its secret; ${life}.`;
  return { prospect: 'yes-by-default', sentence };
}

function pending({ ApprovalPending, LastApprovalRequest }: ClientView): string {
  const asked = viewedTime(LastApprovalRequest);
  if (!ApprovalPending) return '';
  return asked === null ? ' (it waits now)' : ` (it waits now, and asked last at ${shown(asked)})`;
}

function lifeOf(client: ClientView, now: WallTime): string {
  const expires = viewedTime(client.Expires);
  if (expires === null) return 'it is enabled, and the server does not say until when';
  const until = `it is enabled until ${shown(expires)}`;
  return expires > now
    ? `${until}, and longer with every successful check`
    : `${until}, which has passed: either the server is about to notice, or a clock was set`;
}

/** `2026-11-29 10:16:27 UTC` */
function shown(time: WallTime): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
