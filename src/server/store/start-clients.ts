/**
 * Who the clients are when the server starts: clients.conf merged with the stored state
 * (mandos(8), "PERSISTENT STATE"; F1, F3, F4). Decides nothing itself: `startClient` of the
 * core does, for each name.
 */
import { type ClientSection, type ClientsConf, isGone } from '../../config/clients-conf.ts';
import type { Client } from '../../core/client.ts';
import { toRow } from '../../core/client-row.ts';
import { type StartRow, type StartSection, startClient } from '../../core/client-start.ts';
import { type LedgerChange, type LedgerState, NOT_IN_LEDGER } from '../../core/ledger-entry.ts';
import type { Moment } from '../../core/moment.ts';
import type { Blob } from '../../core/secret.ts';
import { lifeText } from '../life-text.ts';
import { openOriginalSecret } from './original-secret.ts';
import type { StoreChange } from './pending-changes.ts';
import { originalMessage, SealingKey } from './sealed-secret.ts';
import type { StateContent } from './state-content.ts';

export interface StartClientsContext {
  readonly now: Moment;
  readonly bootId: string;
  /** 0 ≤ random < 1, another at every call. */
  readonly random: () => number;
  /** False for `--no-restore`: everybody's past is forgotten. */
  readonly restore: boolean;
}

/** A client to be served. Its secret and key are the caller's to dispose of. */
export interface StartedClient {
  readonly client: Client;
  readonly secret: Blob;
  /** For secrets that are set while the server runs. */
  readonly sealing: SealingKey;
  /** For its row, with every change. */
  readonly written: Readonly<Record<string, string>>;
}

export interface StartedClients {
  readonly clients: readonly StartedClient[];
  /** All of it is to be durable before anybody is served (F2). */
  readonly changes: readonly StoreChange[];
  /** Afterwards, whether `Store.markComplete` may be called: every name is known now. */
  readonly complete: boolean;
  /** For the log: whom the server forgets or does not serve, and why. */
  readonly notices: readonly string[];
}

/** Takes the secrets of `conf` over: they go to the started clients, or are wiped. */
export async function startClients(
  conf: ClientsConf,
  content: StateContent,
  context: StartClientsContext,
): Promise<StartedClients> {
  const clients: StartedClient[] = [];
  const changes: StoreChange[] = [];
  const notices: string[] = [];
  const sections = new Map(conf.sections.map((section) => [section.name, section]));
  const names = new Set([...sections.keys(), ...content.known.keys(), ...content.rows.keys()]);
  for (const name of names) {
    const past = context.restore ? pastOf(name, content) : NO_PAST;
    if (!context.restore) forget(name, content, changes, notices);
    const section = sections.get(name);
    if (section?.kind === 'client') {
      const started = await startSection(section, past, content.lastSign, context);
      changes.push(...started.changes);
      notices.push(...started.notices);
      if (started.client !== null) clients.push(started.client);
    } else {
      const gone = section === undefined && isGone(conf, name);
      const { change, notice } = leaveOut(name, gone, past, content.lastSign, context);
      if (change !== null) changes.push(change);
      if (notice !== null) notices.push(notice);
    }
  }
  const everyNameSeen = conf.complete && !conf.empty && conf.doubtfulNames.size === 0;
  return { clients, changes, notices, complete: everyNameSeen && !content.complete };
}

/** What is known about a name. */
interface Past {
  readonly stored: StartRow;
  readonly sealed: Uint8Array | null;
  readonly known: LedgerState;
}

const NO_PAST: Past = { stored: { kind: 'none' }, sealed: null, known: NOT_IN_LEDGER };

function pastOf(name: string, { rows, known, complete }: StateContent): Past {
  const row = rows.get(name);
  const state = known.get(name) ?? NOT_IN_LEDGER;
  if (row !== undefined) {
    return { stored: { kind: 'row', row: row.client }, sealed: row.sealed, known: state };
  }
  // Without a whole ledger an unknown name may be that of a dead client (F1).
  const stored: StartRow = { kind: complete ? 'none' : 'damaged' };
  return { stored, sealed: null, known: state };
}

/** `--no-restore`: an operator's act, told for everybody it concerns (F1). */
function forget(
  name: string,
  { rows, known }: StateContent,
  changes: StoreChange[],
  notices: string[],
): void {
  const standing = known.get(name)?.standing ?? 'unknown';
  if (standing === 'unknown' && !rows.has(name)) return;
  const ledger = { kind: 'forgotten', why: 'no-restore' } as const;
  changes.push({ name, row: null, ledger });
  notices.push(`forgetting client ${quoted(name)}, which was ${standing} (no restore)`);
}

