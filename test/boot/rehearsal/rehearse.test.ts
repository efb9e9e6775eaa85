/** A rehearsal on a simulated machine: what it says of every kind of server, and what it leaves alone. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ClientSettings } from '../../../src/boot/client-settings.ts';
import { rehearse } from '../../../src/boot/rehearsal/rehearse.ts';
import { parseServerAddress } from '../../../src/boot/server-address.ts';
import { asciiBytes } from '../../../src/core/bytes.ts';
import { MandosError } from '../../../src/core/error.ts';
import { seconds } from '../../../src/core/time.ts';
import { generateOtherBlob } from '../other-blob.ts';
import {
  clientPlatform,
  clientSettings,
  type Offer,
  SERVER,
  SimulatedServer,
  seal,
} from '../simulated-client.ts';
import { HOOK_FOLDER } from '../simulated-hooks.ts';
import { ethernet } from '../simulated-network.ts';
import type { SimulatedPlatform } from '../simulated-platform.ts';

const PASSWORD = asciiBytes('correct horse battery staple');
const BLOB = await seal(PASSWORD);

interface Course {
  /** Resolves with the bytes handed over, or rejects. */
  readonly ended: Promise<string>;
  readonly lines: readonly string[];
}

function begin(platform: SimulatedPlatform, settings = clientSettings()): Course {
  const lines: string[] = [];
  let taken = '';
  const rehearsal = {
    ...{ settings, wait: seconds(30), keyId: () => 'abc' },
    tell: (line: string) => {
      lines.push(line);
      platform.changed();
    },
  };
  const ended = rehearse(rehearsal, platform, async ({ bytes }) => {
    taken = Buffer.from(bytes).toString();
  }).then(() => taken);
  ended.catch(() => undefined);
  return { ended, lines };
}

function serving(offer: Offer): SimulatedPlatform {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, new SimulatedServer(platform, offer).take);
  return platform;
}

function searching(more: Partial<ClientSettings> = {}): ClientSettings {
  const interfaces = { names: [], onlyBringUp: [] };
  return clientSettings({ connect: null, interfaces, networkHookDirectory: HOOK_FOLDER, ...more });
}

async function failure(course: Course): Promise<MandosError> {
  const error = await course.ended.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof MandosError, String(error));
  return error;
}

function nothingLeft(platform: SimulatedPlatform): void {
  assert.equal(platform.open, 0);
  assert.equal(platform.clock.pending, 0);
  assert.equal(platform.browsing, false);
  assert.deepEqual(platform.written, []);
}

test('a good server: the password is handed over, not written', async () => {
  const platform = serving(BLOB);
  const course = begin(platform);
  assert.equal(await course.ended, 'correct horse battery staple');
  assert.deepEqual(course.lines, [
    'the four key files can be read; key ID abc',
    `asking ${SERVER}`,
    `${SERVER} gave the blob; this client's key opens it and has signed it`,
  ]);
  nothingLeft(platform);
});

test('a server that refuses ends it at once when no other is searched for', async () => {
  const platform = serving('refusal');
  const { exitCode, message, hint } = await failure(begin(platform));
  assert.equal(exitCode, 77);
  assert.match(message, /has no password for this client, or will not give it now/);
  assert.match(hint ?? '', /key_id = abc/);
  nothingLeft(platform);
});

test('a blob for another key is told apart', async () => {
  const platform = serving(await generateOtherBlob());
  const { exitCode, message } = await failure(begin(platform));
  assert.equal(exitCode, 65);
  assert.match(message, /the key of this client does not open/);
  nothingLeft(platform);
});

test('a server that cannot be reached is told apart', async () => {
  const { exitCode, message } = await failure(begin(clientPlatform()));
  assert.equal(exitCode, 69);
  assert.match(message, /no answer from .*ECONNREFUSED/);
});

