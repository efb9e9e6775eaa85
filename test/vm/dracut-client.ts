/** Our client in images of dracut: with systemd, without it, and with a drop-in. */
import { inRepository } from '../support/repository.ts';
import { IN_DRACUT, on, ownPackage, withImage } from './clients.ts';
import { type Installation, install, type Suite } from './debian.ts';

/** With systemd in the image, unless it says otherwise. */
export interface DracutClient extends Installation {
  readonly withoutSystemd: Installation;
  /** Its service has a drop-in with further options, and a network hook tells of them. */
  readonly withDropIn: Installation;
}

export async function ownClientInDracutImages(suite?: Suite): Promise<DracutClient> {
  const installation = await install({
    ...on('own-client-dracut-images', suite),
    files: {
      '/root/client.deb': ownPackage('mandos-ts-client'),
      '/root/telling-hook': inRepository('test/vm/guest/telling-hook'),
    },
    script: `${IN_DRACUT}
kernel=$(ls /lib/modules)
dracut --quiet --no-hostonly-cmdline --omit 'systemd systemd-initrd dracut-systemd' \
  /root/keep/without-systemd "$kernel"
${DROP_IN}
dracut --quiet /root/keep/with-drop-in "$kernel"
rm -r /etc/systemd/system/ask-password-mandos.service.d /etc/mandos/network-hooks.d/*`,
  });
  return {
    ...installation,
    withoutSystemd: withImage(installation, 'without-systemd'),
    withDropIn: withImage(installation, 'with-drop-in'),
  };
}

const DROP_IN = `mkdir -p /etc/systemd/system/ask-password-mandos.service.d
cat >/etc/systemd/system/ask-password-mandos.service.d/test.conf <<'END'
[Service]
Environment=MANDOS_CLIENT_OPTIONS=--debug
Environment=PASSWORD_AGENT_OPTIONS=--helper-directory=/lib/mandos/other-helpers
END
mv /root/telling-hook /etc/mandos/network-hooks.d`;
