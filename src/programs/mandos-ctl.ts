/** mandos-ctl(8): shows and changes the clients of a running server. */
import { orCancelled } from '../core/cancellation.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { LARGEST_BLOB } from '../core/secret.ts';
import { wallTime } from '../core/time.ts';
import { systemBusAddress } from '../dbus/bus-address.ts';
import { act } from '../operator/ctl/act.ts';
import { ALL_COLUMNS, MAIN_COLUMNS } from '../operator/ctl/client-columns.ts';
import { clientsJson } from '../operator/ctl/client-json.ts';
import { clientTable } from '../operator/ctl/client-table.ts';
import {
  type ActJob,
  type CtlJob,
  type ExplainJob,
  type ListJob,
  readCtlJob,
  type WatchJob,
  wordJob,
  wordOf,
} from '../operator/ctl/command-line.ts';
import { selected } from '../operator/ctl/selection.ts';
import { explain, KeyOwners } from '../operator/explain.ts';
import type { ClientView } from '../operator/server/client-view.ts';
import type { MandosService } from '../operator/server/mandos-service.ts';
import { withService } from '../operator/server/open-service.ts';
import { bootClock } from '../system/boot-clock.ts';
import { interruptible } from '../system/interruptible.ts';
import { safeLine, withoutControls } from '../system/log-text.ts';
import { readSecretInput } from '../system/secret-input.ts';
import { stderrLog } from '../system/stderr-log.ts';
import { systemErrorCode } from '../system/system-error.ts';
import { tellPeople, writeOutput } from '../system/write-all.ts';

const STDIN = 0;
const NO_LOG: Log = { log: () => undefined };

export async function main(args: readonly string[]): Promise<number> {
  try {
    const job = readCtlJob(args);
    return await interruptible((signal) => run(job, signal));
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    if (isReaderGone(error)) return error.exitCode;
    say(error.message);
    if (error.hint !== undefined) say(`hint: ${error.hint}`);
    return error.exitCode;
  }
}

async function run(job: CtlJob, signal: AbortSignal): Promise<number> {
  switch (job.kind) {
    case 'print':
      await writeOutput(job.text);
      return ExitStatus.ok;
    case 'self-test':
      return await selfTest();
    case 'list': {
      const word = wordOf(job);
      if (word !== null && !(await isClient(word, job, signal)))
        return await run(wordJob(word, job), signal);
      return await withClients(job, signal, (clients) => writeOutput(listing(clients, job)));
    }
    case 'act':
      return await actOnServer(job, signal);
    case 'explain':
      return await withClients(job, signal, (clients, all) =>
        writeOutput(explanations(clients, all)),
      );
    case 'watch':
      return await watchServer(job, signal);
  }
}

function listing(clients: readonly ClientView[], { format }: ListJob): string {
  if (format === 'json') return clientsJson(clients);
  return clientTable(clients, format === 'verbose' ? ALL_COLUMNS : MAIN_COLUMNS);
}

function explanations(clients: readonly ClientView[], all: readonly ClientView[]): string {
  const owners = new KeyOwners(all);
  const now = wallTime(Date.now());
  const sentences = clients.map((client) => explain(client, owners, now).sentence);
  return sentences.map((sentence) => `${withoutControls(sentence)}\n`).join('');
}

/** Does `use` with the clients that are meant, and with all. */
async function withClients(
  job: ListJob | ExplainJob,
  signal: AbortSignal,
  use: (clients: readonly ClientView[], all: readonly ClientView[]) => Promise<void>,
): Promise<number> {
  const all = await withServer(job, signal, (service) => service.clients());
  await orCancelled(use(selected(all, job.names), all), signal);
  return ExitStatus.ok;
}

/** Whether the server has a client of that name; none when there is no server. */
async function isClient(name: string, job: ListJob, signal: AbortSignal): Promise<boolean> {
  try {
    const clients = await withServer(job, signal, (service) => service.clients());
    return clients.some((client) => client.Name === name);
  } catch (error) {
    if (error instanceof MandosError) return false;
    throw error;
  }
}

async function actOnServer(job: ActJob, signal: AbortSignal): Promise<number> {
  for (const option of job.oldForm) {
    say(`--${option}: taken for a time in the form of before version 1.6.1, not of RFC 3339`);
  }
  const secrets = new Map<string, Uint8Array>();
  try {
    for (const action of job.actions) {
      if (action.kind === 'set-secret')
        secrets.set(action.file, await readSecret(action.file, signal));
    }
    return await withServer(job, signal, async (service) => {
      const clients = selected(await service.clients(), job.names);
      return await act(job.actions, clients, { service, secrets, say });
    });
  } finally {
    for (const secret of secrets.values()) secret.fill(0);
  }
}

async function readSecret(file: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const secret = await readSecretInput(file === '-' ? STDIN : file, LARGEST_BLOB, signal);
    if (secret.length > 0) return secret;
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    const { code, message, cause } = error;
    throw new MandosError(code, `--secret: ${message}`, { exitCode: ExitStatus.argparse, cause });
  }
  // What was to write it has failed, and the secret that the server has would be lost.
  const source = file === '-' ? 'standard input' : `'${file}'`;
  throw new MandosError('usage', `--secret: ${source} is empty`, {
    exitCode: ExitStatus.argparse,
    hint: 'every client keeps the secret that it has',
  });
}

async function watchServer(job: WatchJob, signal: AbortSignal): Promise<number> {
  const [{ watch }, { LineWriter }] = await Promise.all([
    import('../operator/ctl/watch.ts'),
    import('../system/line-writer.ts'),
  ]);
  try {
    await watch(job.names, {
      address: systemBusAddress(process.env),
      clock: bootClock,
      log: job.debug ? stderrLog('mandos-ctl', 'debug') : NO_LOG,
      wallClock: () => new Date(),
      output: new LineWriter(),
      say,
      signal,
    });
  } catch (error) {
    if (!isReaderGone(error)) throw error;
  }
  return ExitStatus.ok;
}

/** Whoever interrupts it does not wait for a bus or a server that does not answer. */
function withServer<T>(
  { debug }: ListJob | ActJob | ExplainJob,
  signal: AbortSignal,
  use: (service: MandosService) => Promise<T>,
): Promise<T> {
  const tellCall = (call: string): void => {
    if (debug) say(`D-Bus: ${call}`);
  };
  const context = { env: process.env, clock: bootClock, log: NO_LOG, tellCall };
  return orCancelled(withService(context, use), signal);
}

async function selfTest(): Promise<number> {
  const { runSelfTests } = await import('../operator/ctl/self-test.ts');
  const { report, passed } = runSelfTests();
  await writeOutput(report);
  return passed ? ExitStatus.ok : ExitStatus.failure;
}

/** Whoever read our output has seen enough. */
function isReaderGone(error: unknown): boolean {
  return error instanceof MandosError && systemErrorCode(error.cause) === 'EPIPE';
}

function say(line: string): void {
  tellPeople(`mandos-ctl: ${safeLine(line)}\n`);
}
