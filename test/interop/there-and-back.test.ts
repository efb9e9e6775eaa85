/**
 * F1 over a change of servers: ours, then Debian's from the state that ours exported, then ours
 * again, and so on. Whoever was locked out by either stays so on both.
 */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { ask } from '../support/mandos-peer.ts';
import { OriginalServer } from '../support/original-server.ts';
import { PrivateBus } from '../support/private-bus.ts';
import { run, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { type HomeServer, ServerHome } from '../support/server-home.ts';
import { tlsKey } from '../support/tls-keys.ts';

const NAMES = ['alive', 'dead', 'off', 'given', 'removed', 'fading'] as const;
type Name = (typeof NAMES)[number];
const KEYS = Object.fromEntries(NAMES.map((name) => [name, tlsKey()]));

/** Longer than what fits into the original's usual passphrase. */
const LONG = 'the long blob of given'.padEnd(1500, '.');

function section(name: Name, more: Readonly<Record<string, string>>): string {
  const secret = Buffer.from(name === 'given' ? LONG : `the blob of ${name}`).toString('base64');
  return clientSection(name, {
    ...{ key_id: KEYS[name]?.keyId ?? '', fingerprint: 'A'.repeat(40), host: 'localhost', secret },
    ...{ checker: 'true', interval: 'PT1H', timeout: 'PT2H', ...more },
  });
}

const SECTIONS: Readonly<Record<Name, string>> = {
  alive: section('alive', { interval: 'PT8S' }),
  dead: section('dead', { checker: 'false', interval: 'PT1S', timeout: 'PT1S' }),
  off: section('off', { enabled: 'no' }),
  given: section('given', {}),
  removed: section('removed', {}),
  fading: section('fading', {}),
};
const CONF = Object.values(SECTIONS).join('');

/** Of a section that is only there to be there. */
const SEALED = { key_id: tlsKey().keyId, fingerprint: 'A'.repeat(40), secret: 'c2VjcmV0' };

/** Who gets what from the server that runs. */
async function served(server: { readonly port: number }): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const name of NAMES) {
    const blob = await ask(server.port, KEYS[name]?.privatePem ?? new Uint8Array());
    if (blob !== null) answers[name] = Buffer.from(blob).toString();
  }
  return answers;
}

const ALIVE = { alive: 'the blob of alive' };
const GIVEN = { given: 'set over D-Bus' };
const FADING = { fading: 'the blob of fading' };

/** Debian's mandos-ctl, with either server. */
async function control(bus: string, ...args: readonly string[]): Promise<string> {
  const program = inRepository('.cache/originals/mandos/usr/sbin/mandos-ctl');
  const env = { DBUS_SYSTEM_BUS_ADDRESS: bus };
  return (await succeed('/usr/bin/python3', [program, ...args], { env })).toString();
}

/** What mandos-ctl shows of each client and must be the same on both servers. */
async function shown(bus: string): Promise<Record<string, Record<string, unknown>>> {
  const all: Record<string, Record<string, unknown>> = JSON.parse(
    await control(bus, '--dump-json'),
  );
  for (const client of Object.values(all)) {
    // Checks go on, and Debian's forgets when those were enabled that are not.
    const differing = ['Expires', 'CheckerRunning', 'LastCheckedOK'];
    if (client.Enabled === false) differing.push('LastEnabled');
    for (const name of differing) delete client[name];
  }
  return all;
}

/** A server of ours that has locked out `dead`, and on which an operator has been busy. */
async function lived(home: ServerHome, bus: PrivateBus): Promise<HomeServer> {
  const server = await home.start({ bus: bus.address });
  await server.program.waitForLine(/client dead is disabled: it has been gone for too long/);
  await server.program.waitForLine(/checker for alive succeeded/);
  const secret = home.path('secret');
  await writeFile(secret, GIVEN.given);
  await control(bus.address, '--secret', secret, 'given');
  await control(bus.address, '--host', 'elsewhere', '--timeout', 'PT3H', 'given');
  await control(bus.address, '--remove', 'removed');
  return server;
}

/** Stops ours and starts Debian's, as going back does. */
async function goBack(ours: HomeServer, home: ServerHome): Promise<OriginalServer> {
  await leave(ours, home);
  return await OriginalServer.start({ home, dbus: true });
}

