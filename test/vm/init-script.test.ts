/** Our server as a service of sysvinit, on a Debian without systemd as its init. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inRepository } from '../support/repository.ts';
import { ownPackage } from './clients.ts';
import { install } from './debian.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';

const SCRIPT = `apt-get install -qq -y --no-install-recommends sysvinit-core orphan-sysvinit-scripts \
  bsdutils inetutils-syslogd fping /root/server.deb >/dev/null
printf '[web]\\nkey_id = %064d\\nhost = localhost\\nsecret = c2VjcmV0\\nchecker = true\\n' 1 \
  >>/etc/mandos/clients.conf
echo 'DAEMON_ARGS="--debuglevel=INFO"' >>/etc/default/mandos
update-rc.d init-script-story defaults`;

it('the init script starts, stops and tells, and a shutdown keeps the state', async () => {
  const installation = await install({
    name: 'sysvinit',
    files: {
      '/root/server.deb': ownPackage('mandos-ts-server'),
      '/root/original-script': inRepository('.cache/originals/mandos/etc/init.d/mandos'),
      '/etc/init.d/init-script-story': inRepository('test/vm/guest/init-script-story'),
    },
    script: SCRIPT,
    freeMegabytes: 400,
  });
  await using lan = await Lan.make();
  await using machine = await Machine.start({ installation, lan, init: 'system' });
  await machine.typesPassword();
  await machine.typesPassword();
  const report = await machine.report();
  const told = (what: string): readonly string[] => report.lines(what);
  assert.deepEqual(told('init'), ['init'], report.text);
  assert.deepEqual(told('booted'), ['status 0 0', 'status 0 0'], 'it runs after both boots');
  assert.deepEqual(told('web'), ['enabled', 'enabled', 'locked out'], report.text);
  assert.deepEqual(told('twice'), ['start 0 0', 'same'], 'a second start is harmless');
  assert.deepEqual(
    told('action'),
    [
      ...['restart 0 0', 'another after restart'],
      ...['force-reload 0 0', 'another after force-reload'],
      ...['stop 0 3', 'stop 0 3', 'start 0 0'],
      ...['start 0 0', 'start 0 0', 'another after upgrade'],
    ],
    report.text,
  );
  assert.deepEqual(told('stopped'), ['no file']);
  assert.deepEqual(told('still'), []);
  assert.deepEqual(told('killed'), ['status 1 1']);
  assert.match(told('broken').join(), /^restart [1-9]\d* 3$/, report.text);
  assert.match(told('nonsense').join(), /^nonsense [23] 0$/);
  assert.deepEqual(told('kept'), ['restart 0 0', 'another after restart', 'stop 0 3', 'start 0 0']);
  assert.match(told('ledger').join('\n'), /"web" locked out \(operator\)$/);
});
