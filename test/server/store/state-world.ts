import { cp, rm } from 'node:fs/promises';
import { parseClientsConf } from '../../../src/config/clients-conf.ts';
import type { LockOutReason } from '../../../src/core/client.ts';
import type { LedgerChange, LedgerEntry } from '../../../src/core/ledger-entry.ts';
import type { Moment, StoredMoment } from '../../../src/core/moment.ts';
import type { StoredClient, StoredLife } from '../../../src/core/stored-client.ts';
import { instant, wallTime } from '../../../src/core/time.ts';
import type { Job } from '../../../src/server/store/job.ts';
import { isStrict } from '../../../src/server/store/ledger-record.ts';
import { type OpenState, openState } from '../../../src/server/store/open-state.ts';
import type { StoreChange } from '../../../src/server/store/pending-changes.ts';
import type { Row } from '../../../src/server/store/row-format.ts';
import { type StartedClients, startClients } from '../../../src/server/store/start-clients.ts';
import { carryOut } from '../../../src/server/store/state-writer.ts';
import { memoryFiles } from '../../config/memory-files.ts';

export const BOOT = 'b0075eed-0000-4000-8000-000000000000';
const START = Date.UTC(2026, 5, 1);

/** `seconds` after the beginning of the story, on both clocks. */
export function storyMoment(seconds: number): Moment {
  return { boot: instant(seconds * 1000), wall: wallTime(START + seconds * 1000) };
}

export function storedAt(seconds: number): StoredMoment {
  return { bootId: BOOT, ...storyMoment(seconds) };
}

/** A section of clients.conf; `more` are further lines. */
export function sectionText(name: string, number: number, more = ''): string {
  const key = number.toString(16).padStart(64, '0');
  const secret = Buffer.from(`the blob of ${name}`).toString('base64');
  return `[${name}]\nkey_id = ${key}\nsecret = ${secret}\ninterval = PT1H\n${more}\n`;
}

export function confOf(...names: readonly string[]): string {
  return names.map((name, index) => sectionText(name, index + 1)).join('');
}

export interface StartOptions {
  /** In seconds. */
  readonly at?: number;
  readonly restore?: boolean;
}

/** A start of the server, as far as the state is concerned, without its thread. */
export class StateStart implements Disposable {
  readonly state: OpenState;
  readonly started: StartedClients;
  readonly #rows = new Map<string, Row>();
  readonly #at: number;

  private constructor(state: OpenState, started: StartedClients, at: number) {
    this.state = state;
    this.started = started;
    this.#at = at;
    for (const [name, row] of state.content.rows) this.#rows.set(name, row);
  }

  static async at(
    directory: string,
    conf: string,
    options: StartOptions = {},
  ): Promise<StateStart> {
    const at = options.at ?? 0;
    const state = openState(directory, storedAt(at));
    const started = await startClients(
      parseClientsConf('clients.conf', Buffer.from(conf), memoryFiles()),
      state.content,
      { now: storyMoment(at), bootId: BOOT, random: () => 0.5, restore: options.restore ?? true },
    );
    return new StateStart(state, started, at);
  }

  /** What is served, by name: `enabled`, or why it is not. */
  get lives(): Record<string, 'enabled' | 'removed' | LockOutReason> {
    return Object.fromEntries(
      this.started.clients.map(({ client: { settings, life } }) => [
        settings.name,
        life.kind === 'disabled' ? life.reason : life.kind,
      ]),
    );
  }

  get alive(): string[] {
    return Object.entries(this.lives).flatMap(([name, life]) => (life === 'enabled' ? [name] : []));
  }

  /** Everything in `text` that was told the operator. */
  get told(): string {
    const { problems, notices } = this.state.content;
    return [...problems, ...notices, ...this.started.notices].join('\n');
  }

  /** Makes what the start decided durable, as the server does before it serves anybody. */
  settle(): this {
    this.write(this.started.changes, this.started.complete);
    return this;
  }

  write(changes: readonly StoreChange[], complete = false): void {
    const outcome = carryOut(this.job(changes, complete), this.state);
    if (outcome.kind === 'failed') throw new Error(outcome.reason);
  }

  job(changes: readonly StoreChange[], complete = false): Job {
    const entries: LedgerEntry[] = [];
    const rows = new Map<string, Row | null>();
    for (const { name, row, sealed, ledger } of changes) {
      if (ledger !== null) entries.push({ name, at: storedAt(this.#at).wall, change: ledger });
      if (row === null) rows.set(name, null);
      else if (row !== undefined) rows.set(name, this.#row(row, sealed, entries));
    }
    for (const [name, row] of rows) if (row !== null) this.#rows.set(name, row);
    const strict = entries.filter(({ change }) => isStrict(change));
    const loose = entries.filter(({ change }) => !isStrict(change));
    return { strict, rows, loose, complete, sign: storedAt(this.#at) };
  }

  /** The change that gives a client another life, with what the ledger says about it. */
  change(name: string, life: StoredLife, ledger: LedgerChange): StoreChange {
    return { name, row: { ...this.rowOf(name), life }, ledger };
  }

  rowOf(name: string): StoredClient {
    const row = this.#rows.get(name)?.client;
    if (row === undefined) throw new Error(`there is no row of ${name}`);
    return row;
  }

  lockOut(name: string, reason: LockOutReason = 'expired'): void {
    this.write([this.change(name, { kind: 'disabled', reason }, { kind: 'locked-out', reason })]);
  }

  enable(name: string): void {
    const life = { kind: 'enabled', left: 7_200_000, graceUsed: true } as const;
    this.write([this.change(name, life, { kind: 'enabled', by: 'd-bus' })]);
  }

  remove(name: string): void {
    this.write([this.change(name, { kind: 'removed' }, { kind: 'removed' })]);
  }

  #row(client: StoredClient, sealed: Row['sealed'] | undefined, entries: LedgerEntry[]): Row {
    const before = this.state.ledger.summary.names.get(client.name)?.entries ?? 0;
    const ledgerEntries = before + entries.filter(({ name }) => name === client.name).length;
    const kept = sealed === undefined ? (this.#rows.get(client.name)?.sealed ?? null) : sealed;
    return { client: { ...client, ledgerEntries }, sealed: kept };
  }

  [Symbol.dispose](): void {
    this.state.database[Symbol.dispose]();
    this.state.ledger[Symbol.dispose]();
    for (const { secret, sealing } of this.started.clients) {
      secret[Symbol.dispose]();
      sealing[Symbol.dispose]();
    }
  }
}

/** A fresh copy of a state directory, as a crash at this moment would leave it. */
export async function copyState(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
}
