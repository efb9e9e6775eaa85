/** `mandos --export-state`: leaves the state where the original's server goes on from it. */
import type { ClientsConf } from '../config/clients-conf.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { storedMoment } from '../core/client-row.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { Moment } from '../core/moment.ts';
import { Blob } from '../core/secret.ts';
import { type Clock, wallTime } from '../core/time.ts';
import { wipeableCopy } from '../core/wipeable-bytes.ts';
import { bootId } from '../system/boot-id.ts';
import { exists, stagePrivateFile, syncDirectory } from '../system/private-file.ts';
import { contentAfter } from './store/content-after.ts';
import { unfitName } from './store/names-for-original.ts';
import { type OpenState, openState } from './store/open-state.ts';
import { forgetAside, markOf, putUpBarrier } from './store/original-file.ts';
import { sealOriginalSecret } from './store/original-secret.ts';
import { writePickle } from './store/pickle-writer.ts';
import { originalMessage, SealingKey } from './store/sealed-secret.ts';
import { startClients } from './store/start-clients.ts';
import type { StateContent } from './store/state-content.ts';
import { listState, picklePath } from './store/state-directory.ts';
import { stateForOriginal } from './store/state-for-original.ts';

/**
 * Decides who would live if the server started now, writes that to `clients.pickle`, and gives its
 * path; null when there is no state of this server, and so nothing to write. The state itself
 * stays as it is, but for what opening it repairs. Takes the secrets of `conf` over.
 *
 * Throws `MandosError` when it cannot be written whole. Then there is a barrier in the place of
 * `clients.pickle`, as far as that can be written: the original does not start with it.
 */
export async function exportState(
  conf: ClientsConf,
  settings: ServerSettings,
  clock: Clock,
  log: Log,
): Promise<string | null> {
  const directory = settings.stateDirectory;
  if (!hasState(directory)) return null;
  const now: Moment = { boot: clock.now(), wall: wallTime(Date.now()) };
  const secrets = secretsOf(conf);
  try {
    const state = openState(directory, storedMoment(now, bootId()));
    using _ledger = state.ledger;
    using _database = state.database;
    if (settings.useDbus) refuseUnfitNames(conf);
    return await writeState(directory, state, conf, secrets, now, log);
  } catch (error) {
    // The state of a server that runs is not given away.
    const busy = error instanceof MandosError && error.exitCode === ExitStatus.temporaryFailure;
    if (!busy) tryBarrier(directory, log);
    throw error;
  } finally {
    for (const secret of secrets.values()) secret[Symbol.dispose]();
  }
}

/** Why there is none is not as important as why there had to be one. */
function tryBarrier(directory: string, log: Log): void {
  try {
    putUpBarrier(directory);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.log('critical', `the original's server must not be started, and nothing keeps it: ${why}`);
  }
}

function refuseUnfitNames(conf: ClientsConf): void {
  const name = unfitName(conf.sections.map((section) => section.name));
  if (name === null) return;
  throw new MandosError(
    'config-value',
    `the original's server cannot start with the client ${JSON.stringify(name)}, and would forget ` +
      'who is locked out: it uses letters, digits, ".", "-" and "_", and takes these three for the same',
    {
      exitCode: ExitStatus.dataError,
      hint: 'rename it, or say use_dbus = no in mandos.conf, then export the state again',
    },
  );
}

function hasState(directory: string): boolean {
  if (!exists(directory)) return false;
  const { used, current } = listState(directory);
  return used || current !== null;
}

/** Copies of the secrets in clients.conf, by client. */
function secretsOf(conf: ClientsConf): Map<string, Blob> {
  return new Map(
    conf.sections.flatMap((section) =>
      section.kind === 'client'
        ? [[section.name, new Blob(wipeableCopy(section.blob.bytes))] as const]
        : [],
    ),
  );
}

async function writeState(
  directory: string,
  { content, ledger }: OpenState,
  conf: ClientsConf,
  configured: ReadonlyMap<string, Blob>,
  now: Moment,
  log: Log,
): Promise<string> {
  for (const problem of content.problems) log.log('critical', problem);
  for (const notice of content.notices) log.log('warning', notice);
  const context = { now, bootId: bootId(), random: () => 0, restore: true };
  const started = await startClients(conf, content, context);
  for (const { secret, sealing } of started.clients) {
    secret[Symbol.dispose]();
    sealing[Symbol.dispose]();
  }
  for (const notice of started.notices) log.log('warning', notice);
  const after = contentAfter(content, started);
  // A name that comes up later would be a new client's there.
  if (!after.complete) {
    throw new MandosError(
      'config-syntax',
      'the state was lost, and clients.conf cannot be read whole: who is locked out is unknown',
      { exitCode: ExitStatus.dataError, hint: 'repair clients.conf, then export the state again' },
    );
  }
  const secrets = await secretsForOriginal(after, configured, log);
  const stored = storedMoment(now, context.bootId);
  const pickle = writePickle(stateForOriginal(after, secrets, stored));
  const path = picklePath(directory);
  using staged = stagePrivateFile(path, pickle);
  // First: it must never be taken for one that the original left.
  const at = Math.round(now.wall);
  ledger.append({ kind: 'original', at, event: 'written', mark: markOf(pickle) });
  staged.replace();
  syncDirectory(directory);
  forgetAside(directory);
  return path;
}

/** Those that are other ones than in clients.conf. */
async function secretsForOriginal(
  { rows }: StateContent,
  configured: ReadonlyMap<string, Blob>,
  log: Log,
): Promise<Map<string, Uint8Array>> {
  const messages = new Map<string, Uint8Array>();
  for (const [name, { sealed }] of rows) {
    if (sealed === null) continue;
    const message = originalMessage(sealed) ?? (await resealed(name, sealed, configured.get(name)));
    if (message !== null) messages.set(name, message);
    else {
      const quoted = JSON.stringify(name);
      log.log('warning', `the secret of client ${quoted} set over D-Bus does not go along`);
    }
  }
  return messages;
}

async function resealed(
  name: string,
  sealed: Uint8Array,
  configured: Blob | undefined,
): Promise<Uint8Array | null> {
  if (configured === undefined) return null;
  using key = SealingKey.from(configured);
  using secret = key.open(name, sealed);
  return secret === null ? null : await sealOriginalSecret(secret, configured);
}
