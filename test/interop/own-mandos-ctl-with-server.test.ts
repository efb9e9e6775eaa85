/** Our mandos-ctl and Debian's on the same running server: Debian's, and ours. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BusConnection } from '../../src/dbus/connection.ts';
import { MandosService } from '../../src/operator/server/mandos-service.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { clientSection } from '../support/client-keys.ts';
import { DaemonOnABus, type Make } from '../support/daemon-on-a-bus.ts';
import { type Ctl, originalCtl, ownCtl } from '../support/mandos-ctl.ts';
import { ask } from '../support/mandos-peer.ts';
import { RunningProgram } from '../support/process.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';
import { tlsKey } from '../support/tls-keys.ts';

const needed = requires('original server');
const keys = [tlsKey(), tlsKey(), tlsKey()] as const;

/** Checks by themselves come after the test. */
const CLIENTS = `[DEFAULT]
interval = PT20H
timeout = P2D
secret = aGVsbG8=
fingerprint = 778827225BA7DE539C5A7CFA59CFF7CDBD9A5920
${clientSection('foo', { key_id: keys[0].keyId, host: 'localhost', checker: 'true' })}
${clientSection('www.example-1.org', {
  key_id: keys[1].keyId,
  host: '::1',
  checker: 'echo %%%%(host)s "é" \\',
  approved_by_default: 'False',
  approval_delay: 'PT1H',
  enabled: 'False',
})}
${clientSection('bar', { key_id: keys[2].keyId, checker: 'sleep 1000' })}`;

const MAKES: readonly Make[] = ['original', 'ours'];
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}/g;

function start(make: Make): Promise<DaemonOnABus> {
  return DaemonOnABus.start(make, { clients: CLIENTS });
}

/** What there is to see; times of day apart, for they are never the same twice. */
async function state({ bus }: DaemonOnABus): Promise<unknown> {
  const log = new RecordingLog();
  await using connection = await BusConnection.open(bus.address, { clock: bootClock, log });
  const clients = await new MandosService(connection).clients();
  return JSON.parse(JSON.stringify(clients).replaceAll(TIME, 'TIME'));
}