/** Stops ours and exports its state. */
async function leave(ours: HomeServer, home: ServerHome): Promise<void> {
  await ours.stop();
  const { code, told } = await home.exportState();
  assert.equal(code, 0, told);
}

/**
 * Has Debian's server run from the exported state until it has written its own, which it does when
 * it stops, but not always: it may come to grief over gpg's agent before that.
 */
async function untilSaved(
  home: ServerHome,
  use: (original: OriginalServer) => Promise<void>,
): Promise<void> {
  const pickle = home.state('clients.pickle');
  const exported = home.path('exported');
  await succeed('/bin/cp', ['-a', pickle, exported]);
  for (let attempt = 0; attempt < 8; attempt++) {
    await using original = await OriginalServer.start({ home, dbus: true });
    await use(original);
    await original.stop();
    if (existsSync(pickle)) return;
    await succeed('/bin/cp', ['-a', exported, pickle]);
  }
  throw new Error('Debian’s server never wrote its state');
}

describe('going back to Debian’s server', requires('original server'), () => {
  let exported: ServerHome;
  let seen: Record<string, Record<string, unknown>>;
  before(async () => {
    exported = await ServerHome.make(CONF);
    await using bus = await PrivateBus.start();
    const ours = await lived(exported, bus);
    seen = await shown(bus.address);
    await ours.stop();
    const { code, told } = await exported.exportState();
    assert.equal(code, 0, told);
    assert.match(
      told,
      /^the state is in .*clients\.pickle, for the original's server to go on from$/m,
    );
  });
  after(() => exported[Symbol.asyncDispose]());

  it('leaves it a state that is its user’s alone', () => {
    const { mode, uid } = statSync(exported.state('clients.pickle'));
    assert.equal(mode & 0o777, 0o600);
    assert.equal(uid, statSync(exported.state()).uid);
  });

  it('takes along who is dead, and settings and secrets', async () => {
    await using home = await exported.copy();
    await using original = await OriginalServer.start({ home, dbus: true });
    const { removed, ...others } = await shown(original.busAddress);
    assert.deepEqual(others, seen);
    assert.equal(removed?.Enabled, false);
    assert.deepEqual(await served(original), { ...ALIVE, ...GIVEN, ...FADING });
  });

  it('revives nobody when sections change before Debian’s starts, and does not keep it from that', async () => {
    const { alive, dead, given } = SECTIONS;
    await using home = await exported.copy();
    await home.write(alive + dead + given + section('off', { enabled: 'yes' }));
    // To enable somebody there is an operator's act.
    const expected = { ...ALIVE, ...GIVEN, off: 'the blob of off' };
    await untilSaved(home, async (original) => assert.deepEqual(await served(original), expected));
    await using original = await OriginalServer.start({ home });
    assert.deepEqual(await served(original), expected);
  });

  it('comes to a stop at the barrier when the state cannot be exported', async () => {
    await using home = await exported.copy();
    await rm(home.state('store-1'), { recursive: true });
    await home.write('nonsense\n');
    const { code, told } = await home.exportState();
    assert.equal(code, 65);
    assert.match(told, /who is locked out is unknown\nmandos: hint: repair clients\.conf/);
    await home.write(CONF);
    for (let attempt = 0; attempt < 2; attempt++) {
      await assert.rejects(
        OriginalServer.start({ home }),
        /UnpicklingError: invalid load key, '#'/,
      );
      assert.match(
        await readFile(home.state('clients.pickle'), 'utf8'),
        /install mandos-ts-server/,
      );
    }
    await using ours = await home.start();
    assert.deepEqual(await served(ours), {});
  });

  it('comes to a stop at the barrier when a name would end Debian’s after it removed its state', async () => {
    for (const name of ['with a space', 'de-ad']) {
      await using home = await exported.copy();
      await home.write(CONF + clientSection(name, SEALED) + clientSection('de.ad', SEALED));
      const { code, told } = await home.exportState();
      assert.equal(code, 65, told);
      assert.match(told, /cannot start with the client "(?:with a space|de.ad)"/);
      await assert.rejects(OriginalServer.start({ home, dbus: true }), /UnpicklingError/);
      await home.write(CONF);
      await assert.rejects(OriginalServer.start({ home, dbus: true }), /UnpicklingError/);
      await using ours = await home.start();
      assert.deepEqual(await served(ours), { ...ALIVE, ...GIVEN, ...FADING });
    }
  });

  it('comes to a stop also when there is no room for a barrier', async () => {
    await using home = await exported.copy();
    const { code, told } = await home.exportState('ulimit -f 0');
    assert.equal(code, 74, told);
    await assert.rejects(OriginalServer.start({ home }), /OSError: \[Errno 40\]/);
    await assert.rejects(OriginalServer.start({ home }), /OSError: \[Errno 40\]/);
    await using ours = await home.start();
    assert.deepEqual(await served(ours), { ...ALIVE, ...GIVEN, ...FADING });
    await ours.stop();
    assert.equal((await home.exportState()).code, 0);
    await using original = await OriginalServer.start({ home });
    assert.deepEqual(await served(original), { ...ALIVE, ...GIVEN, ...FADING });
  });
});

