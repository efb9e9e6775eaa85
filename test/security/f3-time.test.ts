/**
 * F3 with the whole daemon: a wall clock that jumps ten years either way, while it runs and
 * between two runs, in one boot and over a reboot, lengthens no life.
 */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { FakeTime } from '../support/fake-time.ts';
import { ask } from '../support/mandos-peer.ts';
import { requires } from '../support/requirements.ts';
import { type HomeServer, type HomeStartOptions, ServerHome } from '../support/server-home.ts';
import { tlsKey } from '../support/tls-keys.ts';

const JUMPS = [10, -10] as const;
const needs = requires('faketime', 'namespaces');

const KEYS = {
  /** Checked every second, with success. */
  alive: tlsKey(),
  /** Locked out within two seconds. */
  dead: tlsKey(),
  /** Not checked yet; lives for one to two hours. */
  patient: tlsKey(),
} as const;
type Name = keyof typeof KEYS;

function section(name: Name, more: Readonly<Record<string, string>>): string {
  const secret = Buffer.from('the blob').toString('base64');
  return clientSection(name, { key_id: KEYS[name].keyId, host: 'here', secret, ...more });
}

const CONF = [
  section('alive', { checker: 'true', interval: 'PT1S', timeout: 'PT30S' }),
  section('dead', { checker: 'false', interval: 'PT1S', timeout: 'PT1S' }),
  section('patient', { checker: 'false', interval: 'PT1H', timeout: 'PT1H' }),
].join('');

async function living(server: HomeServer): Promise<Name[]> {
  const names: Name[] = [];
  for (const name of ['alive', 'dead', 'patient'] as const) {
    if ((await ask(server.port, KEYS[name].privatePem)) !== null) names.push(name);
  }
  return names;
}

const GONE = /client dead is disabled: it has been gone for too long/;
const CHECKED = /checker for alive succeeded/;

/** For a server that sees this time. */
const seeing = ({ command }: FakeTime): HomeStartOptions => ({ command });

describe('F3: while the server runs the wall clock decides nothing', {
  ...needs,
  concurrency: 2,
}, () => {
  for (const years of JUMPS) {
    it(`the dying dies in time and the living lives on at ${years} years`, async () => {
      await using time = await FakeTime.create();
      await using home = await ServerHome.make(CONF);
      await using server = await home.start(seeing(time));
      await time.setClock(years);
      await server.program.waitForLine(GONE);
      assert.match(server.log, new RegExp(`^${FakeTime.year(years)}.*${GONE.source}`, 'm'));
      await server.program.waitForLine(new RegExp(`^${FakeTime.year(years)}.*${CHECKED.source}`));
      assert.deepEqual(await living(server), ['alive', 'patient']);
      await time.setClock(-years);
      await server.program.waitForLine(new RegExp(`^${FakeTime.year(-years)}.*${CHECKED.source}`));
      assert.deepEqual(await living(server), ['alive', 'patient']);
    });
  }
});

describe('F3: between two runs', { ...needs, concurrency: 2 }, () => {
  for (const years of JUMPS) {
    it(`in one boot ${years} years on the wall clock change nothing`, async () => {
      await using time = await FakeTime.create();
      await using home = await ServerHome.make(CONF);
      const server = await home.start(seeing(time));
      await server.program.waitForLine(CHECKED);
      // Killed while it lives; its two seconds pass while nobody watches.
      await server.stop('SIGKILL');
      await time.setClock(years);
      const end = performance.now() + 2500;
      while (performance.now() < end) {
        await (await home.start(seeing(time))).stop('SIGKILL');
      }
      await using again = await home.start(seeing(time));
      assert.deepEqual(await living(again), ['alive', 'patient']);
    });

    it(`over a reboot ${years} years on the wall clock end a lease`, async () => {
      await using time = await FakeTime.create();
      await using home = await ServerHome.make(CONF);
      const server = await home.start(seeing(time));
      await server.program.waitForLine(CHECKED);
      await server.program.waitForLine(GONE);
      await server.stop('SIGKILL');
      await time.reboot();
      await time.setClock(years);
      {
        await using again = await home.start(seeing(time));
        // Who was alive at the last check gets one timeout to be seen again.
        assert.deepEqual(await living(again), ['alive']);
        assert.match(again.log, /client patient is disabled: its time ran out/);
      }
      await time.setClock(0);
      await using later = await home.start(seeing(time));
      assert.equal((await living(later)).includes('patient'), false);
    });
  }

  it('over a reboot with the clock as it was, a lease goes on', async () => {
    await using time = await FakeTime.create();
    await using home = await ServerHome.make(CONF);
    const server = await home.start(seeing(time));
    await server.program.waitForLine(CHECKED);
    await server.program.waitForLine(GONE);
    await server.stop('SIGKILL');
    await time.reboot();
    await using again = await home.start(seeing(time));
    assert.deepEqual(await living(again), ['alive', 'patient']);
  });

  it('a client is given one timeout once, and not again until it is seen', async () => {
    await using time = await FakeTime.create();
    await using home = await ServerHome.make('');
    const flag = home.path('up');
    await writeFile(flag, '');
    // Seen once; from then on its check says neither yes nor no.
    const checker = `test -e ${flag} || sleep 1000`;
    await home.write(section('alive', { checker, interval: 'PT1S', timeout: 'PT1H' }));
    const server = await home.start(seeing(time));
    await server.program.waitForLine(CHECKED);
    await rm(flag);
    await server.stop('SIGKILL');
    for (const [years, lives] of [
      [10, true],
      [-10, false],
      [0, false],
    ] as const) {
      await time.reboot();
      await time.setClock(years);
      await using again = await home.start(seeing(time));
      assert.deepEqual(await living(again), lives ? ['alive'] : [], `${years} years`);
    }
  });
});
