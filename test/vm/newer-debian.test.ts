/**
 * The Debian that comes after the one all other tests boot: 13, or with MANDOS_VM_SUITE=sid what
 * the next one grows from.
 */
import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { DaemonOnABus } from '../support/daemon-on-a-bus.ts';
import { startOriginalClientOnLink } from '../support/original-client-on-link.ts';
import { succeed } from '../support/process.ts';
import { TempDir } from '../support/temp-dir.ts';
import { assertClean } from './boot-checks.ts';
import { ownClient } from './clients.ts';
import type { Suite } from './debian.ts';
import { DebianPrograms } from './debian-programs.ts';
import { ownClientInDracutImages } from './dracut-client.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { originalServer } from './server-machine.ts';
import { startOriginalServer, startOwnServer } from './servers.ts';

const { MANDOS_VM_SUITE } = process.env;
const SUITE: Suite = MANDOS_VM_SUITE === 'sid' ? 'sid' : 'trixie';

describe(`on ${SUITE}, by Zeroconf with nothing but IPv6 link-local`, () => {
  it('our client boots in an image of initramfs-tools, with Debian 13’s server', async () => {
    const installation = await ownClient(SUITE);
    // That of sid serves nobody: with Python 3.14 it cannot start a process for a connection.
    const programs = await DebianPrograms.of('trixie');
    await using lan = await Lan.make();
    const side = await lan.addServer();
    await using server = await startOriginalServer(side, installation.section, programs);
    await using machine = await Machine.start({ installation, lan });
    assertClean(await machine.boots());
    assert.match(server.program.stderr.toString(), /Sending secret to vm/i);
  });

  it('our client boots in an image of dracut with systemd, and in one without', async () => {
    const installation = await ownClientInDracutImages(SUITE);
    for (const each of [installation, installation.withoutSystemd]) {
      await using lan = await Lan.make();
      await using server = await startOwnServer(await lan.addServer(), each.section);
      const kernelOptions = ['rd.auto'];
      await using machine = await Machine.start({ installation: each, lan, kernelOptions });
      assertClean(await machine.boots());
      assert.match(server.log, /sending secret to vm at fe80::/);
    }
  });
});

it(`our server takes over from ${SUITE}’s, installed with dpkg, and goes again`, async () => {
  const installation = await originalServer(SUITE);
  await using lan = await Lan.make();
  await using machine = await Machine.start({ installation, lan, init: 'system' });
  await machine.typesPassword();
  const report = await machine.report();
  const told = (what: string): readonly string[] => report.lines(what);
  assert.deepEqual(told('own'), ['active'], report.text);
  assert.deepEqual(told('alive'), ['enabled'], report.text);
  assert.deepEqual(told('before'), ['disabled'], report.text);
  assert.deepEqual(told('dead'), [], report.text);
  assert.deepEqual(told('checked'), ['alive', 'shell'], report.text);
  assert.match(told('announced').join('\n'), /Mandos;_mandos\._tcp/);
  assert.deepEqual(told('restarted'), ['active']);
  assert.deepEqual(told('left'), []);
});

describe('Debian 13’s programs with our server', () => {
  it('mandos-client finds it by Zeroconf and opens what it gets', async () => {
    const { command } = await DebianPrograms.of('trixie');
    await using keys = await ClientKeys.make();
    await using hooks = await TempDir.create();
    await using lan = await Lan.make();
    const section = await keys.section('vm', 'the password');
    await using server = await startOwnServer(await lan.addServer(), section);
    const side = await lan.addServer();
    await using client = startOriginalClientOnLink(side, keys, hooks.path, command);
    assert.deepEqual(await client.exit, { code: 0, signal: null }, client.stderr);
    assert.equal(client.stdout.toString(), 'the password');
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it('mandos-ctl shows and changes its clients', async () => {
    const { command } = await DebianPrograms.of('trixie');
    const clients = `[one]\nkey_id = ${'0123456789ABCDEF'.repeat(4)}\nhost = one\nsecret = b25l\n`;
    await using server = await DaemonOnABus.start('ours', { clients });
    const env = { DBUS_SYSTEM_BUS_ADDRESS: server.bus.address };
    const theirs = async (...args: readonly string[]): Promise<string> =>
      (await succeed(...command('/usr/sbin/mandos-ctl', ...args), { env })).toString();
    assert.match(await theirs(), /^one +Yes +/m);
    await theirs('--timeout=PT7M', '--disable', 'one');
    assert.match(await theirs(), /^one +No +00:07:00 /m);
    const told: { one: { Enabled: boolean; Timeout: number } } = JSON.parse(
      await theirs('--dump-json'),
    );
    assert.deepEqual([told.one.Enabled, told.one.Timeout], [false, 420_000]);
  });
});
