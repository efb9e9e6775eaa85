/** The Debian packages in a Debian of their own: installing, taking over, going back, purging. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

describe('the packages', () => {
  before(prepareChroot);

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
      told.answer('keys'),
      '700:root:/etc/keys/mandos 600:root:/etc/keys/mandos/seckey.txt 600:root:/etc/keys/mandos/tls-privkey.pem',
    );
    assert.equal(told.answer('state'), '700:_mandos:_mandos');
    assert.equal(told.answer('clients'), '600:root');
    assert.equal(told.answer('set-uid'), '');
    assert.equal(told.answer('enabled'), 'enabled');
    assert.match(told.answer('versions'), /^(?:[\w-]+ \d+\.\d+\.\d+ ?)+$/);
    const exposure = /level for mandos\.service: ([\d.]+)/.exec(told.answer('security'))?.[1];
    assert.ok(Number(exposure) < 2, told.answer('security'));
    assert.equal(told.answer('left'), '');
    assert.match(told.answer('keys-left'), /No such file/);
    assert.equal(told.answer('rc'), '');
  });

  it('take the place of the original’s, and give it back', async () => {
    const told = await tells(`
# What is precious: keys, and a configuration that was changed.
precious() { sha256sum /etc/keys/mandos/*key.* /etc/mandos/clients.conf | sha256sum; }
install mandos mandos-client
printf '\\n[web]\\nkey_id = %064d\\nsecret = c2VjcmV0\\n' 1 >>/etc/mandos/clients.conf
tell before precious
ours
tell switched precious
tell status status mandos
tell script stat -c %a /etc/init.d/mandos
tell enabled systemctl is-enabled mandos
tell version mandos --version
install -o Dpkg::Options::=--force-confold mandos mandos-client
tell back precious
tell version-back dpkg-query --show --showformat '\${Version}' mandos
tell enabled-back systemctl is-enabled mandos
dpkg --purge mandos-ts-client mandos-ts-server
tell purged precious
tell enabled-purged systemctl is-enabled mandos
tell state-purged ls -d /var/lib/mandos
`);
    assert.match(told.answer('before'), /^[0-9a-f]{64}/);
    for (const moment of ['switched', 'back', 'purged']) {
      assert.equal(told.answer(moment), told.answer('before'), moment);
    }
    assert.equal(told.answer('status'), 'config-files');
    assert.equal(told.answer('script'), '755');
    assert.match(told.answer('version'), /^mandos 0\./);
    assert.match(told.answer('version-back'), /^1\.8\./);
    for (const moment of ['enabled', 'enabled-back', 'enabled-purged']) {
      assert.equal(told.answer(moment), 'enabled', moment);
    }
    assert.equal(told.answer('state-purged'), '/var/lib/mandos');
  });
});
