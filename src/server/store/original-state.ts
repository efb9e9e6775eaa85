/**
 * What the original keeps in `clients.pickle`: a pair of dictionaries, the clients as they are
 * and the settings as clients.conf had them. A client that is only in the second was removed
 * over D-Bus.
 */

import { parseKeyId } from '../../core/key-id.ts';
import type { StoredSettings } from '../../core/stored-client.ts';
import { LONGEST_SETTING } from '../../core/time.ts';
import { isKind, readPickle } from './pickle.ts';
import { bytesOf } from './pickle-call.ts';
import { PickleError, type PickleValue } from './pickle-value.ts';

export interface OriginalClient {
  readonly name: string;
  readonly settings: StoredSettings;
  readonly life:
    | { readonly kind: 'enabled'; readonly expires: number }
    | { readonly kind: 'disabled' }
    | { readonly kind: 'removed' };
  /** What clients.conf said, as `comparable` writes it; nothing about the secret is known. */
  readonly written: Readonly<Record<string, string>>;
  /** Null for a removed client. */
  readonly encryptedSecret: Uint8Array | null;
  /** Milliseconds since 1970. */
  readonly created: number | null;
  readonly lastEnabled: number | null;
  readonly lastCheckedOk: number | null;
  readonly lastApprovalRequest: number | null;
  readonly lastCheckerStatus: number;
}

/** Throws `PickleError` when anything in it is not as the original writes it. */
export function readOriginalState(bytes: Uint8Array): OriginalClient[] {
  const pair = readPickle(bytes);
  if (!isKind(pair, 'tuple') || pair.items.length !== 2) throw new PickleError('it is no pair');
  const [clients, settings] = pair.items.map((half) => new Fields('it', half));
  if (clients === undefined || settings === undefined) throw new PickleError('it is no pair');
  const configured = new Map(settings.entries());
  const present = [...clients.entries()].map(([name, fields]) =>
    presentClient(name, fields, configured.get(name)),
  );
  const removed = [...configured]
    .filter(([name]) => !clients.has(name))
    .map(([name, fields]) => removedClient(name, fields));
  return [...present, ...removed];
}

function presentClient(name: string, fields: Fields, file: Fields | undefined): OriginalClient {
  const enabled = fields.truth('enabled');
  return {
    name,
    settings: settingsIn(fields),
    life: enabled ? { kind: 'enabled', expires: expiry(fields) } : { kind: 'disabled' },
    written: file === undefined ? {} : writtenIn(file),
    encryptedSecret: fields.bytes('encrypted_secret'),
    created: fields.time('created'),
    lastEnabled: fields.time('last_enabled'),
    lastCheckedOk: fields.time('last_checked_ok'),
    lastApprovalRequest: fields.time('last_approval_request'),
    lastCheckerStatus: fields.whole('last_checker_status'),
  };
}

function removedClient(name: string, file: Fields): OriginalClient {
  return {
    name,
    settings: settingsIn(file),
    life: { kind: 'removed' },
    written: writtenIn(file),
    encryptedSecret: null,
    created: null,
    lastEnabled: null,
    lastCheckedOk: null,
    lastApprovalRequest: null,
    lastCheckerStatus: file.whole('last_checker_status'),
  };
}

function expiry(fields: Fields): number {
  const expires = fields.time('expires');
  if (expires === null) throw fields.error('expires');
  return expires;
}

function settingsIn(fields: Fields): StoredSettings {
  const key = parseKeyId(fields.text('key_id'));
  return {
    keyId: key.kind === 'key-id' ? key.keyId : null,
    fingerprint: fields.text('fingerprint'),
    host: fields.text('host'),
    checker: fields.text('checker_command'),
    timeout: fields.duration('timeout'),
    extendedTimeout: fields.duration('extended_timeout'),
    interval: fields.duration('interval'),
    approvalDelay: fields.duration('approval_delay'),
    approvalDuration: fields.duration('approval_duration'),
    approvedByDefault: fields.truth('approved_by_default'),
  };
}

function writtenIn(fields: Fields): Record<string, string> {
  const settings = settingsIn(fields);
  return {
    key_id: settings.keyId ?? '',
    fingerprint: settings.fingerprint,
    host: settings.host,
    checker: settings.checker,
    timeout: String(settings.timeout),
    extended_timeout: String(settings.extendedTimeout),
    interval: String(settings.interval),
    approval_delay: String(settings.approvalDelay),
    approval_duration: String(settings.approvalDuration),
    approved_by_default: String(settings.approvedByDefault),
    // One that was written here leaves out what it cannot know.
    ...(fields.has('enabled') ? { enabled: String(fields.truth('enabled')) } : {}),
  };
}

/** A dictionary, asked for what must be in it. */
class Fields {
  readonly #owner: string;
  readonly #items: ReadonlyMap<string, PickleValue>;

  constructor(owner: string, value: PickleValue) {
    if (!isKind(value, 'dict')) throw new PickleError(`${owner} is no dictionary`);
    this.#owner = owner;
    this.#items = value.items;
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  *entries(): Generator<[string, Fields]> {
    for (const [name, value] of this.#items) {
      yield [name, new Fields(`client ${JSON.stringify(name)}`, value)];
    }
  }

  text(name: string): string {
    const value = this.#items.get(name);
    // The original has no host when none is configured.
    if (name === 'host' && value === null) return '';
    if (typeof value !== 'string') throw this.error(name);
    return value;
  }

  truth(name: string): boolean {
    const value = this.#items.get(name);
    if (typeof value !== 'boolean') throw this.error(name);
    return value;
  }

  whole(name: string): number {
    const value = this.#items.get(name);
    if (!Number.isSafeInteger(value)) throw this.error(name);
    return Number(value);
  }

  bytes(name: string): Uint8Array {
    const value = this.#items.get(name);
    if (!isKind(value, 'bytes')) throw this.error(name);
    return bytesOf(value);
  }

  time(name: string): number | null {
    const value = this.#items.get(name);
    if (value === null) return null;
    if (!isKind(value, 'datetime')) throw this.error(name);
    return value.milliseconds;
  }

  duration(name: string): number {
    const value = this.#items.get(name);
    if (!isKind(value, 'timedelta')) throw this.error(name);
    const { milliseconds } = value;
    if (!(milliseconds >= 0 && milliseconds <= LONGEST_SETTING)) throw this.error(name);
    return milliseconds;
  }

  error(name: string): PickleError {
    return new PickleError(`${this.#owner} has no proper ${name}`);
  }
}
