/**
 * Our packages take the place of Debian's where an administrator has been at work: nothing is
 * asked, and nothing is lost, however it goes. Run where nobody can answer.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

const BEFORE = `
edited='/etc/mandos/clients.conf /etc/default/mandos /etc/init.d/mandos /etc/mandos/plugin-runner.conf'
changed() { sha256sum $edited | sha256sum; }
modes() { stat -c %a:%U $edited; }
left() { find /etc -name '*.dpkg-*' ! -name '*.dpkg-dist'; }
originals() {
    install mandos mandos-client
    printf '\\n[web]\\nkey_id = %064d\\nsecret = c2VjcmV0\\n' 1 >>/etc/mandos/clients.conf
    for file in $edited; do echo '# the administrator was here' >>"$file"; done
    rm /etc/mandos/mandos.conf
}
package() { echo /pkg/mandos-ts-$1*.deb; }
`;

describe('taking the place of packages whose configuration was changed', () => {
  before(prepareChroot);

  it('asks nothing, and the administrator’s files stay', async () => {
    const told = await tells(`${BEFORE}
originals
tell before changed
tell modes-before modes
dpkg --install $(package server) $(package client) </dev/null
tell code echo $?
tell after changed
tell modes modes
tell deleted ls /etc/mandos/mandos.conf
tell left left
dpkg-deb --fsys-tarfile $(package server) | tar -x -C /tmp ./etc
tell policy cmp /tmp/etc/dbus-1/system.d/mandos.conf /etc/dbus-1/system.d/mandos.conf
# dpkg knows what is ours and what was changed since.
tell verified dpkg --verify mandos-ts-server mandos-ts-client
dpkg --install $(package server) $(package client) </dev/null
tell again changed
tell deleted-again ls /etc/mandos/mandos.conf
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.match(told.answer('modes-before'), /600:root/);
    assert.equal(told.answer('modes'), told.answer('modes-before'));
    assert.equal(told.answer('after'), told.answer('before'));
    assert.match(told.answer('deleted'), /No such file/);
    assert.equal(told.answer('left'), '');
    assert.equal(told.answer('policy'), '', 'what nobody has changed becomes ours');
    assert.match(told.answer('verified'), /c \/etc\/mandos\/clients\.conf/);
    assert.doesNotMatch(told.answer('verified'), /system\.d/);
    assert.equal(told.answer('again'), told.answer('before'));
    assert.match(told.answer('deleted-again'), /No such file/);
  });

  it('keeps links, also to what is not there now', async () => {
    const told = await tells(`${BEFORE}
originals
mkdir /srv/mandos
for name in clients.conf plugin-runner.conf; do
    mv "/etc/mandos/$name" /srv/mandos
    ln -s "/srv/mandos/$name" "/etc/mandos/$name"
done
tell before sha256sum /srv/mandos/plugin-runner.conf
mv /srv/mandos/clients.conf /srv/elsewhere
dpkg --install $(package server) $(package client) </dev/null
tell code echo $?
tell links readlink /etc/mandos/clients.conf /etc/mandos/plugin-runner.conf
tell there ls /srv/mandos
tell after sha256sum /srv/mandos/plugin-runner.conf
tell left left
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(
      told.answer('links'),
      '/srv/mandos/clients.conf /srv/mandos/plugin-runner.conf',
      told.output,
    );
    assert.equal(told.answer('there'), 'plugin-runner.conf');
    assert.equal(told.answer('after'), told.answer('before'));
    assert.equal(told.answer('left'), '');
  });

  it('keeps them when it is removed half-way, goes on later, or cannot be unpacked', async () => {
    const told = await tells(`${BEFORE}
originals
tell before changed
dpkg --unpack $(package server) $(package client) </dev/null
tell unpacked grep -c '^.web' /etc/mandos/clients.conf
dpkg --remove mandos-ts-server mandos-ts-client
tell removed changed
dpkg --unpack $(package server) $(package client) </dev/null
dpkg --unpack $(package server) $(package client) </dev/null
dpkg --configure --pending </dev/null
tell code echo $?
tell configured changed
install -o Dpkg::Options::=--force-confold mandos mandos-client
tell back changed
# The state that went back is lost.
rm -rf /var/lib/mandos/*
echo 'it has booted' >/var/log/wtmp
# A package that has a file of ours.
for file in usr/sbin/mandos-ledger usr/share/fish/vendor_completions.d/mandos-keygen.fish; do
    mkdir -p "/tmp/foreign/\${file%/*}" /tmp/foreign/DEBIAN
    echo foreign >"/tmp/foreign/$file"
done
printf 'Package: foreign\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x.example>\\nDescription: x\\n' >/tmp/foreign/DEBIAN/control
dpkg-deb --build /tmp/foreign /tmp/foreign.deb
dpkg --install /tmp/foreign.deb
dpkg --install $(package server) </dev/null
tell failed echo $?
dpkg --install $(package client) </dev/null
tell failed-client echo $?
tell aborted changed
tell aborted-deleted ls /etc/mandos/mandos.conf
tell original status mandos
tell state ls /var/lib/mandos
tell left left
`);
    assert.equal(told.answer('unpacked'), '0', 'they are aside meanwhile');
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('failed'), '1', told.output);
    assert.equal(told.answer('failed-client'), '1', told.output);
    for (const moment of ['removed', 'configured', 'back', 'aborted']) {
      assert.equal(told.answer(moment), told.answer('before'), `${moment}:\n${told.output}`);
    }
    assert.match(told.answer('aborted-deleted'), /No such file/);
    assert.equal(told.answer('original'), 'installed');
    assert.equal(told.answer('state'), '', 'no marker is left');
    assert.equal(told.answer('left'), '');
  });

  it('keeps them when it is killed between any two steps', async () => {
    const told = await tells(`${BEFORE}
originals
dpkg-deb --control $(package server) /tmp/scripts
mkdir /tmp/killing
for command in rm ln mv chown chmod; do
    cat >/tmp/killing/$command <<'END'
#!/bin/sh
read -r left </tmp/left
echo $((left - 1)) >/tmp/left
[ "$left" -gt 0 ] || kill -9 $PPID
PATH=/usr/sbin:/usr/bin:/sbin:/bin exec "\${0##*/}" "$@"
END
    chmod +x /tmp/killing/$command