for (const make of MAKES) {
  describe(`both mandos-ctls on the server: ${make}`, needed, () => {
    it('show the same, to the last byte', async () => {
      await using daemon = await start(make);
      const { address } = daemon.bus;
      assert.equal((await ownCtl(address, ['--bump-timeout', 'foo'])).code, 0);
      for (const args of [
        [],
        ['-v'],
        ['-j'],
        ['bar', 'foo'],
        ['-v', 'www.example-1.org'],
        ['-j', 'foo', 'bar'],
        ['-V', 'foo'],
        ['-V', 'www.example-1.org'],
        ['-V', '--all'],
        ['nobody'],
      ]) {
        const theirs = await originalCtl(address, args);
        const ours = await ownCtl(address, args);
        assert.equal(ours.code, theirs.code, args.join(' '));
        assert.equal(ours.stdout.toString(), theirs.stdout.toString(), args.join(' '));
      }
    });

    it('do the same', async () => {
      await using daemon = await start(make);
      await using dir = await TempDir.create();
      const secret = await dir.write('secret', 'another');
      const steps: readonly (readonly [act: readonly string[], undo: readonly string[]])[] = [
        [
          ['--disable', 'foo'],
          ['--enable', 'foo'],
        ],
        [
          ['--enable', 'www.example-1.org'],
          ['--disable', 'www.example-1.org'],
        ],
        [
          ['--disable', '--all'],
          ['--enable', 'foo', 'bar'],
        ],
        [
          ['--timeout', 'P1D', 'foo'],
          ['--timeout', 'P2D', 'foo'],
        ],
        [
          ['--timeout', '1d 2h', 'foo', 'bar'],
          ['--timeout', 'P2D', '--all'],
        ],
        [
          ['--extended-timeout', 'PT20M', 'foo'],
          ['--extended-timeout', 'PT15M', 'foo'],
        ],
        [
          ['--approval-delay', 'PT1M', 'foo'],
          ['--approval-delay', 'PT0S', 'foo'],
        ],
        [
          ['--approval-duration', 'PT2S', 'foo'],
          ['--approval-duration', 'PT1S', 'foo'],
        ],
        [
          ['--deny-by-default', 'foo'],
          ['--approve-by-default', 'foo'],
        ],
        [
          ['--host', 'naïve', '-c', 'exit 3', 'bar'],
          ['--host', '', '-c', 'sleep 1000', 'bar'],
        ],
        [
          ['-s', secret, 'foo'],
          ['-s', secret, 'foo'],
        ],
        [
          ['--approve', 'foo'],
          ['--approve', 'foo'],
        ],
      ];
      // So that it has been enabled once.
      assert.equal((await originalCtl(daemon.bus.address, ['--enable', '--all'])).code, 0);
      const off = ['--disable', 'www.example-1.org'];
      assert.equal((await originalCtl(daemon.bus.address, off)).code, 0);
      for (const [act, undo] of steps) {
        const before = await state(daemon);
        const after: unknown[] = [];
        for (const ctl of [originalCtl, ownCtl]) {
          assert.equal((await ctl(daemon.bus.address, act)).code, 0, act.join(' '));
          after.push(await state(daemon));
          assert.equal((await ownCtl(daemon.bus.address, undo)).code, 0, undo.join(' '));
          assert.deepEqual(await state(daemon), before, undo.join(' '));
        }
        assert.deepEqual(after[1], after[0], act.join(' '));
      }
    });

    it('remove the same', async () => {
      for (const ctl of [originalCtl, ownCtl] satisfies Ctl[]) {
        await using daemon = await start(make);
        const { address } = daemon.bus;
        assert.equal((await ctl(address, ['--deny', '--remove', 'foo'])).code, 0);
        assert.doesNotMatch(JSON.stringify(await state(daemon)), /foo/);
        assert.equal((await ctl(address, ['--remove', '--all'])).code, 0);
        assert.deepEqual(await state(daemon), []);
      }
    });
  });

  describe(`our mandos-ctl on the server: ${make}`, needed, () => {
    it('explains what then happens', async () => {
      await using daemon = await start(make);
      const { address } = daemon.bus;
      const explained = async (client: string): Promise<string> => {
        const { code, stdout, stderr } = await ownCtl(address, ['explain', client]);
        assert.equal(code, 0, stderr);
        return stdout.toString();
      };
      const set = async (...args: readonly string[]): Promise<void> => {
        assert.equal((await ownCtl(address, args)).code, 0, args.join(' '));
      };
      const gets = async (key: (typeof keys)[number]): Promise<boolean> =>
        (await ask(daemon.port, key.privatePem)) !== null;

      assert.match(await explained('foo'), /^Yes: /);
      assert.ok(await gets(keys[0]));
      assert.match(await explained('www.example-1.org'), /^No: .* is disabled /);
      assert.ok(!(await gets(keys[1])));
      await set('--approval-delay=100', 'bar');
      assert.match(await explained('bar'), /^Yes, unless denied: .* wait 100 milliseconds /);
      assert.ok(await gets(keys[2]));
      await set('--deny-by-default', 'bar');
      assert.match(await explained('bar'), /^No, unless approved: /);
      assert.ok(!(await gets(keys[2])));
      await set('--timeout=PT0S', 'foo');
      assert.match(await explained('foo'), /^No: foo is disabled /);
      assert.ok(!(await gets(keys[0])));
    });

    it('watches what happens', async () => {
      await using daemon = await start(make);
      const env = { DBUS_SYSTEM_BUS_ADDRESS: daemon.bus.address };
      await using watch = RunningProgram.start(inRepository('bin/mandos-ctl'), ['--watch'], {
        env,
      });
      await watch.waitForLine(/"event":"server-found","clients":3\}/);
      await ask(daemon.port, keys[0].privatePem);
      await watch.waitForLine(/"event":"got-secret","client":"foo"\}/);
      await ask(daemon.port, keys[1].privatePem);
      await watch.waitForLine(
        /"event":"rejected","client":"www.example-1.org","reason":"Disabled"/,
      );
      const stranger = tlsKey();
      await ask(daemon.port, stranger.privatePem);
      await watch.waitForLine(
        new RegExp(
          `"event":"client-not-found","key_id":"${stranger.keyId}","address":"127.0.0.1"`,
          'i',
        ),
      );
      await ownCtl(daemon.bus.address, ['--checker', 'exit 3', '--start-checker', 'foo']);
      await watch.waitForLine(/"event":"checker-started","client":"foo","command":"exit 3"/);
      await watch.waitForLine(/"event":"checker-completed","client":"foo","exit_status":3,/);
      await ownCtl(daemon.bus.address, ['--remove', 'foo']);
      await watch.waitForLine(/"event":"client-removed","client":"foo"/);
      await daemon.program[Symbol.asyncDispose]();
      await watch.waitForLine(/"event":"server-lost"/);
      watch.kill('SIGINT');
      assert.deepEqual(await watch.exit, { code: 0, signal: null });
    });
  });
}
