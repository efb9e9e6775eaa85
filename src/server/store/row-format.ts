/** A client as the database keeps it: JSON, the sealed secret, and a checksum over all of it (F1). */
import { hash } from 'node:crypto';
import type { StoredMoment } from '../../core/moment.ts';
import type { StoredClient, StoredLife, StoredSettings } from '../../core/stored-client.ts';
import { isNullOr, isNumber, isObject, isText, isWhole, parseJson } from './json-shape.ts';
import { isReason } from './ledger-record.ts';

/** One row of the database. */
export interface Row {
  readonly client: StoredClient;
  /** The secret, if it is another one than in clients.conf; see sealed-secret.ts. */
  readonly sealed: Uint8Array | null;
}

/** The server's last sign of life, and whose it is: the store that the ledger belongs to. */
export interface Sign {
  readonly store: string;
  readonly moment: StoredMoment;
  /** How long the ledger was at least; a shorter one has lost what was durable. */
  readonly ledgerLength: number;
}

/** What is stored beside a row; nothing can move from one part of it to the next. */
export function checksum(key: string, body: string, sealed: Uint8Array | null): Buffer {
  const head = JSON.stringify([key, body, sealed === null ? null : sealed.length]);
  return hash('sha256', Buffer.concat([Buffer.from(head), sealed ?? Buffer.alloc(0)]), 'buffer');
}

/** The database's key for a client: any name, with any character, as plain text. */
export function keyOf(name: string): string {
  return JSON.stringify(name);
}

/** The client in a row's text; null when it is none. Never throws. */
export function readClient(body: string): StoredClient | null {
  const value = parseJson(body);
  return isClient(value) ? value : null;
}

/** As `readClient`, for the last sign of life. */
export function readSign(body: string): Sign | null {
  const value = parseJson(body);
  if (!isObject(value) || !isText(value.store) || !isMoment(value.moment)) return null;
  if (!isWhole(value.ledgerLength)) return null;
  return { store: value.store, moment: value.moment, ledgerLength: value.ledgerLength };
}

function isClient(value: unknown): value is StoredClient {
  return (
    isObject(value) &&
    isText(value.name) &&
    isSettings(value.settings) &&
    isLife(value.life) &&
    isMoment(value.savedAt) &&
    isNullOr(isMoment, value.lastWatched) &&
    isObject(value.written) &&
    Object.values(value.written).every(isText) &&
    isWhole(value.ledgerEntries) &&
    isNumber(value.created) &&
    isNullOr(isNumber, value.lastEnabled) &&
    isNullOr(isNumber, value.lastCheckedOk) &&
    isNullOr(isNumber, value.lastApprovalRequest) &&
    isWhole(value.lastCheckerStatus)
  );
}

function isSettings(value: unknown): value is StoredSettings {
  return (
    isObject(value) &&
    isNullOr(isText, value.keyId) &&
    [value.fingerprint, value.host, value.checker].every(isText) &&
    [value.timeout, value.extendedTimeout, value.interval].every(isLength) &&
    [value.approvalDelay, value.approvalDuration].every(isLength) &&
    typeof value.approvedByDefault === 'boolean'
  );
}

function isLife(value: unknown): value is StoredLife {
  if (!isObject(value)) return false;
  switch (value.kind) {
    case 'enabled':
      return isLength(value.left) && typeof value.graceUsed === 'boolean';
    case 'disabled':
      return isReason(value.reason);
    case 'removed':
      return true;
    default:
      return false;
  }
}

function isLength(value: unknown): value is number {
  return isWhole(value) && value >= 0;
}

function isMoment(value: unknown): value is StoredMoment {
  return isObject(value) && isText(value.bootId) && isNumber(value.boot) && isNumber(value.wall);
}
