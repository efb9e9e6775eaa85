/** Takes the original's state over: `clients.pickle` becomes rows of ours (COMPATIBILITY.md). */
import { statSync } from 'node:fs';
import type { LockOutReason } from '../../core/client.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { StoredMoment } from '../../core/moment.ts';
import type { StoredClient, StoredLife } from '../../core/stored-client.ts';
import type { NameState } from './ledger-record.ts';
import { type OriginalClient, readOriginalState } from './original-state.ts';
import { PickleError } from './pickle-value.ts';
import { emptyImage, type StateImage } from './replacement-state.ts';
import type { Row } from './row-format.ts';
import { keepOriginal } from './sealed-secret.ts';

/** Far more than a state of the original with 10,000 clients. */
const LARGEST = 256 * 1024 * 1024;

/**
 * The state in the pickle at `path`. The file's own time is the original's last sign of life.
 * Throws `MandosError` when it cannot be read whole: who is dead is then unknown.
 */
export function importPickle(path: string, bytes: Uint8Array, now: StoredMoment): StateImage {
  if (bytes.length > LARGEST) throw unreadable(path, 'it is too large');
  const sign: StoredMoment = { bootId: '', boot: 0, wall: Math.floor(statSync(path).mtimeMs) };
  let clients: readonly OriginalClient[];
  try {
    clients = readOriginalState(bytes);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw unreadable(path, error.message);
  }
  const image = emptyImage('clients.pickle', true, now, []);
  const rows = new Map<string, Row>();
  for (const client of clients) {
    const { encryptedSecret } = client;
    const sealed = encryptedSecret === null ? null : keepOriginal(encryptedSecret);
    rows.set(client.name, { client: storedClient(client, sign), sealed });
  }
  return { ...image, names: [...rows.values()].map(({ client }) => nameState(client)), rows, sign };
}

function storedClient(original: OriginalClient, savedAt: StoredMoment): StoredClient {
  const { name, settings, written, created, lastEnabled } = original;
  const { lastCheckedOk, lastApprovalRequest, lastCheckerStatus } = original;
  return {
    name,
    settings,
    life: storedLife(original, savedAt),
    savedAt,
    lastWatched: null,
    written,
    ledgerEntries: 1,
    created: created ?? savedAt.wall,
    lastEnabled,
    lastCheckedOk,
    lastApprovalRequest,
    lastCheckerStatus,
  };
}

function storedLife({ life, written }: OriginalClient, savedAt: StoredMoment): StoredLife {
  switch (life.kind) {
    case 'removed':
      return life;
    case 'enabled': {
      const left = Math.max(0, Math.floor(life.expires - savedAt.wall));
      return { kind: 'enabled', left, graceUsed: false };
    }
    case 'disabled': {
      // The original does not store why.
      const reason: LockOutReason = written.enabled === 'false' ? 'configured' : 'expired';
      return { kind: 'disabled', reason };
    }
  }
}

function nameState({ name, life, ledgerEntries: entries }: StoredClient): NameState {
  switch (life.kind) {
    case 'enabled':
      return { name, standing: 'alive', reason: null, entries };
    case 'disabled':
      return { name, standing: 'locked-out', reason: life.reason, entries };
    case 'removed':
      return { name, standing: 'removed', reason: null, entries };
  }
}

function unreadable(path: string, what: string): MandosError {
  return new MandosError('file-unreadable', `cannot read '${path}': ${what}`, {
    exitCode: ExitStatus.dataError,
  });
}
