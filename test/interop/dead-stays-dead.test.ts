/**
 * F1 and F4 with the whole daemon: beside Debian's server, and through everything that may
 * happen to a server and its files between two starts. What revives is the operator's act.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { clientSection } from '../support/client-keys.ts';
import { ask } from '../support/mandos-peer.ts';
import { OriginalServer } from '../support/original-server.ts';
import { PrivateBus } from '../support/private-bus.ts';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { type HomeServer, type HomeStartOptions, ServerHome } from '../support/server-home.ts';
import { type TlsKey, tlsKey } from '../support/tls-keys.ts';

const SECRET = Buffer.from('the blob').toString('base64');
const GONE = /client dead is disabled: it has been gone for too long/;
const [dead, alive] = [tlsKey(), tlsKey()];

function section(name: string, key: TlsKey, more: Readonly<Record<string, string>>): string {
  const common = { key_id: key.keyId, fingerprint: 'A'.repeat(40), host: 'localhost' };
  return clientSection(name, { ...common, secret: SECRET, interval: 'PT1S', ...more });
}

const DEAD = section('dead', dead, { checker: 'false', timeout: 'PT1S' });
const ALIVE = section('alive', alive, { checker: 'true', timeout: 'PT1H' });
const CONF = DEAD + ALIVE;
/** For a life that begins again: long enough for any machine to ask within it. */
const PATIENT = CONF.replaceAll('PT1S', 'PT1H');

async function served(server: { readonly port: number }, key: TlsKey): Promise<boolean> {
  return (await ask(server.port, key.privatePem)) !== null;
}

/** Who gets the secret from a server that is started for this question. */
async function living(home: ServerHome, start: HomeStartOptions = {}): Promise<string[]> {
  await using server = await home.start(start);
  return await livingOn(server);
}

async function livingOn(server: HomeServer): Promise<string[]> {
  const names: string[] = [];
  if (await served(server, alive)) names.push('alive');
  if (await served(server, dead)) names.push('dead');
  return names;
}

describe("a locked-out client beside Debian's server", requires('original server'), () => {
  it("comes back to life on Debian's when that is killed, and not on ours", async () => {
    const clients = section('dead', dead, {
      ...{ checker: 'false', timeout: 'PT1S', extended_timeout: 'PT1S' },
    });
    await using original = await OriginalServer.start({
      clients,
      options: ['--debuglevel', 'CRITICAL'],
    });
    await using home = await ServerHome.make(clients);
    const ours = await home.start();
    // Debian's says nothing about it, and every secret it hands out gives a second of life.
    while (await served(original, dead)) await pause(1200);
    await ours.program.waitForLine(GONE);
    assert.equal(await served(ours, dead), false);

    await original.restart('SIGKILL');
    assert.equal(await served(original, dead), true);
    await ours.stop('SIGKILL');
    await using again = await home.start();
    assert.equal(await served(again, dead), false);
  });
});

describe('a client whose checks succeed', () => {
  it('is served all along, far beyond its timeout', async () => {
    // The checker counts, so that the log tells how long it has been.
    const checker = 'echo >> %(host)s; echo check $(wc -l < %(host)s)';
    await using home = await ServerHome.make('');
    const count = home.path('count');
    await writeFile(count, '', { mode: 0o666 });
    spawnSync('/bin/chmod', ['666', count]);
    await home.write(section('alive', alive, { checker, timeout: 'PT4S', host: count }));
    await using server = await home.start();
    for (const check of [1, 3, 5, 7]) {
      await server.program.waitForLine(new RegExp(`checker for alive: check ${check}$`));
      assert.equal(await served(server, alive), true, `after check ${check}`);
    }
    assert.doesNotMatch(server.log, /disabled/);
  });
});

