/** Keys that are gone from the disk, by the purge of another package, and are still in the image. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

before(prepareChroot);

it('an image with keys is not replaced by one without, and they can be got back from it', async () => {
  const told = await tells(`
kernel=6.1.0-none
mkdir -p /lib/modules/$kernel
depmod $kernel
touch /boot/vmlinuz-$kernel
echo CONFIG_RD_GZIP=y >/boot/config-$kernel
printf "COMPRESS=gzip\\nCOMPRESSLEVEL=1\\n" >/etc/initramfs-tools/conf.d/compress
image=/boot/initrd.img-$kernel
update-initramfs -c -k $kernel
dpkg --install /pkg/mandos-ts-client*.deb
in_image() { lsinitramfs $image | grep -c 'mandos/seckey.txt$'; }
tell first in_image
before=$(sha256sum $image) keys=$(cat /etc/keys/mandos/*key.* | sha256sum)
rm -r /etc/keys/mandos
tell refused sh -c 'update-initramfs -u -k all >/tmp/said 2>&1; echo $?'
tell said cat /tmp/said
tell again sh -c 'dpkg --install /pkg/mandos-ts-client*.deb >/dev/null 2>&1; echo $?'
tell made sh -c 'ls /etc/keys/mandos'
[ "$before" != "$(sha256sum $image)" ] || echo '= same yes'
tell left sh -c 'ls -d /boot/*.new /var/tmp/mkinitramfs* 2>/dev/null'
(umask 077 && unmkinitramfs $image /root/image)
command install -d -m 700 /etc/keys/mandos
command install -m 600 -o root -g root $(find /root/image -path '*/conf/conf.d/mandos/*.txt' -o \\
    -path '*/conf/conf.d/mandos/*.pem') /etc/keys/mandos
[ "$keys" != "$(cat /etc/keys/mandos/*key.* | sha256sum)" ] || echo '= back yes'
tell configured sh -c 'dpkg --configure --pending >/dev/null 2>&1; echo $?'
tell last in_image
`);
  assert.equal(told.answer('first'), '1', told.output);
  assert.equal(told.answer('refused'), '1', told.output);
  assert.match(
    told.answer('said'),
    /E: mandos: no programs or no keys; \/boot\/initrd\.img-\S+ has/,
  );
  assert.equal(told.answer('again'), '1', told.output);
  assert.equal(told.answer('made'), '', 'the server would not know new keys');
  assert.equal(told.answer('same'), 'yes', told.output);
  assert.equal(told.answer('left'), '');
  assert.equal(told.answer('back'), 'yes', told.output);
  assert.equal(told.answer('configured'), '0', told.output);
  assert.equal(told.answer('last'), '1', told.output);
});
