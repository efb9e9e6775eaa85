import { readdirSync } from 'node:fs';
import type { ClientKeys } from './client-keys.ts';
import type { CommandLine, NetworkSide } from './network-namespaces.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';

/**
 * Starts Debian's own mandos-client as at boot, on one machine of a test's network: it looks
 * for servers by Zeroconf. What it writes to standard output is the password.
 * @param emptyFolder instead of the machine's network hooks
 * @param installed runs the installed programs of another Debian; this one's is only unpacked
 */
export function startOriginalClientOnLink(
  side: NetworkSide,
  keys: Pick<ClientKeys, 'options'>,
  emptyFolder: string,
  installed?: (program: string, ...args: readonly string[]) => CommandLine,
): RunningProgram {
  const here = inRepository('.cache/originals/mandos-client/usr/lib');
  const [triplet] = readdirSync(here).filter((name) => name.endsWith('-gnu'));
  const root = `${installed === undefined ? here : '/usr/lib'}/${triplet}/mandos`;
  // Its key ring and its gpg-agent end with the namespaces of its own.
  const args = [
    ...['--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c'],
    'mount -t tmpfs tmpfs /run && mkdir /run/tmp && "$@"; exit $?',
    ...['sh', `${root}/plugins.d/mandos-client`, '--debug', '--retry=1'],
    ...[`--interface=${side.interface}`, `--network-hook-dir=${emptyFolder}`],
    ...keys.options,
  ];
  const unshare = '/usr/bin/unshare';
  const [first, rest] = installed?.(unshare, ...args) ?? [unshare, args];
  return RunningProgram.start(...side.command(first, ...rest), {
    env: { MANDOSPLUGINHELPERDIR: `${root}/plugin-helpers` },
  });
}
