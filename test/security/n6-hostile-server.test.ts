/**
 * N6: a hostile server never wins or stops the race at boot. (That it does not win against
 * a signed blob is tested with the search, in test/boot/password-search.test.ts.)
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fetchPassword } from '../../src/boot/fetch-password.ts';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { seconds } from '../../src/core/time.ts';
import { generateOtherBlob } from '../boot/other-blob.ts';
import {
  clientPlatform,
  clientSettings,
  SERVER,
  SimulatedServer,
  seal,
} from '../boot/simulated-client.ts';
import type { Host } from '../boot/simulated-platform.ts';

const PASSWORD = asciiBytes('correct horse battery staple');
const BLOB = await seal(PASSWORD);

/** Reads what the client says, and answers with bytes until nobody listens. */
function sending(bytes: () => Uint8Array | null): Host {
  return (connection: ByteStream) => {
    const talk = async (): Promise<void> => {
      await connection.read();
      for (let next = bytes(); next !== null; next = bytes()) await connection.write(next);
      await connection.end();
    };
    talk().catch(() => connection.destroy());
  };
}

function once(bytes: Uint8Array): () => Uint8Array | null {
  let left: Uint8Array | null = bytes;
  return () => {
    const next = left;
    left = null;
    return next;
  };
}

const BAD_HOSTS: readonly [string, Host, RegExp][] = [
  ['hangs up at once', (connection) => connection.destroy(), /no password from/],
  ['speaks HTTP', sending(once(asciiBytes('HTTP/1.1 400 Bad Request\r\n\r\n'))), /TLS handshake/],
  ['sends zeros without end', sending(() => new Uint8Array(1024)), /no password from/],
];

for (const [what, host, trouble] of BAD_HOSTS) {
  test(`a server that ${what} is not the end`, async () => {
    const platform = clientPlatform();
    platform.hosts.set(SERVER, host);
    const fetching = fetchPassword(clientSettings(), platform);
    await platform.said(trouble);
    platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
    await platform.clock.advance(seconds(10));
    await fetching;
    assert.deepEqual(platform.written, [PASSWORD]);
    assert.equal(platform.open, 0);
  });
}

const BAD_BLOBS: readonly [string, () => Promise<Uint8Array>, RegExp][] = [
  ['is no OpenPGP message', async () => asciiBytes('not for you'), /no OpenPGP message/],
  ['is cut short', async () => BLOB.slice(0, -10), /no password from/],
  [
    'was changed',
    async () => BLOB.map((byte, at) => (at === BLOB.length - 5 ? byte ^ 1 : byte)),
    /no password from/,
  ],
  ['is for somebody else', generateOtherBlob, /cannot be opened with this OpenPGP key/],
  ['is larger than 1 MiB', async () => new Uint8Array(1_048_577), /more than 1048576 bytes/],
];

for (const [what, make, trouble] of BAD_BLOBS) {
  test(`a blob that ${what} is not the end, and nothing of it is written`, async () => {
    const platform = clientPlatform();
    const server = new SimulatedServer(platform, await make());
    platform.hosts.set(SERVER, server.take);
    const fetching = fetchPassword(clientSettings(), platform);
    await platform.said(trouble);
    assert.deepEqual(platform.written, []);
    server.offer = BLOB;
    await platform.clock.advance(seconds(10));
    await fetching;
    assert.deepEqual(platform.written, [PASSWORD]);
  });
}

for (const [what, host, wait] of [
  ['never answers the connection', 'silence', 10],
  ['says nothing after the connection', () => undefined, 30],
] as const) {
  test(`a server that ${what} is given up after ${wait} s and asked again`, async () => {
    const platform = clientPlatform();
    platform.hosts.set(SERVER, host);
    const fetching = fetchPassword(clientSettings(), platform);
    await platform.until(() => platform.attempts.length === 1);
    await platform.clock.advance(seconds(wait));
    await platform.said(/no password from/);
    assert.equal(platform.open, 0);
    platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
    await platform.clock.advance(seconds(10));
    await fetching;
    assert.deepEqual(platform.written, [PASSWORD]);
  });
}
