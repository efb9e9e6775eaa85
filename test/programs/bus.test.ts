/** mandos(8) with a message bus, without one, and with one that restarts. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { BusConnection } from '../../src/dbus/connection.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RestartableBus } from '../dbus/restartable-bus.ts';
import { clientSection } from '../support/client-keys.ts';
import { DaemonOnABus, untilNamed } from '../support/daemon-on-a-bus.ts';
import { ask } from '../support/mandos-peer.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { requires } from '../support/requirements.ts';
import { ServerHome } from '../support/server-home.ts';
import { ServerProgram } from '../support/server-program.ts';
import { tlsKey } from '../support/tls-keys.ts';

const NOWHERE = 'unix:path=/nonexistent/bus';

const key = tlsKey();
const secret = Buffer.from('the blob').toString('base64');
const clients = clientSection('foo', { key_id: key.keyId, secret, interval: 'PT20H' });
/** Its checker fails, so that it is locked out after a second or two. */
const dying = clientSection('dying', {
  key_id: tlsKey().keyId,
  secret,
  interval: 'PT1S',
  checker: 'false',
});

async function served(port: number): Promise<boolean> {
  const blob = await ask(port, key.privatePem);
  return Buffer.from(blob ?? []).toString() === 'the blob';
}

async function callerOn(bus: RestartableBus): Promise<BusConnection> {
  return await BusConnection.open(bus.address, { clock: bootClock, log: new RecordingLog() });
}

async function names(caller: BusConnection): Promise<readonly string[]> {
  const [all] = await caller.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'ListNames',
  });
  return all as string[];
}

describe('mandos without D-Bus', () => {
  it('needs no bus with --no-dbus', async () => {
    await using server = await ServerProgram.start({
      clients,
      env: { DBUS_SYSTEM_BUS_ADDRESS: NOWHERE },
    });
    assert.equal(await served(server.port), true);
    assert.doesNotMatch(server.log, /bus/i);
  });

  it('needs no bus with use_dbus = False, and joins none', requires('private bus'), async () => {
    await using bus = await RestartableBus.start();
    await using caller = await callerOn(bus);
    const before = await names(caller);
    await using home = await ServerHome.make(clients);
    await writeFile(home.path('mandos.conf'), '[DEFAULT]\nuse_dbus = False\n');
    await using server = await home.start({ bus: bus.address });
    assert.equal(await served(server.port), true);
    assert.deepEqual(await names(caller), before);
  });
});

describe('mandos with D-Bus', () => {
  it('serves when there is no bus, and says so', async () => {
    await using home = await ServerHome.make(clients);
    await using server = await home.start({ bus: NOWHERE });
    assert.equal(await served(server.port), true);
    await server.program.waitForLine(/ERROR: no D-Bus interface for now: .*nonexistent/);
  });

  it(
    'is there again when the bus is, with what has changed',
    requires('original server'),
    async () => {
      await using daemon = await DaemonOnABus.start('ours', {
        clients: clients + dying,
        options: ['--debug'],
      });
      const { bus } = daemon;
      await bus.stop();
      // The bus is no part of what decides about lives.
      await daemon.program.waitForLine(/client dying is disabled/);
      for (let round = 0; round < 3; round++) {
        await bus.stop();
        assert.equal(await served(daemon.port), true);
        await bus.startAgain();
        await untilNamed(bus.address, daemon.program);
        const { stdout } = await daemon.ctl('--dump-json');
        const shown = JSON.parse(stdout.toString('utf8'));
        assert.deepEqual(Object.keys(shown).toSorted(), ['dying', 'foo']);
        assert.equal(shown.dying.Enabled, false);
      }
      assert.equal((await daemon.ctl('--disable', 'foo')).code, 0);
      assert.equal(await served(daemon.port), false);
    },
  );
});
