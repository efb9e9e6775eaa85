/** Debian's mandos-ctl on the whole server, ours beside Debian's with the same clients.conf. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { BusConnection } from '../../src/dbus/connection.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { clientSection } from '../support/client-keys.ts';
import { DaemonOnABus, type Make } from '../support/daemon-on-a-bus.ts';
import { ask } from '../support/mandos-peer.ts';
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
  checker: 'echo %%%%(host)s "é"',
  approved_by_default: 'False',
  approval_delay: 'PT1H',
  enabled: 'False',
})}
${clientSection('bar', { key_id: keys[2].keyId, checker: 'sleep 1000', approval_delay: 'PT1H' })}`;

/** Both servers, one beside the other. */
class Pair implements AsyncDisposable {
  readonly original: DaemonOnABus;
  readonly ours: DaemonOnABus;

  private constructor(original: DaemonOnABus, ours: DaemonOnABus) {
    this.original = original;
    this.ours = ours;
  }

  static async start(): Promise<Pair> {
    const start = (make: Make) => DaemonOnABus.start(make, { clients: CLIENTS });
    const [original, ours] = await Promise.all([start('original'), start('ours')]);
    return new Pair(original, ours);
  }

  /** The same for both, and what came of it. */
  async both<T>(what: (daemon: DaemonOnABus) => Promise<T>): Promise<{ theirs: T; ours: T }> {
    const [theirs, ours] = await Promise.all([what(this.original), what(this.ours)]);
    return { theirs, ours };
  }

  /** Runs mandos-ctl on both; it must end and speak alike. */
  async ctl(...args: readonly string[]): Promise<number | null> {
    const { theirs, ours } = await this.both(async (daemon) => {
      const { code, stdout, stderr } = await daemon.ctl(...args);
      return { code, stdout: withoutTimes(stdout.toString('utf8')), stderr };
    });
    assert.deepEqual(ours, theirs, args.join(' '));
    return ours.code;
  }

