import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { fetchPassword } from '../../src/boot/fetch-password.ts';
import { parseServerAddress } from '../../src/boot/server-address.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { seconds } from '../../src/core/time.ts';
import {
  clientPlatform,
  clientSettings,
  SERVER,
  SimulatedServer,
  seal,
} from './simulated-client.ts';
import type { Host, SimulatedPlatform } from './simulated-platform.ts';

const PASSWORD = asciiBytes('correct horse battery staple');
const BLOB = await seal(PASSWORD);

function onlyWrote(platform: SimulatedPlatform, password: Uint8Array): void {
  assert.deepEqual(
    platform.written.map((bytes) => Buffer.from(bytes).toString('hex')),
    [Buffer.from(password).toString('hex')],
  );
}

/** Runs the client against what `host` makes of the platform, moving time on as needed. */
async function fetched(host: (platform: SimulatedPlatform) => Host): Promise<SimulatedPlatform> {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, host(platform));
  await fetchPassword(clientSettings(), platform);
  return platform;
}

test('the password is written once, whole, and nothing else', async () => {
  const platform = await fetched((machine) => new SimulatedServer(machine, BLOB).take);
  onlyWrote(platform, PASSWORD);
  assert.equal(platform.attempts.length, 1);
  assert.equal(platform.open, 0);
  assert.equal(platform.clock.pending, 0);
});

test('a password may have any bytes', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (password) => {
    const blob = await seal(password);
    onlyWrote(await fetched((machine) => new SimulatedServer(machine, blob).take), password);
  });
  await fc.assert(property, { numRuns: 10 });
});

test('a server that comes up late is asked when it is there', async () => {
  const platform = clientPlatform();
  const fetching = fetchPassword(clientSettings(), platform);
  await platform.said(/ECONNREFUSED/);
  await platform.clock.advance(seconds(25));
  assert.equal(platform.attempts.length, 3);
  platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
  await platform.clock.advance(seconds(5));
  await fetching;
  onlyWrote(platform, PASSWORD);
});

test('a server that refuses now may give later', async () => {
  const platform = clientPlatform();
  const server = new SimulatedServer(platform, 'refusal');
  platform.hosts.set(SERVER, server.take);
  const fetching = fetchPassword(clientSettings(), platform);
  await platform.said(/no password for this client/);
  assert.deepEqual(platform.written, []);
  server.offer = BLOB;
  await platform.clock.advance(seconds(10));
  await fetching;
  onlyWrote(platform, PASSWORD);
});

test('an approval may take a day', async () => {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, new SimulatedServer(platform, 'approval pending').take);
  const fetching = fetchPassword(clientSettings(), platform);
  await platform.said(/waits for approval/);
  await platform.clock.advance(seconds(86_400));
  assert.equal(platform.attempts.length, 1);
  platform.stop.abort(new Error('TERM'));
  await assert.rejects(fetching, /TERM/);
});

/** Each brings the client to a step of its work, where it then is when the signal comes. */
const STEPS: readonly [string, (platform: SimulatedPlatform) => Promise<void>][] = [
  ['before its first step', async () => undefined],
  [
    'while it connects',
    async (platform) => {
      platform.hosts.set(SERVER, 'silence');
      await platform.until(() => platform.attempts.length === 1);
    },
  ],
  [
    'during the handshake',
    async (platform) => {
      platform.hosts.set(SERVER, () => undefined);
      await platform.said(/^connected/);
    },
  ],
  [
    'while it waits for approval',
    async (platform) => {
      platform.hosts.set(SERVER, new SimulatedServer(platform, 'approval pending').take);
      await platform.said(/waits for approval/);
    },
  ],
  [
    'while it opens the blob',
    async (platform) => {
      platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
      await platform.said(/gave \d+ bytes/);
    },
  ],
  [
    'while it waits for its next try',
    async (platform) => {
      await platform.said(/ECONNREFUSED/);
    },
  ],
];

for (const [where, arrive] of STEPS) {
  test(`a signal ${where} ends it with nothing written and nothing left behind`, async () => {
    const platform = clientPlatform();
    const fetching = fetchPassword(clientSettings(), platform);
    await arrive(platform);
    const reason = new Error('TERM');
    platform.stop.abort(reason);
    await assert.rejects(fetching, reason);
    assert.deepEqual(platform.written, []);
    await platform.until(() => platform.open === 0);
    await platform.clock.advance(seconds(3600));
    assert.equal(platform.clock.pending, 0);
    assert.ok(platform.attempts.length <= 1);
    assert.deepEqual(platform.written, []);
  });
}

test('a reader that does not read does not keep it from ending by a signal', async () => {
  const platform = clientPlatform();
  platform.outputStalls = true;
  platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
  const fetching = fetchPassword(clientSettings(), platform);
  await platform.said(/standard output stalls/);
  const ended = assert.rejects(fetching, /TERM/);
  platform.stop.abort(new Error('TERM'));
  await platform.clock.advance(seconds(1));
  await ended;
});

test('a signal in the middle of the password lets it out whole, and still ends the program', async () => {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
  const write = platform.writeOutput.bind(platform);
  platform.writeOutput = async (bytes) => {
    platform.stop.abort(new Error('TERM'));
    await write(bytes);
  };
  await assert.rejects(fetchPassword(clientSettings(), platform), /TERM/);
  assert.deepEqual(platform.written, [PASSWORD]);
});

test('no line of the log holds the password', async () => {
  const platform = await fetched((machine) => new SimulatedServer(machine, BLOB).take);
  assert.notEqual(platform.lines.length, 0);
  const text = platform.lines.map(({ message }) => message).join('\n');
  assert.equal(text.includes('correct horse'), false);
});

test('a link-local server on no interface is refused', async () => {
  const connect = parseServerAddress('fe80::1:4711');
  await assert.rejects(fetchPassword(clientSettings({ connect }), clientPlatform()), /fe80::1/);
});
