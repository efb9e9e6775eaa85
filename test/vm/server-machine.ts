/** The installation of a machine that runs Debian's server and is to go over to ours. */
import { inRepository } from '../support/repository.ts';
import { on, ownPackage } from './clients.ts';
import { type Installation, install, type Suite } from './debian.ts';

/** The client that is alive has the default checker; `shell` one as mandos-keygen writes them. */
const SCRIPT = `apt-get install -qq -y --no-install-recommends mandos avahi-daemon avahi-utils fping \
  openssh-server openssh-client >/dev/null
hostkey=$(cut -d ' ' -f 1-2 /etc/ssh/ssh_host_ed25519_key.pub)
for client in alive shell dead; do
  key=$(printf %s $client | sha256sum | cut -c 1-64)
  printf '[%s]\\nkey_id = %s\\nfingerprint = %.40s\\nhost = localhost\\nsecret = c2VjcmV0\\n' \
    $client $key $key
  case $client in
    dead) echo 'checker = true' ;;
    shell)
      echo "ssh_fingerprint = $hostkey"
      echo 'checker = ssh-keyscan -t ed25519 %%(host)s 2>/dev/null | grep -qF "%(ssh_fingerprint)s"' ;;
  esac
done >/etc/mandos/clients.conf
systemctl enable server-story.service`;

/** What it tells when it boots is in guest/server-story. */
export async function originalServer(suite?: Suite): Promise<Installation> {
  return await install({
    ...on('server', suite),
    files: {
      '/root/server.deb': ownPackage('mandos-ts-server'),
      '/usr/local/sbin/server-story': inRepository('test/vm/guest/server-story'),
      '/etc/systemd/system/server-story.service': inRepository(
        'test/vm/guest/server-story.service',
      ),
    },
    script: SCRIPT,
    freeMegabytes: 400,
  });
}
