import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { ClientKeys } from './client-keys.ts';
import { type Outcome, RunningProgram, run } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

const ROOT = inRepository('.cache/originals/mandos-client');

/** Debian's folder for the client's programs has the machine's architecture in it. */
export function originalFolder(): string {
  const [triplet = ''] = readdirSync(`${ROOT}/usr/lib`).filter((name) => name.endsWith('-gnu'));
  return `${ROOT}/usr/lib/${triplet}/mandos`;
}

/**
 * The client keeps its key ring in /run/tmp or /tmp, whatever TMPDIR says, and may leave it
 * behind together with a gpg-agent. In namespaces of its own both end with it.
 */
const CONFINED = [
  ...['--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c'],
  'mount -t tmpfs tmpfs /run && mkdir /run/tmp && "$@"; exit $?',
  'sh',
];

/** @param address ADDRESS:PORT, an IPv6 address without brackets */
function command(
  keys: Pick<ClientKeys, 'options'>,
  address: string,
  hooks: string,
  more: readonly string[],
) {
  const args = [
    ...CONFINED,
    `${originalFolder()}/plugins.d/mandos-client`,
    `--connect=${address}`,
    // No interface is touched, and no hook of the machine's is run.
    ...['--interface=none', `--network-hook-dir=${hooks}`],
    ...keys.options,
    ...more,
  ];
  const env = { MANDOSPLUGINHELPERDIR: `${originalFolder()}/plugin-helpers` };
  return ['/usr/bin/unshare', args, { env }] as const;
}

/**
 * Runs Debian's own `mandos-client --connect` until it has a password, which is then the
 * outcome's standard output; asks again every second when it is refused.
 */
export async function runOriginalClient(
  keys: Pick<ClientKeys, 'options'>,
  address: string,
  more: readonly string[] = ['--retry=1'],
): Promise<Outcome> {
  await using dir = await TempDir.create();
  await mkdir(dir.join('hooks'));
  return await run(...command(keys, address, dir.join('hooks'), more));
}

/** Starts Debian's own `mandos-client --connect` for a test that does not let it succeed. */
export function startOriginalClient(
  keys: Pick<ClientKeys, 'options'>,
  address: string,
  emptyFolder: string,
  more: readonly string[] = ['--retry=1', '--debug'],
): RunningProgram {
  return RunningProgram.start(...command(keys, address, emptyFolder, more));
}