describe('coming from Debian’s server once more', requires('original server'), () => {
  it('locks out whom it has locked out, enables nobody, and so on, there and back', async () => {
    await using home = await ServerHome.make(CONF);
    await using bus = await PrivateBus.start();
    await using first = await lived(home, bus);
    await leave(first, home);
    await untilSaved(home, async ({ busAddress }) => {
      await control(busAddress, '--disable', 'fading');
      await control(busAddress, '--enable', 'off');
      await control(busAddress, '--host', 'changed.example.org', 'alive');
    });
    await using second = await home.start({ bus: bus.address });
    assert.match(second.log, /the original's server ran since; .*clients\.pickle' was read/);
    assert.match(second.log, /locked out or removed meanwhile: "fading"$/m);
    assert.match(second.log, /alive there and locked out here: "off"; mandos-ctl --enable revives/);
    assert.deepEqual(await served(second), { ...ALIVE, ...GIVEN });
    assert.equal((await shown(bus.address)).alive?.Host, 'changed.example.org');
    // Once, not at every start: here an operator's act counts again.
    await control(bus.address, '--enable', 'fading');
    await second.stop();
    await using third = await home.start({ bus: bus.address });
    assert.deepEqual(await served(third), { ...ALIVE, ...GIVEN, ...FADING });
    await control(bus.address, '--disable', 'alive');
    {
      await using original = await goBack(third, home);
      assert.deepEqual(await served(original), { ...GIVEN, ...FADING });
      await original.stop('SIGKILL');
    }
    // Whom it has locked out before that is nowhere written down.
    assert.equal(existsSync(home.state('clients.pickle')), false);
    await using last = await home.start({ bus: bus.address });
    assert.match(last.log, /is gone: who was locked out meanwhile is unknown.*mandos-ctl --enable/);
    assert.deepEqual(await served(last), {});
    await control(bus.address, '--enable', 'given');
    await last.stop('SIGKILL');
    await using again = await home.start();
    assert.deepEqual(await served(again), GIVEN);
  });

  it('changes nothing when Debian’s was never started', async () => {
    await using home = await ServerHome.make(CONF);
    await using bus = await PrivateBus.start();
    await (await lived(home, bus)).stop();
    assert.equal((await home.exportState()).code, 0);
    assert.equal((await home.exportState()).code, 0);
    await using again = await home.start();
    assert.deepEqual(await served(again), { ...ALIVE, ...GIVEN, ...FADING });
    assert.doesNotMatch(again.log, /the original's server/);
  });
});

describe('mandos --export-state', () => {
  it('of a server that runs is refused, and changes nothing', async () => {
    await using home = await ServerHome.make(CONF);
    await using server = await home.start();
    const { code, told } = await home.exportState();
    assert.equal(code, 75);
    assert.match(told, /another mandos server has this state directory/);
    assert.equal(existsSync(home.state('clients.pickle')), false);
    assert.equal((await run('/bin/kill', ['-0', String(server.program.pid)])).code, 0);
  });

  it('writes nothing where there never was a server', async () => {
    await using home = await ServerHome.make(CONF);
    const { code, told } = await home.exportState();
    assert.equal(code, 0);
    assert.match(told, /^there is no state of this server in /);
    assert.equal(existsSync(home.state('clients.pickle')), false);
  });
});
