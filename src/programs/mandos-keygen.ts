/** mandos-keygen(8): makes a client's keys, seals a password for its server, rehearses the boot. */
import { nodePlatform } from '../boot/platform-node.ts';
import { tryOnDisk } from '../boot/rehearsal/disk-trial-node.ts';
import { rehearsalSettings } from '../boot/rehearsal/rehearsal-settings.ts';
import { rehearse } from '../boot/rehearsal/rehearse.ts';
import { orCancelled } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import { silentLog } from '../core/log.ts';
import { LARGEST_BLOB, Password } from '../core/secret.ts';
import { VERSION } from '../core/version.ts';
import { type KeyType, SHORTEST_GOOD_RSA } from '../openpgp/key-type.ts';
import { userId } from '../openpgp/user-id.ts';
import { askPassword } from '../operator/keygen/ask-password.ts';
import { checkClientName } from '../operator/keygen/client-section.ts';
import { type KeygenJob, readKeygenJob } from '../operator/keygen/command-line.ts';
import { fullHostName } from '../operator/keygen/host-name.ts';
import { keyIdOfDirectory } from '../operator/keygen/key-id-of-directory.ts';
import { makeKeys } from '../operator/keygen/make-keys.ts';
import { PipedLines } from '../operator/keygen/piped-lines.ts';
import { watchOnTerminal } from '../operator/keygen/progress.ts';
import { readOwnKey, sealSection } from '../operator/keygen/seal-section.ts';
import { findSshHostKey } from '../operator/keygen/ssh-host-key.ts';
import { interruptible } from '../system/interruptible.ts';
import { safeLine } from '../system/log-text.ts';
import { forbidDumps, isRoot } from '../system/privileges.ts';
import { readSecretInput } from '../system/secret-input.ts';
import { isTerminal, openSilentTerminal } from '../system/terminal.ts';
import { tellPeople, writeOutput } from '../system/write-all.ts';

const STDIN = 0;

export async function main(args: readonly string[]): Promise<number> {
  try {
    const job = readKeygenJob(args, VERSION, new Date());
    // For other users /proc/self, and so /dev/stdin, would become unreadable.
    if (isRoot()) forbidDumps();
    return await interruptible((signal) => run(job, signal));
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    say(error.message);
    if (error.hint !== undefined) say(`hint: ${error.hint}`);
    return error.exitCode;
  }
}

async function run(job: KeygenJob, signal: AbortSignal): Promise<number> {
  switch (job.kind) {
    case 'print':
      await orCancelled(writeOutput(job.text), signal);
      return 0;
    case 'make-keys':
      await make(job, signal);
      return 0;
    case 'seal':
      await seal(job, signal);
      return 0;
    case 'rehearse':
      await rehearseBoot(job, signal);
      return 0;
  }
}

async function make(
  job: Extract<KeygenJob, { kind: 'make-keys' }>,
  signal: AbortSignal,
): Promise<void> {
  const { directory, email, comment, type, subtype, lifetime, tlsType, existing } = job;
  const name = job.name ?? (await fullHostName(signal));
  warnOfShortKeys(type, subtype);
  const openPgp = {
    type,
    subtype,
    lifetime,
    userId: userId({ name, email, comment }),
    now: new Date(),
  };
  const made = await makeKeys({ directory, openPgp, tlsType, existing }, watchOnTerminal, signal);
  // The original is silent; a person is told what there is now and what comes next.
  if (!isTerminal(2)) return;
  say(`the keys are in '${directory}'`);
  say(`key ID ${made.keyId.toLowerCase()}`);
  say('next: mandos-keygen --password, and its output into clients.conf on the server');
}

async function seal(job: Extract<KeygenJob, { kind: 'seal' }>, signal: AbortSignal): Promise<void> {
  const { directory } = job;
  const name = job.name ?? (await fullHostName(signal));
  checkClientName(name);
  // Before anybody types a password for nothing.
  using ownKey = await readOwnKey(directory);
  using password = await takePassword(job.passwordFile, signal);
  const sshHostKey = job.ssh ? await findSshHostKey(signal) : undefined;
  const wish = { directory, name, sshHostKey, now: new Date(), warn: say };
  const section = await sealSection(password, ownKey, wish);
  await orCancelled(writeOutput(section), signal);
}

async function rehearseBoot(
  job: Extract<KeygenJob, { kind: 'rehearse' }>,
  signal: AbortSignal,
): Promise<void> {
  const { directory, device } = job;
  const { settings, wait } = rehearsalSettings(job);
  const keyId = (): string | null => keyIdOfDirectory(directory)?.toLowerCase() ?? null;
  const rehearsal = { settings, wait, keyId, tell: report };
  await rehearse(rehearsal, nodePlatform(silentLog, signal), async (password) => {
    if (device === undefined) return;
    report(`trying the password on '${device}'`);
    await tryOnDisk(password, device, signal);
    report(`the password opens '${device}'`);
  });
  const tried = device === undefined ? 'not tried on a disk (see --device)' : 'tried on its disk';
  report(`found a password, ${tried}; so does the next boot if the initramfs holds these keys`);
}

async function takePassword(file: string | undefined, signal: AbortSignal): Promise<Password> {
  if (file !== undefined) {
    const source = file === '-' ? STDIN : file;
    return new Password(await readSecretInput(source, LARGEST_BLOB, signal));
  }
  using lines = isTerminal(STDIN)
    ? openSilentTerminal(STDIN, signal)
    : new PipedLines(STDIN, signal, say);
  return await askPassword(lines);
}

function warnOfShortKeys(...types: readonly KeyType[]): void {
  for (const type of types) {
    if (type.kind === 'rsa' && type.bits < SHORTEST_GOOD_RSA) {
      say(`warning: RSA keys of ${type.bits} bits can be broken; do not use them in earnest`);
    }
  }
}

/** What a rehearsal finds is what it was asked for. */
function report(line: string): void {
  tellPeople(`${safeLine(line)}\n`, 1);
}

function say(line: string): void {
  tellPeople(`mandos-keygen: ${safeLine(line)}\n`);
}
