import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { inRepository } from './repository.ts';

const PLACES = {
  'original server': [
    '.cache/originals/mandos/usr/sbin/mandos',
    '/usr/bin/python3',
    '/usr/bin/dbus-daemon',
  ],
  'original client': ['.cache/originals/mandos-client/usr/sbin/mandos-keygen', '/usr/bin/gpg'],
  'private bus': ['/usr/bin/dbus-daemon'],
  gnutls: ['/usr/bin/gnutls-cli', '/usr/bin/gnutls-serv', '/usr/bin/certtool', '/usr/bin/unshare'],
  gpg: ['/usr/bin/gpg', '/usr/bin/gpgconf'],
  sshd: ['.cache/originals/openssh-server/usr/sbin/sshd'],
  'pseudo-terminal': ['/usr/bin/python3'],
  tmux: ['/usr/bin/tmux'],
  python: ['/usr/bin/python3'],
  'systemd-ask-password': ['/usr/bin/systemd-ask-password', '/usr/bin/nsenter'],
  setpriv: ['/usr/bin/setpriv', '/usr/bin/fping'],
  strip: ['/usr/bin/strip'],
  shellcheck: ['/usr/bin/shellcheck'],
  strace: ['/usr/bin/strace'],
  faketime: ['/usr/bin/faketime'],
  avahi: [
    '.cache/originals/avahi-daemon/usr/sbin/avahi-daemon',
    '.cache/originals/avahi-utils/usr/bin/avahi-browse',
  ],
  plymouth: [
    '.cache/originals/plymouth/usr/sbin/plymouthd',
    '.cache/originals/libplymouth5/usr/lib',
  ],
  'manual pages': ['/usr/bin/pandoc', '/usr/bin/man', '/usr/bin/lexgrog'],
  shells: ['/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'],
  cryptsetup: ['/usr/sbin/cryptsetup'],
  namespaces: ['/usr/bin/unshare', '/usr/sbin/ip'],
} as const;

export type Requirement = keyof typeof PLACES | 'root';

/** The original's programs drop privileges by themselves and want to have some first. */
const WANT_ROOT: readonly Requirement[] = [
  'root',
  'original server',
  'original client',
  'namespaces',
  'setpriv',
];

/**
 * Options for a test that needs more than this repository: `test('…', requires('gnutls'),
 * async () => …)`. Where that is missing, the test is left out and its report says why.
 */
export function requires(...needs: readonly Requirement[]): { readonly skip?: string } {
  const reasons = needs.flatMap(missing);
  return reasons.length === 0 ? {} : { skip: reasons.join('; ') };
}

/** A container may be root and still not be allowed to make namespaces. */
let namespaces: boolean | undefined;
function canMakeNamespaces(): boolean {
  namespaces ??= spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', 'true']).status === 0;
  return namespaces;
}

function missing(need: Requirement): string[] {
  if (WANT_ROOT.includes(need) && process.getuid?.() !== 0) return [`${need}: needs root`];
  if (need === 'root') return [];
  if ((need === 'namespaces' || need === 'original client') && !canMakeNamespaces()) {
    return [`${need}: namespaces are not allowed here`];
  }
  return PLACES[need]
    .filter((path) => !existsSync(path.startsWith('/') ? path : inRepository(path)))
    .map((path) => `${need}: ${path} is missing`);
}