describe('a restart loop', () => {
  it('lengthens no life: what was left, or one timeout, and then it is over', async () => {
    await using home = await ServerHome.make('');
    const flag = home.path('up');
    await writeFile(flag, '');
    const checker = `test -e ${flag}`;
    await home.write(section('fading', dead, { checker, timeout: 'PT3S', interval: 'PT1S' }));
    const first = await home.start();
    await first.program.waitForLine(/checker for fading succeeded/);
    await rm(flag);
    let log = '';
    await first.stop('SIGKILL');
    const lastSeen = performance.now();
    // Its lease and the grace are 3 s each; the rest is for a machine that is slow.
    for (let round = 0; performance.now() - lastSeen < 7500; round++) {
      const server = await home.start();
      // A clean end gives nothing either.
      await server.stop(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      log += server.log;
    }
    assert.match(
      log,
      /client fading is disabled: (?:its time ran out while nobody watched|it has been gone for too long)/,
    );
    await using last = await home.start();
    assert.equal(await served(last, dead), false);
  });
});

describe('a locked-out client stays so', { concurrency: 2 }, () => {
  let crashed: ServerHome;
  before(async () => {
    crashed = await ServerHome.make(CONF);
    const server = await crashed.start();
    await server.program.waitForLine(GONE);
    await server.program.waitForLine(/checker for alive succeeded/);
    assert.deepEqual(await livingOn(server), ['alive']);
    await server.stop('SIGKILL');
  });
  after(() => crashed[Symbol.asyncDispose]());

  it('after restarts, crashes, and a flood of them; the others live on', async () => {
    await using home = await crashed.copy();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const server = await home.start();
      assert.deepEqual(await livingOn(server), ['alive']);
      await server.stop(signal);
    }
    for (let round = 0; round < 8; round++) await (await home.start()).stop('SIGKILL');
    assert.deepEqual(await living(home), ['alive']);
  });

  it('when any file of the state is lost, and when all but the marker are', async () => {
    const files = await readdir(crashed.state(), { recursive: true, withFileTypes: true });
    const names = files
      .filter((file) => file.isFile())
      .map((file) => `${file.parentPath}/${file.name}`.slice(crashed.state().length + 1));
    assert.ok(names.length >= 3, names.join());
    const stores = (await readdir(crashed.state())).filter((name) => name !== 'state-of-mandos');
    for (const lost of [...names.map((name) => [name]), stores]) {
      await using home = await crashed.copy();
      for (const name of lost) await rm(home.state(name), { recursive: true });
      assert.equal((await living(home)).includes('dead'), false, `without ${lost}`);
      // Nor does what that start has left behind revive it.
      assert.equal((await living(home)).includes('dead'), false, `later, without ${lost}`);
    }
  });

  it('when its section is broken for a while', async () => {
    await using home = await crashed.copy();
    await home.write(`${DEAD}nonsense\n${ALIVE}`);
    assert.deepEqual(await living(home), ['alive']);
    await home.write(CONF);
    assert.deepEqual(await living(home), ['alive']);
  });

  it('when clients.conf is empty for a while', async () => {
    await using home = await crashed.copy();
    await home.write('');
    assert.deepEqual(await living(home), []);
    await home.write(CONF);
    assert.deepEqual(await living(home), ['alive']);
  });

  it('when its secfile cannot be read for a while', async () => {
    const secfile = CONF.replace(/secret = .*\n/, 'secfile = /nonexistent/secret\n');
    await using home = await crashed.copy();
    await home.write(secfile);
    assert.deepEqual(await living(home), ['alive']);
    await home.write(CONF);
    assert.deepEqual(await living(home), ['alive']);
  });
});

describe("the operator's acts", { concurrency: 2, ...requires('original server') }, () => {
  let crashed: ServerHome;
  before(async () => {
    crashed = await ServerHome.make(CONF);
    const server = await crashed.start();
    await server.program.waitForLine(GONE);
    await server.stop();
  });
  after(() => crashed[Symbol.asyncDispose]());

  it('changing `enabled` in clients.conf and back revives', async () => {
    await using home = await crashed.copy();
    await home.write(`${DEAD}enabled = no\n${ALIVE}`);
    assert.deepEqual(await living(home), ['alive']);
    await home.write(PATIENT);
    {
      await using server = await home.start();
      assert.match(server.log, /client dead is enabled/);
      assert.deepEqual(await livingOn(server), ['alive', 'dead']);
    }
  });

  it('removing the section for one start revives', async () => {
    await using home = await crashed.copy();
    await home.write(ALIVE);
    {
      await using server = await home.start();
      assert.match(server.log, /client "dead" is not in clients.conf any more and is forgotten/);
      assert.deepEqual(await livingOn(server), ['alive']);
    }
    await home.write(PATIENT);
    assert.deepEqual(await living(home), ['alive', 'dead']);
  });

  it('--no-restore revives, and tells whom', async () => {
    await using home = await crashed.copy();
    await home.write(PATIENT);
    await using server = await home.start({ options: ['--no-restore'] });
    assert.match(server.log, /forgetting client "dead", which was locked-out/);
    assert.deepEqual(await livingOn(server), ['alive', 'dead']);
  });

  it('emptying the state directory revives', async () => {
    await using home = await crashed.copy();
    await home.write(PATIENT);
    for (const name of await readdir(home.state())) {
      await rm(home.state(name), { recursive: true });
    }
    assert.deepEqual(await living(home), ['alive', 'dead']);
  });

  it('enabling it over D-Bus revives, and outlives a crash', async () => {
    await using home = await crashed.copy();
    await home.write(PATIENT);
    await using bus = await PrivateBus.start();
    const server = await home.start({ bus: bus.address });
    await control(bus, '--enable', 'dead');
    assert.deepEqual(await livingOn(server), ['alive', 'dead']);
    await server.stop('SIGKILL');
    assert.deepEqual(await living(home), ['alive', 'dead']);
  });

  it('a client removed over D-Bus stays removed until its section was gone', async () => {
    await using home = await crashed.copy();
    await using bus = await PrivateBus.start();
    const server = await home.start({ bus: bus.address });
    assert.deepEqual(await livingOn(server), ['alive']);
    await control(bus, '--remove', 'alive');
    assert.deepEqual(await livingOn(server), []);
    await server.stop('SIGKILL');
    {
      await using again = await home.start();
      assert.match(again.log, /client "alive" was removed over D-Bus and is not served/);
      assert.deepEqual(await livingOn(again), []);
    }
    await home.write(DEAD);
    assert.deepEqual(await living(home), []);
    await home.write(PATIENT);
    assert.deepEqual(await living(home), ['alive']);
  });
});

/** Debian's mandos-ctl. */
async function control(bus: PrivateBus, ...args: readonly string[]): Promise<void> {
  const program = inRepository('.cache/originals/mandos/usr/sbin/mandos-ctl');
  const env = { DBUS_SYSTEM_BUS_ADDRESS: bus.address };
  const { code, stderr } = await run('/usr/bin/python3', [program, ...args], { env });
  assert.equal(code, 0, stderr);
}
