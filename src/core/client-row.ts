/** A client to its stored row and back, but for the time between (see restored-lease.ts). */
import { type Client, type Life, NOT_YET_CHECKED } from './client.ts';
import type { ClientSettings } from './client-settings.ts';
import type { Moment, StoredMoment } from './moment.ts';
import type { StoredClient, StoredLife, StoredSettings } from './stored-client.ts';
import { type WallTime, wallTime } from './time.ts';

/** What a row holds beside the client itself. */
export interface RowContext {
  /** The boot that `now` belongs to. */
  readonly bootId: string;
  /** What clients.conf said when the server started. */
  readonly written: Readonly<Record<string, string>>;
  /** Entries about this name in the ledger, one that is written with this row included. */
  readonly ledgerEntries: number;
}

export function storedMoment(now: Moment, bootId: string): StoredMoment {
  return { bootId, boot: now.boot, wall: now.wall };
}

export function toRow(client: Client, now: Moment, context: RowContext): StoredClient {
  return {
    name: client.settings.name,
    settings: storedSettings(client.settings),
    life: storedLife(client.life, now),
    savedAt: storedMoment(now, context.bootId),
    lastWatched: null,
    written: context.written,
    ledgerEntries: context.ledgerEntries,
    created: client.created,
    lastEnabled: client.lastEnabled,
    lastCheckedOk: client.lastCheckedOk,
    lastApprovalRequest: client.lastApprovalRequest,
    lastCheckerStatus: client.lastCheckerStatus,
  };
}

export function storedSettings(settings: ClientSettings): StoredSettings {
  const { name: _name, enabled: _enabled, ...stored } = settings;
  return stored;
}

function storedLife(life: Life, now: Moment): StoredLife {
  switch (life.kind) {
    case 'enabled': {
      // Rounded down: a restart loop must not gain half a millisecond each time either.
      const left = Math.max(0, Math.floor(life.expires.boot - now.boot));
      return { kind: 'enabled', left, graceUsed: life.graceUsed };
    }
    case 'disabled':
    case 'removed':
      return life;
  }
}

/** A client that nobody knew before, with the life it was decided to have. */
export function clientWithoutPast(settings: ClientSettings, life: Life, now: Moment): Client {
  return {
    settings,
    life,
    checker: { kind: 'idle' },
    checks: 0,
    decision: null,
    created: now.wall,
    lastEnabled: life.kind === 'enabled' ? now.wall : null,
    lastCheckedOk: null,
    lastApprovalRequest: null,
    lastCheckerStatus: NOT_YET_CHECKED,
  };
}

/** The client of a row, with the settings and the life it was decided to have. */
export function clientWithPast(row: StoredClient, settings: ClientSettings, life: Life): Client {
  return {
    settings,
    life,
    checker: { kind: 'idle' },
    checks: 0,
    decision: null,
    created: wallTime(row.created),
    lastEnabled: timeOrNull(row.lastEnabled),
    lastCheckedOk: timeOrNull(row.lastCheckedOk),
    lastApprovalRequest: timeOrNull(row.lastApprovalRequest),
    lastCheckerStatus: row.lastCheckerStatus,
  };
}

function timeOrNull(time: number | null): WallTime | null {
  return time === null ? null : wallTime(time);
}
