/** The installations of clients that the tests boot. */
import { join } from 'node:path';
import { arch } from 'node:process';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { DISK_PASSWORD, type Installation, install, type Suite } from './debian.ts';
import { makeEncryptedDisk } from './encrypted-disk.ts';
import { kept } from './kept.ts';

const DEBIAN_ARCHITECTURE = arch === 'arm64' ? 'arm64' : 'amd64';

/** The path of one of our packages, as `npm run deb` makes them. */
export function ownPackage(name: string): string {
  return inRepository(`build/${name}_0.1.0_${DEBIAN_ARCHITECTURE}.deb`);
}

/** Debian's own client, in an image made by initramfs-tools. */
export async function originalClient(): Promise<Installation> {
  return await install({
    name: 'original-client',
    script: `apt-get install -qq -y --no-install-recommends mandos-client >/dev/null
${KEEP_SECTIONS}
measure-image after`,
  });
}

/** Our client, in an image made by initramfs-tools. */
export async function ownClient(suite?: Suite): Promise<Installation> {
  return await install({
    ...on('own-client', suite),
    files: { '/root/client.deb': ownPackage('mandos-ts-client') },
    script: `${INSTALL_OWN} wireguard-tools
${KEEP_SECTIONS}
measure-image after`,
  });
}

/** Our client beside Plymouth, in an image made by initramfs-tools. */
export async function ownClientWithPlymouth(): Promise<Installation> {
  return await install({
    name: 'own-client-plymouth',
    files: { '/root/client.deb': ownPackage('mandos-ts-client') },
    script: `mkdir -p /etc/initramfs-tools/conf.d
echo FRAMEBUFFER=y >/etc/initramfs-tools/conf.d/splash
${INSTALL_OWN} plymouth
${KEEP_SECTIONS}`,
  });
}

/** Our client on a machine with two disks that the initial RAM disk has to unlock. */
export interface ClientWithTwoDisks extends Installation {
  readonly second: string;
  /** An image for the first disk alone, where crypttab names plugin-runner as a key script. */
  readonly keyScript: Installation;
  /**
   * An image for the first disk alone, where the client has but one interface: br0, which the
   * example of a network hook makes.
   */
  readonly bridge: Installation;
  /** An image for the first disk alone, with all that an administrator may add and change. */
  readonly administered: Installation;
}

export async function ownClientWithTwoDisks(): Promise<ClientWithTwoDisks> {
  const hooks = inRepository('packaging/network-hooks.d');
  const administrator = inRepository('test/vm/guest/administrator');
  const installation = await install({
    name: 'own-client-two-disks',
    files: {
      '/root/client.deb': ownPackage('mandos-ts-client'),
      '/root/hooks/bridge': join(hooks, 'bridge'),
      '/root/hooks/bridge.conf': join(hooks, 'bridge.conf'),
      '/root/own/plugin': join(administrator, 'plugin'),
      '/root/own/greet': join(administrator, 'greet'),
      '/root/own/network-hook': join(administrator, 'network-hook'),
    },
    script: `${INSTALL_OWN}
${KEEP_SECTIONS}
${IMAGES_FOR_ONE_DISK}
echo 'second /dev/vdb none luks,initramfs' >>/etc/crypttab
update-initramfs -u`,
  });
  const directory = await kept('second-disk', [DISK_PASSWORD], async (unfinished) => {
    await using empty = await TempDir.create();
    await makeEncryptedDisk(empty.path, `${unfinished}/disk`, DISK_PASSWORD);
  });
  return {
    ...installation,
    second: `${directory}/disk`,
    keyScript: withImage(installation, 'key-script'),
    bridge: withImage(installation, 'bridge'),
    administered: withImage(installation, 'administered'),
  };
}

