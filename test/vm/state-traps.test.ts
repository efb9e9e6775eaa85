/**
 * The state directory belongs to a user whom checkers run as. Traps that somebody has put there
 * catch neither root, who installs and removes the package, nor anybody's files (L4).
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

const BEFORE = `
echo precious >/etc/precious
mkdir /etc/precious.d
precious() { stat -c %U:%a /etc/precious; cat /etc/precious; ls /etc/precious.d; }
# The server's user makes links from these names in its directory to one of root's files.
traps() {
    target=$1
    shift
    for name; do setpriv --reuid=_mandos --clear-groups ln -sf "$target" "/var/lib/mandos/$name"; done
}
client() { printf '\\n[web]\\nkey_id = %064d\\nsecret = c2VjcmV0\\n' 1 >>/etc/mandos/clients.conf; }
`;

describe('what is in the state directory', () => {
  before(prepareChroot);

  it('does not lead the installation astray', async () => {
    const told = await tells(`${BEFORE}
install mandos
client
echo 'it has booted' >/var/log/wtmp
traps /etc/precious marker.new state-of-mandos
rm /var/lib/mandos/state-of-mandos
dpkg --install /pkg/mandos-ts-server*.deb </dev/null
tell precious precious
tell marker stat -c %F:%U /var/lib/mandos/state-of-mandos
`);
    assert.equal(told.answer('precious'), 'root:644 precious', told.output);
    assert.equal(told.answer('marker'), 'regular file:_mandos', 'the way led past the traps');
  });

  it('does not lead the removal astray', async () => {
    const told = await tells(`${BEFORE}
dpkg --install /pkg/mandos-ts-server*.deb </dev/null
# The state is there, and the program that would export it is not.
chmod -x /usr/lib/mandos-ts-server/mandos-ts
mkdir /var/lib/mandos/store-1
chown -R _mandos: /var/lib/mandos
setpriv --reuid=_mandos --clear-groups touch /var/lib/mandos/clients.pickle /var/lib/mandos/state-of-mandos
traps /etc/precious.d clients.pickle.aside
dpkg --remove mandos-ts-server </dev/null
tell code echo $?
tell precious precious
tell barrier stat -c %U:%a /var/lib/mandos/clients.pickle
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('precious'), 'root:644 precious', told.output);
    assert.equal(told.answer('barrier'), '_mandos:600', told.output);
  });

  it('does not keep the installation waiting', async () => {
    const told = await tells(`${BEFORE}
dpkg --install /pkg/mandos-ts-server*.deb </dev/null
dpkg --remove mandos-ts-server </dev/null
mkdir -p /var/lib/mandos
mkfifo /var/lib/mandos/state-of-mandos
timeout --kill-after=1 120 dpkg --install /pkg/mandos-ts-server*.deb </dev/null
tell code echo $?
`);
    assert.equal(told.answer('code'), '0', told.output);
  });
});
