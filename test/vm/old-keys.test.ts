/** Keys that lie where one does not look first: where they were long ago, and in images kept. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

describe('the client’s package', () => {
  before(prepareChroot);

  it('goes on with keys in /etc/mandos/keys, and destroys them when it is purged', async () => {
    const told = await tells(`
names='pubkey.txt seckey.txt tls-privkey.pem tls-pubkey.pem'
dpkg --install /pkg/mandos-ts-client*.deb
dpkg --remove mandos-ts-client
mkdir -p /etc/mandos/keys
mv /etc/keys/mandos/* /etc/mandos/keys
tell before sh -c 'cat /etc/mandos/keys/* | sha256sum'
dpkg --install /pkg/mandos-ts-client*.deb
tell code echo $?
tell after sh -c 'cat /etc/mandos/keys/* | sha256sum'
tell others ls /etc/keys/mandos
tell found sh -c '. /usr/share/mandos-client/image.sh; mandos_keys'
dpkg --purge mandos-ts-client
tell left ls -d /etc/mandos/keys
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('after'), told.answer('before'));
    assert.equal(told.answer('others'), '');
    assert.equal(told.answer('found'), '/etc/mandos/keys');
    assert.match(told.answer('left'), /No such file/);
  });

  it('leaves none of the keys that it has kept or not finished, and all that is not its own', async () => {
    const told = await tells(`
dpkg --install /pkg/mandos-ts-client*.deb
mandos-keygen --force
mandos-keygen --force
tell kept sh -c 'ls /etc/keys/mandos | grep -c "~$"'
touch /etc/keys/mandos/.seckey.txt.0123456789abcdef.new /etc/keys/mandos/seckey.txt.mine
dpkg --purge mandos-ts-client
tell left ls -A /etc/keys/mandos
`);
    assert.equal(told.answer('kept'), '8', told.output);
    assert.equal(told.answer('left'), 'seckey.txt.mine');
  });

  it('leaves no key in images that initramfs-tools keeps', async () => {
    const told = await tells(`
dpkg --install /pkg/mandos-ts-client*.deb
image() { (cd "$1" && find . | cpio --quiet -o -H newc) >"/boot/initrd.img-$2.bak"; }
mkdir -p /tmp/with/conf/conf.d/mandos /tmp/without/conf
touch /tmp/with/conf/conf.d/mandos/seckey.txt /tmp/without/conf/x
image /tmp/with 1
image /tmp/without 2
dpkg --remove mandos-ts-client
tell removed ls /boot
dpkg --purge mandos-ts-client
tell purged ls /boot
`);
    assert.equal(told.answer('removed'), 'initrd.img-1.bak initrd.img-2.bak');
    assert.equal(told.answer('purged'), 'initrd.img-2.bak', told.output);
  });
});