test('who waits for an approval is told, and what for, until the time is up', async () => {
  const platform = serving('approval pending');
  const course = begin(platform);
  await platform.said(/server: waits for approval/);
  await platform.clock.advance(seconds(2));
  assert.ok(course.lines.some((line) => line.includes('perhaps for an approval')));
  await platform.clock.advance(seconds(28));
  const { exitCode, hint } = await failure(course);
  assert.equal(exitCode, 75);
  assert.match(hint ?? '', /--approve/);
  nothingLeft(platform);
});

test('silence is told as no answer when the time is up', async () => {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, 'silence');
  const course = begin(platform);
  await platform.until(() => platform.attempts.length === 1);
  await platform.clock.advance(seconds(30));
  assert.equal((await failure(course)).exitCode, 69);
});

test('when nobody announces a server, none was found', async () => {
  const platform = clientPlatform();
  platform.network.add(ethernet(0, { up: true, running: true }), ethernet(1));
  const course = begin(platform, searching());
  await platform.until(() => platform.browsing);
  await platform.clock.advance(seconds(30));
  const { exitCode, message } = await failure(course);
  assert.deepEqual([exitCode, message], [69, 'no Mandos server was found']);
  assert.ok(course.lines.includes('searching by Zeroconf on eth0'));
  nothingLeft(platform);
});

test('a machine whose interfaces are all down is told so', async () => {
  const platform = clientPlatform();
  platform.network.add(ethernet(0));
  const course = begin(platform, searching());
  await platform.until(() => platform.browsing);
  platform.stop.abort(new Error('TERM'));
  await assert.rejects(course.ended, /TERM/);
  assert.ok(course.lines.includes('no network interface is up'));
});

test('found servers that refuse end it soon, but not before others had their chance', async () => {
  const platform = clientPlatform();
  platform.network.add(ethernet(0, { up: true, running: true }));
  const course = begin(platform, searching());
  const refusing = new SimulatedServer(platform, 'refusal');
  platform.hosts.set('[fe80::9%eth0]:4711', refusing.take);
  await platform.announce('refuses', 'fe80::9%eth0');
  await platform.until(() => course.lines.some((line) => line.includes('gave nothing')));
  await platform.clock.advance(seconds(2));
  platform.hosts.set('[fe80::a%eth0]:4711', new SimulatedServer(platform, BLOB).take);
  await platform.announce('good', 'fe80::a%eth0');
  assert.equal(await course.ended, 'correct horse battery staple');
  nothingLeft(platform);

  const again = clientPlatform();
  again.hosts.set('[fe80::9%eth0]:4711', new SimulatedServer(again, 'refusal').take);
  const alone = begin(again, searching());
  await again.announce('refuses', 'fe80::9%eth0');
  await again.until(() => alone.lines.some((line) => line.includes('gave nothing')));
  await again.clock.advance(seconds(6));
  assert.equal((await failure(alone)).exitCode, 77);
});

test('the network stays as it is: no interface up or down, no route, no hook', async () => {
  const platform = clientPlatform();
  platform.network.add(ethernet(0), ethernet(1, { up: true, running: true }));
  platform.hooks.add('bridge');
  platform.hosts.set('192.0.2.9:4711', 'no route');
  const course = begin(platform, searching({ servers: [parseServerAddress('192.0.2.9:4711')] }));
  await platform.until(() => platform.attempts.length === 1 && platform.browsing);
  await platform.clock.advance(seconds(30));
  assert.equal((await failure(course)).exitCode, 69);
  assert.deepEqual([platform.network.deeds, platform.hooks.runs], [[], []]);
  assert.equal(platform.network.quiet, false);
});

test('keys that are not there are told before anything goes out', async () => {
  const platform = serving(BLOB);
  platform.files.delete('/keys/tls-pubkey.pem');
  const { exitCode, message } = await failure(begin(platform));
  assert.equal(exitCode, 66);
  assert.match(message, /tls-pubkey\.pem/);
  assert.deepEqual(platform.attempts, []);
});

test('a signal ends it', async () => {
  const platform = serving('approval pending');
  const course = begin(platform);
  await platform.said(/server: waits for approval/);
  platform.stop.abort(new Error('TERM'));
  await assert.rejects(course.ended, /TERM/);
  nothingLeft(platform);
});