const IMAGES_FOR_ONE_DISK = `kernel=$(ls /lib/modules)
cp /etc/crypttab /root
sed -i "s|$|,keyscript=$(echo /usr/lib/*/mandos/plugin-runner)|" /etc/crypttab
mkinitramfs -o /root/keep/key-script "$kernel"
mv /root/crypttab /etc
cp -a /etc/mandos/plugin-runner.conf /root
mv /root/hooks/* /etc/mandos/network-hooks.d
sed -i 's/^PORTS=.*/PORTS=eth0/' /etc/mandos/network-hooks.d/bridge.conf
echo --options-for=mandos-client:--interface=br0 >>/etc/mandos/plugin-runner.conf
mkinitramfs -o /root/keep/bridge "$kernel"
cp -a /root/plugin-runner.conf /etc/mandos
rm -r /root/hooks /etc/mandos/network-hooks.d/*
cp -a /etc/initramfs-tools/initramfs.conf /root
sed -i 's/^DEVICE=.*/DEVICE=eth0/' /etc/initramfs-tools/initramfs.conf
cp /root/own/plugin /etc/mandos/plugins.d/own
cp /root/own/greet /etc/mandos/plugin-helpers/greet
cp /root/own/network-hook /etc/mandos/network-hooks.d/own
echo 'data of its own' >/etc/hook-data
printf '%s\n' --env-for=own:GREETING=hello --options-for=own:--one,--two=2 \
  >>/etc/mandos/plugin-runner.conf
mv /etc/keys/mandos /etc/mandos/keys
printf '%s\n' '-----BEGIN DH PARAMETERS-----' '-----END DH PARAMETERS-----' \
  >/etc/mandos/keys/dhparams.pem
mkinitramfs -o /root/keep/administered "$kernel"
rm /etc/mandos/keys/dhparams.pem
mv /etc/mandos/keys /etc/keys/mandos
mv /root/initramfs.conf /etc/initramfs-tools
mv /root/plugin-runner.conf /etc/mandos
rm -r /root/own /etc/hook-data /etc/mandos/plugins.d/own /etc/mandos/plugin-helpers/greet \
  /etc/mandos/network-hooks.d/own`;

/** The same machine with another image, which the script has left in /root/keep. */
export function withImage(installation: Installation, name: string): Installation {
  return { ...installation, initrd: join(installation.files, name) };
}

/** The part of a plan that says on which Debian: 12, where nothing is said. */
export function on(name: string, suite?: Suite): { name: string; suite?: Suite } {
  return suite === undefined ? { name } : { name: `${name}-${suite}`, suite };
}

/** Makes the keys and the image, too. */
const INSTALL_OWN = 'apt-get install -qq -y --no-install-recommends /root/client.deb';

/** Sections for clients.conf: one sealed with the disk's password, and one with a wrong one. */
const KEEP_SECTIONS = `rm -f /root/client.deb
mandos-keygen --passfile /root/password >/root/keep/section
echo 'not the password' >/root/wrong
mandos-keygen --passfile /root/wrong >/root/keep/wrong-section
rm /root/wrong
# Emulated machines take their time.
for section in section wrong-section; do
  echo 'timeout = P1D' >>"/root/keep/$section"
done`;

/** dracut looks at the machine that it runs on, and this is none: tell it what it would find. */
export const IN_DRACUT = `mkdir -p /etc/dracut.conf.d
cat >/etc/dracut.conf.d/vm.conf <<'END'
hostonly=yes
hostonly_mode=sloppy
compress="zstd -1 -q -T0"
add_dracutmodules+=" crypt "
add_drivers+=" virtio_pci virtio_blk virtio_net ext4 dm_crypt aesni_intel xts "
END
# Without an image for now: our client's package makes one.
INITRD=No apt-get install -qq -y --no-install-recommends dracut cryptsetup-bin \
  $(! apt-cache show systemd-cryptsetup >/dev/null 2>&1 || echo systemd-cryptsetup) >/dev/null
sed -i s/initramfs/force/ /etc/crypttab
${INSTALL_OWN}
${KEEP_SECTIONS}
lsinitrd /boot/initrd.img-* >/root/keep/after.list`;
