import { readFile } from 'node:fs/promises';
import { inRepository } from './repository.ts';
import type { TempDir } from './temp-dir.ts';

const DAEMON = inRepository('.cache/originals/avahi-daemon/usr/sbin/avahi-daemon');

/**
 * avahi-daemon's command as the words of a POSIX shell, for a mount namespace of its own: it puts
 * its socket and pid file into /run whatever it is told, and wants its user to exist even when it
 * is not to become that user.
 *
 * @param dir where the files lie that it is to see instead of the machine's
 */
export async function avahiDaemonScript(
  dir: TempDir,
  config: string,
  ...options: readonly string[]
): Promise<string> {
  const passwd = await dir.write('passwd', await withAvahi('/etc/passwd', 'x:65533:65533::/:'));
  const group = await dir.write('group', await withAvahi('/etc/group', 'x:65533:'));
  const words = [DAEMON, `--file=${config}`, '--no-drop-root', '--no-chroot', '--no-rlimits'];
  return `mount -t tmpfs tmpfs /run && mount --bind ${passwd} /etc/passwd &&
    mount --bind ${group} /etc/group && exec ${[...words, ...options].join(' ')}`;
}

/** The machine's own accounts, with one for avahi if there is none. */
async function withAvahi(file: string, fields: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  return /^avahi:/m.test(text) ? text : `${text.trimEnd()}\navahi:${fields}\n`;
}
