/** The Debian packages in a Debian of their own: installing, taking over, going back, purging. */
import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, renameSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';

const BASE = inRepository('.cache/packages/debian');
const INCLUDED =
  'systemd-sysv,dbus,fping,initramfs-tools,cryptsetup-initramfs,adduser,libatomic1,libstdc++6';
const MINUTES = 60_000;

/** Tells the answers of a story: lines of the form `= NAME ANSWER`. */
const BEFORE = `
exec 2>&1
apt-get -qq update
install() { apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@" </dev/null; }
ours() { install /pkg/mandos-ts-client*.deb /pkg/mandos-ts-server*.deb; }
tell() { name=$1; shift; echo "= $name $("$@" 2>&1 | tr '\\n' ' ')"; }
# What is precious: keys, and a configuration that was changed.
precious() { sha256sum /etc/keys/mandos/*key.* /etc/mandos/clients.conf | sha256sum; }
status() { dpkg-query --show --showformat='\${db:Status-Status}' "$1"; }
`;

/** Runs a story and gives its answers. */
async function tells(story: string): Promise<Readonly<Record<string, string>>> {
  await using dir = await TempDir.create();
  const file = await dir.write('story', BEFORE + story, 0o700);
  mkdirSync(dir.join('work'));
  const packages = globSync(inRepository('build/mandos-ts-*.deb'));
  const script = inRepository('test/vm/in-chroot.sh');
  const command = ['--mount', '/bin/sh', script, BASE, dir.join('work'), file, ...packages];
  const output = await succeed('/usr/bin/unshare', command, { timeout: 15 * MINUTES });
  const lines = output.toString().matchAll(/^= (\S+) (.*?) *$/gm);
  return Object.fromEntries(Array.from(lines, ([, name = '', answer = '']) => [name, answer]));
}

describe('the packages', () => {
  before(async () => {
    if (globSync(inRepository('build/mandos-ts-*.deb')).length < 2) {
      await succeed('/bin/sh', [inRepository('scripts/deb')], { timeout: 15 * MINUTES });
    }
    if (existsSync(BASE)) return;
    mkdirSync(inRepository('.cache/packages'), { recursive: true });
    const unfinished = `${BASE}.new-${process.pid}`;
    const options = ['--variant=minbase', '--mode=root', '--format=directory'];
    await succeed(
      '/usr/bin/mmdebstrap',
      [...options, `--include=${INCLUDED}`, 'bookworm', unfinished],
      { timeout: 15 * MINUTES },
    );
    renameSync(unfinished, BASE);
  });

  it('install by themselves, with keys of their own, and leave nothing when purged', async () => {
    const told = await tells(`
ours
tell keys stat -c %a:%U:%n /etc/keys/mandos /etc/keys/mandos/seckey.txt /etc/keys/mandos/tls-privkey.pem
tell state stat -c %a:%U:%G /var/lib/mandos
tell clients stat -c %a:%U /etc/mandos/clients.conf
tell set-uid find /usr -xdev -name '*mandos*' -perm /6000
tell enabled systemctl is-enabled mandos
tell versions sh -c 'for p in /usr/sbin/mandos* /usr/lib/*/mandos/plugin-runner; do $p --version || echo $p; done'
security=$(systemd-analyze security --offline=true /lib/systemd/system/mandos.service | tail -1)
tell security echo "$security"
apt-get purge -qq -y mandos-ts-client mandos-ts-server
tell left find / -xdev -name '*mandos*' ! -path '/pkg*'
tell keys-left sh -c 'ls -d /etc/keys'
tell rc sh -c 'dpkg -l | grep mandos'
`);
    assert.equal(
      told.keys,
      '700:root:/etc/keys/mandos 600:root:/etc/keys/mandos/seckey.txt 600:root:/etc/keys/mandos/tls-privkey.pem',
    );
    assert.equal(told.state, '700:_mandos:_mandos');
    assert.equal(told.clients, '600:root');
    assert.equal(told['set-uid'], '');
    assert.equal(told.enabled, 'enabled');
    assert.match(told.versions ?? '', /^(?:[\w-]+ \d+\.\d+\.\d+ ?)+$/);
    const exposure = /level for mandos\.service: ([\d.]+)/.exec(told.security ?? '')?.[1];
    assert.ok(Number(exposure) < 2, told.security ?? '');
    assert.equal(told.left, '');
    assert.match(told['keys-left'] ?? '', /No such file/);
    assert.equal(told.rc, '');
  });

  it('take the place of the original’s, and give it back', async () => {
    const told = await tells(`
install mandos mandos-client
printf '\\n[web]\\nkey_id = %064d\\nsecret = c2VjcmV0\\n' 1 >>/etc/mandos/clients.conf
tell before precious
ours
tell switched precious
tell status status mandos
tell script stat -c %a /etc/init.d/mandos
tell enabled systemctl is-enabled mandos
tell version mandos --version
install mandos mandos-client
tell back precious
tell version-back dpkg-query --show --showformat '\${Version}' mandos
tell enabled-back systemctl is-enabled mandos
dpkg --purge mandos-ts-client mandos-ts-server
tell purged precious
tell enabled-purged systemctl is-enabled mandos
tell state-purged ls -d /var/lib/mandos
`);
    assert.match(told.before ?? '', /^[0-9a-f]{64}/);
    for (const moment of ['switched', 'back', 'purged']) {
      assert.equal(told[moment], told.before, moment);
    }
    assert.equal(told.status, 'config-files');
    assert.equal(told.script, '755');
    assert.match(told.version ?? '', /^mandos 0\./);
    assert.match(told['version-back'] ?? '', /^1\.8\./);
    for (const moment of ['enabled', 'enabled-back', 'enabled-purged']) {
      assert.equal(told[moment], 'enabled', moment);
    }
    assert.equal(told['state-purged'], '/var/lib/mandos');
  });
});
