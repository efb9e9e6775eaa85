/**
 * What stands between Debian's server and locked-out clients when our package goes and the state
 * cannot be exported; and that the packages' scripts follow no link of the server's user.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

const BEFORE = `
section() { printf '\\n[%s]\\nkey_id = %064d\\nsecret = c2VjcmV0\\n' "$1" "$2"; }
ours_with() {
    dpkg --install /pkg/mandos-ts-server*.deb </dev/null
    section web 1 >>/etc/mandos/clients.conf
}
goes() { dpkg --remove mandos-ts-server 2>&1 >/dev/null | grep '^mandos-ts-server:'; }
# Of the options of the service.
serves() {
    mandos --no-dbus --no-zeroconf --port=4711 "$@"
    pid=$(cat /run/mandos.pid)
}
stops() {
    kill "$pid"
    while readlink "/proc/$pid/exe" >/dev/null; do sleep 0.1; done
}
`;

describe('the barrier of a package that goes', () => {
  before(prepareChroot);

  it('is where the state is, also when that is elsewhere', async () => {
    const told = await tells(`${BEFORE}
ours_with
mkdir -m 700 /srv/one /srv/two
chown _mandos: /srv/one /srv/two
echo 'DAEMON_ARGS="--stated /srv/one"' >/etc/default/mandos
serves --statedir=/srv/one
tell option goes
tell option-barrier head -n 1 /srv/one/clients.pickle
stops
dpkg --install /pkg/mandos-ts-server*.deb </dev/null
echo 'DAEMON_ARGS=' >/etc/default/mandos
echo 'StateDir = /srv/two' >>/etc/mandos/mandos.conf
serves
tell setting goes
tell setting-barrier head -n 1 /srv/two/clients.pickle
tell owner stat -c %U:%a /srv/two/clients.pickle
stops
`);
    for (const where of ['option', 'setting']) {
      assert.match(told.answer(where), /does not start with what is there now/, told.output);
      assert.match(told.answer(`${where}-barrier`), /^# mandos: no state, but a barrier/);
    }
    assert.equal(told.answer('owner'), '_mandos:600');
  });

  it('needs no room on a full disk, and what was exported before is not there any more', async () => {
    const told = await tells(`${BEFORE}
ours_with
mount -t tmpfs -o size=2m,mode=700 tmpfs /var/lib/mandos
chown _mandos: /var/lib/mandos
serves
stops
mandos --export-state
tell exported test -f /var/lib/mandos/clients.pickle
cat /dev/zero >/var/lib/mandos/filling
rm /usr/sbin/mandos
tell script goes
tell script-link readlink /var/lib/mandos/clients.pickle
tell left ls -A /var/lib/mandos
rm /var/lib/mandos/filling
dpkg --install /pkg/mandos-ts-server*.deb </dev/null
serves
tell ledger mandos-ledger
stops
mandos --export-state
cat /dev/zero >/var/lib/mandos/filling
tell program goes
tell program-link readlink /var/lib/mandos/clients.pickle
umount /var/lib/mandos
`);
    assert.equal(told.answer('exported'), '', told.output);
    for (const by of ['script', 'program']) {
      assert.match(told.answer(by), /does not start with what is there now/, told.output);
      assert.equal(told.answer(`${by}-link`), 'clients.pickle');
    }
    assert.equal(
      told.answer('left'),
      'clients.pickle clients.pickle.aside filling state-of-mandos store-1',
    );
    assert.doesNotMatch(told.answer('ledger'), /locked out/);
  });

  it('is decided by the files of the service: with systemd those are not CONFIGDIR’s', async () => {
    const told = await tells(`${BEFORE}
ours_with
serves
stops
mkdir -p /elsewhere /run/systemd/system
touch /elsewhere/mandos.conf /elsewhere/clients.conf
echo CONFIGDIR=/elsewhere >/etc/default/mandos
sh /var/lib/dpkg/info/mandos-ts-server.prerm remove
tell systemd mandos-ledger
rm -r /run/systemd/system
sh /var/lib/dpkg/info/mandos-ts-server.prerm remove
tell pickle test -f /var/lib/mandos/clients.pickle
`);
    assert.match(told.answer('systemd'), /clients\.pickle written/);
    assert.doesNotMatch(told.answer('systemd'), /forgotten/);
    assert.equal(told.answer('pickle'), '');
  });
});

describe('the scripts of the server’s package', () => {
  before(prepareChroot);

  it('do nothing for the server’s user that it could not do itself', async () => {
    const told = await tells(`${BEFORE}
install mandos
section web 1 >>/etc/mandos/clients.conf
echo 'it has booted' >/var/log/wtmp
echo precious >/root/precious
for name in marker.new .barrier.new; do
    ln -s /root/precious /var/lib/mandos/$name
    chown -h _mandos: /var/lib/mandos/$name
done
dpkg --install /pkg/mandos-ts-server*.deb </dev/null
tell marker stat -c '%F %U %a' /var/lib/mandos/state-of-mandos
rm /usr/sbin/mandos
tell barrier goes
tell barrier-file stat -c '%F %U %a' /var/lib/mandos/clients.pickle
tell precious cat /root/precious
tell owner stat -c %U /root/precious
`);
    assert.equal(told.answer('marker'), 'regular file _mandos 600', told.output);
    assert.match(told.answer('barrier'), /does not start with what is there now/);
    assert.equal(told.answer('barrier-file'), 'regular file _mandos 600');
    assert.equal(told.answer('precious'), 'precious');
    assert.equal(told.answer('owner'), 'root');
  });
});