  /** Waits until both show the same clients alike; fails with the difference. */
  async agree(when: string): Promise<Shown> {
    const deadline = bootClock.now() + 60_000;
    for (;;) {
      const { theirs, ours } = await this.both(shown);
      try {
        assert.deepEqual(timeless(ours), timeless(theirs), when);
        return ours;
      } catch (error) {
        if (bootClock.now() > deadline) throw error;
        await setTimeout(100);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.original[Symbol.asyncDispose](), this.ours[Symbol.asyncDispose]()]);
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Shown = Readonly<Record<string, Fields>>;

async function shown(daemon: DaemonOnABus): Promise<Shown> {
  const { code, stdout, stderr } = await daemon.ctl('--dump-json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout.toString('utf8'));
}

function withoutTimes(text: string): string {
  const timeless = text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?/g, 'TIME');
  // Clients come in no particular order.
  return timeless.split('\n').toSorted().join('\n');
}

function timeless(clients: Shown): unknown {
  return JSON.parse(
    JSON.stringify(clients).replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?"/g, '"TIME"'),
  );
}

/** When a client expires, in milliseconds. */
async function expiry(daemon: DaemonOnABus, client: string): Promise<number> {
  const expires = String((await shown(daemon))[client]?.Expires);
  return Date.parse(`${expires.slice(0, 23)}Z`);
}

const HOUR = 3_600_000;

describe("Debian's mandos-ctl on Debian's server and on ours", needed, () => {
  it('shows the same tables and JSON', async () => {
    await using pair = await Pair.start();
    const clients = await pair.agree('at the start');
    assert.deepEqual(Object.keys(clients).toSorted(), ['bar', 'foo', 'www.example-1.org']);
    for (const args of [
      [],
      ['--verbose'],
      ['foo'],
      ['bar', 'foo'],
      ['--verbose', 'www.example-1.org'],
      ['--dump-json', 'foo'],
      ['--is-enabled', 'foo'],
      ['--is-enabled', 'www.example-1.org'],
      ['nobody'],
      ['--enable', 'nobody'],
      ['--is-enabled', 'nobody'],
    ]) {
      await pair.ctl(...args);
    }
  });

  it('acts alike with every option', async () => {
    await using pair = await Pair.start();
    await using dir = await TempDir.create();
    const secret = await dir.write('secret', 'a\0\xff blob');
    const steps: readonly string[][] = [
      ['--disable', 'foo'],
      ['--enable', 'foo', 'www.example-1.org'],
      ['--disable', '--all'],
      ['--enable', '--all'],
      ['--start-checker', 'bar'],
      ['--stop-checker', 'bar'],
      ['--checker', 'exit 3', 'bar'],
      ['--start-checker', 'bar'],
      ['--checker', 'kill -9 $$', 'bar'],
      ['--start-checker', 'bar'],
      ['--checker', 'true', 'bar'],
      ['--start-checker', 'bar'],
      ['--bump-timeout', 'foo'],
      ['--host', '::1', 'foo'],
      ['--timeout', 'P1D', 'foo'],
      ['--timeout', '1d 2h', 'foo'],
      ['--extended-timeout', 'PT20M', 'foo', 'bar'],
      ['--interval', 'PT30H', 'foo'],
      ['--approval-delay', 'PT1M', 'foo'],
      ['--approval-duration', 'PT2S', 'foo'],
      ['--deny-by-default', 'foo'],
      ['--approve-by-default', 'www.example-1.org'],
      ['--host', 'a', '--checker', 'b', '--timeout', 'P3D', '--deny-by-default', '--all'],
      ['--secret', secret, 'foo'],
      ['--timeout', 'PT0S', 'bar'],
      ['--approve', '--all'],
      ['--deny', 'bar'],
      ['--remove', 'bar'],
      ['bar'],
      ['--remove', '--all'],
      [],
    ];
    for (const step of steps) {
      await pair.ctl(...step);
      await pair.agree(step.join(' '));
    }
    assert.deepEqual(await shown(pair.ours), {});
  });

  it('moves the time of expiry alike', async () => {
    await using pair = await Pair.start();
    for (const daemon of [pair.original, pair.ours]) {
      const start = await expiry(daemon, 'foo');
      assert.equal((await daemon.ctl('--timeout', 'P3D', 'foo')).code, 0);
      assert.equal((await expiry(daemon, 'foo')) - start, 24 * HOUR, daemon.make);
      assert.equal((await daemon.ctl('--bump-timeout', 'foo')).code, 0);
      const lease = (await expiry(daemon, 'foo')) - Date.now();
      assert.ok(lease <= 72 * HOUR && lease > 71 * HOUR, `${daemon.make}: ${lease}`);
      assert.equal((await daemon.ctl('--enable', 'www.example-1.org')).code, 0);
      const enabled = (await expiry(daemon, 'www.example-1.org')) - Date.now();
      assert.ok(enabled <= 40 * HOUR && enabled > 39 * HOUR, `${daemon.make}: ${enabled}`);
    }
  });

  it('approves, denies and changes the secret of clients that ask', async () => {
    await using pair = await Pair.start();
    await using dir = await TempDir.create();
    const secret = await dir.write('secret', 'another');
    await pair.ctl('--secret', secret, 'foo');
    const answer = async (blob: Promise<Uint8Array | null>): Promise<string | null> => {
      const bytes = await blob;
      return bytes === null ? null : Buffer.from(bytes).toString();
    };
    const foo = await pair.both(({ port }) => answer(ask(port, keys[0].privatePem)));
    assert.deepEqual(foo, { theirs: 'another', ours: 'another' });
    for (const [option, wanted] of [
      ['--deny', null],
      ['--approve', 'hello'],
    ] as const) {
      const bar = await pair.both(async (daemon) => {
        const asked = ask(daemon.port, keys[2].privatePem);
        const deadline = bootClock.now() + 10_000;
        while ((await shown(daemon)).bar?.ApprovalPending !== true) {
          assert.ok(bootClock.now() < deadline, 'nobody waits for approval');
        }
        assert.equal((await daemon.ctl(option, 'bar')).code, 0);
        const got = await answer(asked);
        // The decision holds for approval_duration.
        await setTimeout(1200);
        return got;
      });
      assert.deepEqual(bar, { theirs: wanted, ours: wanted }, option);
      // Debian's 1.8.16 goes on showing a request as pending after it was approved.
      assert.equal((await shown(pair.ours)).bar?.ApprovalPending, false);
    }
  });

  it('finds the same objects, to the last byte', async () => {
    await using daemon = await DaemonOnABus.start('ours', { clients: CLIENTS });
    const log = new RecordingLog();
    await using caller = await BusConnection.open(daemon.bus.address, { clock: bootClock, log });
    for (const [path, fixture] of [
      ['/clients/foo', 'client'],
      ['/clients/nobody', 'nonexistent'],
      ['/', 'root'],
    ] as const) {
      const [text] = await caller.call({
        destination: 'se.recompile.Mandos',
        path,
        interface: 'org.freedesktop.DBus.Introspectable',
        member: 'Introspect',
      });
      const file = inRepository(`test/dbus/fixtures/introspection-${fixture}.xml`);
      assert.equal(text, readFileSync(file, 'utf8'), path);
    }
  });
});
