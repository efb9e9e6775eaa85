import { readdirSync } from 'node:fs';
import type { ClientKeys } from './client-keys.ts';
import type { NetworkSide } from './network-namespaces.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';

/**
 * Starts Debian's own mandos-client as at boot, on one machine of a test's network: it looks
 * for servers by Zeroconf. What it writes to standard output is the password.
 * @param emptyFolder instead of the machine's network hooks
 */
export function startOriginalClientOnLink(
  side: NetworkSide,
  keys: Pick<ClientKeys, 'options'>,
  emptyFolder: string,
): RunningProgram {
  const root = inRepository('.cache/originals/mandos-client/usr/lib');
  const [triplet] = readdirSync(root).filter((name) => name.endsWith('-gnu'));
  // Its key ring and its gpg-agent end with the namespaces of its own.
  return RunningProgram.start(
    ...side.command(
      ...(['/usr/bin/unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', 'sh'] as const),
      ...['-c', 'mount -t tmpfs tmpfs /run && mkdir /run/tmp && "$@"; exit $?', 'sh'],
      ...[`${root}/${triplet}/mandos/plugins.d/mandos-client`, '--debug', '--retry=1'],
      ...[`--interface=${side.interface}`, `--network-hook-dir=${emptyFolder}`],
      ...keys.options,
    ),
    { env: { MANDOSPLUGINHELPERDIR: `${root}/${triplet}/mandos/plugin-helpers` } },
  );
}