interface StartedSection {
  readonly client: StartedClient | null;
  readonly changes: readonly StoreChange[];
  readonly notices: readonly string[];
}

async function startSection(
  section: Extract<ClientSection, { kind: 'client' }>,
  past: Past,
  lastSign: StateContent['lastSign'],
  context: StartClientsContext,
): Promise<StartedSection> {
  const { name, settings, blob } = section;
  const written = Object.fromEntries(section.written);
  const sealing = SealingKey.from(blob);
  const secret = await storedSecret(name, past, written, blob, sealing);
  const startSection: StartSection = { kind: 'good', settings, written };
  const { now, bootId } = context;
  const random = context.random();
  const outcome = startClient(startSection, secret.stored, past.known, {
    ...{ now, bootId, lastSign, random },
  });
  if (outcome.kind === 'client') {
    const { client, ledger } = outcome;
    const row = toRow(client, now, { bootId, written, ledgerEntries: 0 });
    const kept = outcome.secret === 'stored' ? secret.blob : null;
    const sealed = kept === null ? null : sealing.seal(name, kept);
    const unused = kept === null ? secret.blob : blob;
    unused?.[Symbol.dispose]();
    const started = { client, secret: kept ?? blob, sealing, written };
    return {
      client: started,
      changes: [{ name, row, sealed, ledger }],
      notices: lifeNotice(client, ledger),
    };
  }
  blob[Symbol.dispose]();
  secret.blob?.[Symbol.dispose]();
  sealing[Symbol.dispose]();
  const row = outcome.kind === 'not-served' ? (outcome.row ?? undefined) : null;
  const notice =
    `client ${quoted(name)} was removed over D-Bus and is not served; ` +
    'to have it back, leave its section out for one start';
  return { client: null, changes: [{ name, row, ledger: outcome.ledger }], notices: [notice] };
}

interface StoredSecret {
  /** The row, as far as its secret lets it be believed. */
  readonly stored: StartRow;
  /** Null when the secret is that of clients.conf. */
  readonly blob: Blob | null;
}

async function storedSecret(
  name: string,
  { stored, sealed }: Past,
  written: Readonly<Record<string, string>>,
  configured: Blob,
  sealing: SealingKey,
): Promise<StoredSecret> {
  if (stored.kind !== 'row' || sealed === null) return { stored, blob: null };
  const original = originalMessage(sealed);
  if (original !== null) {
    const blob = await openOriginalSecret(original, configured);
    // It opens: so the secret in clients.conf is the one that the original was started with.
    if (blob === null) return { stored, blob };
    const known = { ...stored.row.written, secret: written.secret ?? '' };
    const same = Buffer.compare(blob.bytes, configured.bytes) === 0;
    if (same) blob[Symbol.dispose]();
    return {
      stored: { kind: 'row', row: { ...stored.row, written: known } },
      blob: same ? null : blob,
    };
  }
  // Sealed with another secret of clients.conf, which wins now.
  if (stored.row.written.secret !== written.secret) return { stored, blob: null };
  const blob = sealing.open(name, sealed);
  return blob === null ? { stored: { kind: 'damaged' }, blob } : { stored, blob };
}

/** A name whose section is gone or cannot be used. */
function leaveOut(
  name: string,
  gone: boolean,
  { stored, known }: Past,
  lastSign: StateContent['lastSign'],
  { now, bootId, random }: StartClientsContext,
): { readonly change: StoreChange | null; readonly notice: string | null } {
  const section: StartSection = { kind: gone ? 'gone' : 'bad' };
  const outcome = startClient(section, stored, known, { now, bootId, lastSign, random: random() });
  const { ledger } = outcome;
  switch (outcome.kind) {
    case 'forgotten':
      if (ledger === null) return { change: null, notice: null };
      return {
        change: { name, row: null, ledger },
        notice: `client ${quoted(name)} is not in clients.conf any more and is forgotten`,
      };
    case 'not-served': {
      const row = outcome.row ?? undefined;
      const nothing = row === undefined && ledger === null;
      return { change: nothing ? null : { name, row, ledger }, notice: null };
    }
    case 'client':
      throw new Error('a client without a section');
  }
}

/** Who was locked out or enabled by this start, and who waits for the operator. */
function lifeNotice(client: Client, ledger: LedgerChange | null): string[] {
  const { settings, life } = client;
  if (life.kind === 'disabled' && life.reason === 'state-lost') {
    const name = quoted(settings.name);
    return [
      `client ${name} is locked out, its stored state was lost; mandos-ctl --enable revives it`,
    ];
  }
  return ledger?.kind === 'locked-out' || ledger?.kind === 'enabled' ? [lifeText(client)] : [];
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
