/**
 * S4: all that mandos-client holds of its secrets is overwritten, however it ends; and while it
 * waits, which may take hours, it holds its TLS key in OpenSSL only. What OpenPGP.js copies
 * nobody can reach: the program ends when the password is out.
 */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import test from 'node:test';
import { fetchPassword } from '../../src/boot/fetch-password.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { parseKeyId } from '../../src/core/key-id.ts';
import { minutes } from '../../src/core/time.ts';
import {
  clientPlatform,
  clientSettings,
  type Offer,
  SERVER,
  SimulatedServer,
  seal,
} from '../boot/simulated-client.ts';
import type { SimulatedPlatform } from '../boot/simulated-platform.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { startServer, type TestServer } from '../support/mandos-server.ts';
import { countInMemory } from '../support/memory-search.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const BLOB = await seal(asciiBytes('correct horse battery staple'));
const PROGRAM = inRepository('bin/mandos-client');

/** What the client was handed and what it handed out: the arrays themselves, by their names. */
function watched(offer: Offer): { platform: SimulatedPlatform; arrays: Map<string, Uint8Array> } {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, new SimulatedServer(platform, offer).take);
  const arrays = new Map<string, Uint8Array>();
  const { tlsPrivkey, seckey } = clientSettings().keyFiles;
  const read = platform.readFile.bind(platform);
  platform.readFile = async (path) => {
    const bytes = await read(path);
    if (path === tlsPrivkey || path === seckey) arrays.set(path, bytes);
    return bytes;
  };
  const write = platform.writeOutput.bind(platform);
  platform.writeOutput = async (bytes) => {
    arrays.set('standard output', bytes);
    await write(bytes);
  };
  return { platform, arrays };
}

function assertWiped(arrays: ReadonlyMap<string, Uint8Array>, ...names: readonly string[]): void {
  assert.deepEqual([...arrays.keys()].toSorted(), names.toSorted());
  for (const [name, bytes] of arrays) {
    assert.ok(bytes.length > 0);
    assert.ok(
      bytes.every((byte) => byte === 0),
      `${name} is overwritten`,
    );
  }
}

const { tlsPrivkey, seckey } = clientSettings().keyFiles;

test('the password and the keys are overwritten when the password is out', async () => {
  const { platform, arrays } = watched(BLOB);
  await fetchPassword(clientSettings(), platform);
  assertWiped(arrays, seckey, tlsPrivkey, 'standard output');
});

test('OpenSSL’s copy of the TLS key is freed, too', async (t) => {
  const platform = clientPlatform();
  platform.hosts.set(SERVER, new SimulatedServer(platform, BLOB).take);
  let freed = 0;
  const make = platform.tlsEngines.bind(platform);
  t.mock.method(platform, 'tlsEngines', (...given: Parameters<typeof make>) => {
    const engines = make(...given);
    t.mock.method(engines, Symbol.dispose, () => freed++);
    return engines;
  });
  await fetchPassword(clientSettings(), platform);
  assert.equal(freed, 1);
});

test('so they are when nobody reads the password', async () => {
  const { platform, arrays } = watched(BLOB);
  const write = platform.writeOutput;
  platform.writeOutput = async (bytes) => {
    await write(bytes);
    throw new Error('EPIPE');
  };
  await assert.rejects(fetchPassword(clientSettings(), platform), /EPIPE/);
  assertWiped(arrays, seckey, tlsPrivkey, 'standard output');
});

test('the keys are overwritten when a signal ends the wait for an approval', async () => {
  const { platform, arrays } = watched('approval pending');
  const fetching = fetchPassword(clientSettings(), platform);
  await platform.said(/waits for approval/);
  platform.stop.abort(new Error('TERM'));
  await assert.rejects(fetching, /TERM/);
  assertWiped(arrays, seckey, tlsPrivkey);
});

test('the keys are overwritten when one of their files cannot be used', async () => {
  for (const broken of Object.values(clientSettings().keyFiles)) {
    const { platform, arrays } = watched('refusal');
    platform.files.set(broken, asciiBytes('no key'));
    await assert.rejects(fetchPassword(clientSettings(), platform));
    assert.ok(arrays.has(seckey));
    assertWiped(arrays, ...arrays.keys());
  }
});

/** A client that waits for an approval, with all that it has loaded. */
async function waiting(
  keys: ClientKeys,
  start: (args: readonly string[]) => RunningProgram,
): Promise<RunningProgram & { readonly server: TestServer }> {
  const id = parseKeyId(keys.keyId);
  assert.ok(id.kind === 'key-id');
  const server = await startServer({
    clients: [
      {
        ...{ keyId: id.keyId, secret: await keys.seal('x') },
        ...{ approvalDelay: minutes(10), approvedByDefault: false },
      },
    ],
  });
  const program = start([
    ...[`--connect=127.0.0.1:${server.port}`, '--interface=none', '--debug'],
    ...keys.options,
  ]);
  return Object.assign(program, { server });
}

test('while it waits, no text of its TLS key is in memory', requires('root', 'gpg'), async () => {
  await using keys = await ClientKeys.make();
  await using client = await waiting(keys, (args) => RunningProgram.start(PROGRAM, args));
  await using _server = client.server;
  await client.waitForLine(/negotiated/);
  const [, line = ''] = (await readFile(keys.tlsPrivateKey, 'latin1')).split('\n');
  assert.ok(line.length > 40);
  assert.ok(countInMemory(client.pid, Buffer.from(keys.tlsPrivateKey)) > 0);
  assert.equal(countInMemory(client.pid, Buffer.from(line)), 0);
});

test(
  'it leaves no core and cannot be looked into by its own user',
  requires('root', 'gpg'),
  async () => {
    await using keys = await ClientKeys.make();
    const NOBODY = 65_534;
    await keys.giveTo(NOBODY);
    await using client = await waiting(keys, (args) =>
      RunningProgram.start(PROGRAM, args, { uid: NOBODY, gid: NOBODY }),
    );
    await using _server = client.server;
    await client.waitForLine(/negotiated/);
    const limits = await readFile(`/proc/${client.pid}/limits`, 'latin1');
    assert.match(limits, /^Max core file size\s+0\s+0\s/m);
    const { uid } = await stat(`/proc/${client.pid}/mem`);
    assert.equal(uid, 0, 'what is not dumpable belongs to root');
  },
);