done
edited=/etc/mandos/clients.conf
sum() { sha256sum <"$1" | cut -c 1-64; }
before=$(sum $edited)
lives() {
    [ "$(sum $edited)" = "$before" ] || [ "$(sum $edited.dpkg-kept)" = "$before" ] || echo "lost after $1 at $steps"
}
run() {
    echo "$steps" >/tmp/left
    PATH=/tmp/killing:$PATH sh "/tmp/scripts/$1" $2
    code=$?
    lives "$1" | tee -a /tmp/lost
}
touch /tmp/lost
for script in 'preinst install' 'postrm abort-install'; do
    steps=0 code=1
    until [ "$code" = 0 ] || [ "$steps" = 200 ]; do
        [ "\${script%% *}" = preinst ] || sh /tmp/scripts/preinst install
        run $script
        steps=$((steps + 1))
        # Then it is tried again, or given up.
        [ "$steps" != 7 ] || sh /tmp/scripts/preinst install
        sh /tmp/scripts/postrm abort-install
        lives retry | tee -a /tmp/lost
        [ "$(sum $edited)" = "$before" ] || echo "not back after $script at $steps" | tee -a /tmp/lost
    done
    tell "\${script%% *}-steps" echo $steps
done
tell lost cat /tmp/lost
tell left left
`);
    assert.ok(Number(told.answer('preinst-steps')) > 10, told.output);
    assert.ok(Number(told.answer('preinst-steps')) < 200, told.output);
    assert.ok(Number(told.answer('postrm-steps')) > 5, told.output);
    assert.ok(Number(told.answer('postrm-steps')) < 200, told.output);
    assert.equal(told.answer('lost'), '');
    assert.equal(told.answer('left'), '');
  });
});
