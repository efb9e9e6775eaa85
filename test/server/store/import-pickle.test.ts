/** The original's `clients.pickle` is taken over at a first start (COMPATIBILITY.md, F1). */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseClientsConf } from '../../../src/config/clients-conf.ts';
import { instant, wallTime } from '../../../src/core/time.ts';
import { openState } from '../../../src/server/store/open-state.ts';
import { readOriginalState } from '../../../src/server/store/original-state.ts';
import { startClients } from '../../../src/server/store/start-clients.ts';
import { memoryFiles } from '../../config/memory-files.ts';
import { inRepository } from '../../support/repository.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { StateStart } from './state-world.ts';

const fixture = (name: string): Buffer =>
  readFileSync(inRepository(`test/server/store/fixtures/${name}`));

/** When the original wrote `all-lives.pickle`, and the same moment a minute later. */
const WRITTEN = Date.UTC(2026, 10, 23, 19, 18, 45);
const MINUTE_LATER = { bootId: 'of today', boot: 1e9, wall: WRITTEN + 60_000 };

interface Imported {
  readonly lives: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, string>>;
}

async function start(directory: string, conf: string): Promise<Imported> {
  const state = openState(directory, MINUTE_LATER);
  using _database = state.database;
  using _ledger = state.ledger;
  const now = { boot: instant(MINUTE_LATER.boot), wall: wallTime(MINUTE_LATER.wall) };
  const { clients } = await startClients(
    parseClientsConf('clients.conf', Buffer.from(conf), memoryFiles()),
    state.content,
    { now, bootId: MINUTE_LATER.bootId, random: () => 0, restore: true },
  );
  const byName = (of: (client: (typeof clients)[number]) => string) =>
    Object.fromEntries(clients.map((started) => [started.client.settings.name, of(started)]));
  return {
    lives: byName(({ client: { life } }) => (life.kind === 'disabled' ? life.reason : life.kind)),
    secrets: byName(({ secret }) => Buffer.from(secret.bytes).toString()),
    hosts: byName(({ client }) => client.settings.host),
  };
}

function stateWith(dir: TempDir, pickle: Uint8Array): string {
  const directory = dir.join('state');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(`${directory}/clients.pickle`, pickle, { mode: 0o600 });
  utimesSync(`${directory}/clients.pickle`, WRITTEN / 1000, WRITTEN / 1000);
  return directory;
}

describe('a state of the original with clients in every kind of life', () => {
  const conf = fixture('all-lives.conf').toString();

  test('everybody is as alive or dead as before, with the settings and secrets of before', async () => {
    await using dir = await TempDir.create();
    const directory = stateWith(dir, fixture('all-lives.pickle'));
    const { lives, secrets, hosts } = await start(directory, conf);
    assert.deepEqual(lives, {
      alive: 'enabled',
      starved: 'expired',
      'configured-off': 'configured',
      'other-secret': 'enabled',
      'switched-off': 'expired',
    });
    assert.equal(secrets.alive, 'the blob of alive');
    assert.equal(secrets['other-secret'], 'set over D-Bus');
    assert.equal(hosts.alive, 'changed.example.org');
  });

  test('the pickle is kept, and not read again', async () => {
    await using dir = await TempDir.create();
    const pickle = fixture('all-lives.pickle');
    const directory = stateWith(dir, pickle);
    await start(directory, conf);
    assert.deepEqual(readFileSync(`${directory}/clients.pickle`), pickle);
    const late = (WRITTEN + 50 * 24 * 3_600_000) / 1000;
    utimesSync(`${directory}/clients.pickle`, late, late);
    const { lives } = await start(directory, conf);
    assert.equal(lives.alive, 'enabled');
    assert.equal(lives.starved, 'expired');
  });

  test('another secret in clients.conf wins over the stored one', async () => {
    await using dir = await TempDir.create();
    const directory = stateWith(dir, fixture('all-lives.pickle'));
    const configured = Buffer.from('the configured blob').toString('base64');
    const changed = Buffer.from('a changed blob').toString('base64');
    const { secrets } = await start(directory, conf.replace(configured, changed));
    assert.equal(secrets['other-secret'], 'a changed blob');
  });

  test('a lease that ended before the original wrote it is over', async () => {
    await using dir = await TempDir.create();
    const directory = stateWith(dir, fixture('all-lives.pickle'));
    const late = (WRITTEN + 50 * 24 * 3_600_000) / 1000;
    utimesSync(`${directory}/clients.pickle`, late, late);
    const { lives } = await start(directory, conf);
    assert.ok(Object.values(lives).every((life) => life !== 'enabled'));
  });
});

test('the reference state: one locked out with a secret of its own, one removed over D-Bus', async () => {
  await using dir = await TempDir.create();
  const directory = stateWith(dir, fixture('reference.pickle'));
  const { lives, secrets, hosts } = await start(directory, fixture('reference.conf').toString());
  assert.deepEqual(lives, { foo: 'expired' });
  assert.equal(hosts.foo, '127.0.0.1');
  assert.equal(secrets.foo, 'newsecret');
});

describe('a pickle that is not the original’s', () => {
  const hostile: Readonly<Record<string, string>> = {
    'calls a program': 'cposix\nsystem\n(S"touch /tmp/x"\ntR.',
    'calls a program, protocol 2': '\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.',
    'builds an object': '\x80\x02c__builtin__\nobject\n)\x81}b.',
    'imports by name from the stack': '\x80\x04\x8c\x02os\x8c\x06system\x93.',
    'names a known module and an unknown member': '\x80\x02cdatetime\ntzinfo\n)R.',
    'is empty': '',
    'ends too early': '\x80\x02}q\x00X\xff\xff\xff\x7f',
    'recalls what was never there': '\x80\x02h\x07.',
    'is a pair of something else': '\x80\x02NN\x86.',
    'refers to itself': '\x80\x02]q\x00h\x00ah\x00h\x00\x86.',
  };
  for (const [what, text] of Object.entries(hostile)) {
    test(`${what}: nothing is executed, everybody is locked out, the operator is told`, async () => {
      await using dir = await TempDir.create();
      const directory = stateWith(dir, Buffer.from(text, 'latin1'));
      const conf = fixture('all-lives.conf').toString();
      using start = await StateStart.at(directory, conf, { at: 1 });
      assert.deepEqual(start.alive, []);
      assert.match(start.told, /clients\.pickle'.*all clients are locked out; to go on/);
      start.settle();
    });
  }

  test('cut off anywhere: read whole or refused', () => {
    const pickle = fixture('all-lives.pickle');
    for (let length = 0; length < pickle.length; length++) {
      assert.throws(() => readOriginalState(pickle.subarray(0, length)), { name: 'PickleError' });
    }
  });

  test('many references to one long text take no time', () => {
    const long = Buffer.alloc(500_000, 0x61);
    const head = Buffer.from([0x80, 2, 0x58, 0, 0, 0, 0]);
    head.writeUInt32LE(long.length, 3);
    const encode = Buffer.from(
      'q\x00c_codecs\nencode\nq\x01X\x06\x00\x00\x00latin1q\x02(',
      'latin1',
    );
    const call = Buffer.from('h\x01h\x00h\x02\x86R', 'latin1');
    const calls = Buffer.concat(Array.from({ length: 200_000 }, () => call));
    const pickle = Buffer.concat([head, long, encode, calls, Buffer.from('t.')]);
    assert.throws(() => readOriginalState(pickle), { name: 'PickleError' });
  });
});
