/**
 * The hook that puts the client into images of initramfs-tools, where the administrator has left
 * odd things: the image is made all the same, for without one a new kernel cannot boot.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

/** An image with nothing but what the hook puts into it, made for a kernel without modules. */
const BEFORE = `
dpkg --install /pkg/mandos-ts-client*.deb
modules=/lib/modules/6.1.0-none
mkdir -p "$modules"
depmod "\${modules##*/}"
made() {
    rm -rf /tmp/image
    mkdir -p /tmp/image/conf /tmp/image/usr/lib
    ln -s usr/lib /tmp/image/lib
    env DESTDIR=/tmp/image verbose=n version="\${modules##*/}" MODULESDIR="$modules" "$@" \\
        sh -c 'umask 077; exec /usr/share/initramfs-tools/hooks/mandos' >/tmp/said 2>&1
    echo $?
}
said() { grep '^W:' /tmp/said; }
plugin() { printf '#!/bin/sh\\n' >"/etc/mandos/plugins.d/$1"; chmod 755 "/etc/mandos/plugins.d/$1"; }
# A network hook: the files and the modules that it needs.
network_hook() {
    printf '#!/bin/sh\\ncase $1 in files) echo "%s" ;; modules) echo "%s" ;; esac\\n' "$1" "$2" \\
        >/etc/mandos/network-hooks.d/odd
    chmod 755 /etc/mandos/network-hooks.d/odd
}
`;

describe('the hook of initramfs-tools', () => {
  before(prepareChroot);

  it('takes plugins of any name, and nothing that is none', async () => {
    const told = await tells(`${BEFORE}
for name in 'with space' 'space at the end ' -dash 'back\\slash' '*'; do plugin "$name"; done
plugin 'two
lines'
ln -s /nowhere /etc/mandos/plugins.d/dangling
mkfifo /etc/mandos/plugins.d/fifo
mkdir /etc/mandos/plugins.d/directory
chmod 700 /etc/mandos/plugins.d/-dash
tell code made
tell said said
tell plugins sh -c 'cd /tmp/image/lib/mandos/plugins.d && ls -b --quoting-style=c'
`);
    assert.equal(told.answer('code'), '0', told.output);
    // The shell's echo makes one backslash of two.
    assert.equal(
      told.answer('plugins'),
      String.raw`"*" "-dash" "askpass-fifo" "back\slash" "mandos-client" "password-prompt" "space at the end " "with space"`,
    );
    assert.match(
      told.answer('said'),
      /^W: .* will not run at boot: \/etc\/mandos\/plugins\.d\/-dash$/,
    );
  });

  it('leaves out what a network hook cannot have', async () => {
    const told = await tells(`${BEFORE}
network_hook /etc/mandos ''
tell directory made
tell said-directory said
network_hook '' no-such-module
tell empty made
tell said-empty said
`);
    assert.equal(told.answer('directory'), '0', told.output);
    assert.match(told.answer('said-directory'), /left out, it cannot be copied: \/etc\/mandos$/);
    assert.equal(told.answer('empty'), '0', told.output);
  });

  it('is not disturbed by what initramfs.conf and the files beside it do', async () => {
    const told = await tells(`${BEFORE}
cat >/etc/initramfs-tools/conf.d/odd <<'END'
keys=/nowhere programs=/nowhere directory=/nowhere configuration=/nowhere runtime=/nowhere
DEVICE=eth7
[ -e /nowhere ] && COMPRESS=gzip
END
printf '#!/bin/sh\\necho "W: for $DEVICE" >&2\\n' >/etc/mandos/network-hooks.d/odd
chmod 755 /etc/mandos/network-hooks.d/odd
tell code made
tell said said
tell keys ls /tmp/image/conf/conf.d/mandos
cp -r /etc/initramfs-tools /tmp/other
rm -r /etc/initramfs-tools
echo DEVICE=eth8 >/tmp/other/conf.d/odd
tell code-elsewhere made CONFDIR=/tmp/other
tell said-elsewhere said
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.match(told.answer('said'), /^W: for eth7/);
    assert.match(told.answer('keys'), /seckey\.txt tls-privkey\.pem/);
    assert.equal(told.answer('code-elsewhere'), '0', told.output);
    assert.match(told.answer('said-elsewhere'), /^W: for eth8/);
  });

  it('says when a key is missing', async () => {
    const told = await tells(`${BEFORE}
: >/etc/keys/mandos/seckey.txt
ln -sf /nowhere /etc/keys/mandos/tls-pubkey.pem
tell code made
tell said said
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.match(
      told.answer('said'),
      /without \/etc\/keys\/mandos\/seckey\.txt .* without \/etc\/keys\/mandos\/tls-pubkey\.pem$/,
    );
  });
});
