/** The real program as a child process, against our own listener on loopback. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import test from 'node:test';
import { parseKeyId } from '../../src/core/key-id.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { makeFifo } from '../support/fifo.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/mandos-server.ts';
import { type Outcome, RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const PROGRAM = inRepository('bin/mandos-client');
const needs = requires('gnutls', 'gpg');
const PASSWORD = 'correct horse battery staple\n';

async function serverFor(keys: ClientKeys, password: string | Uint8Array): Promise<TestServer> {
  const keyId = parseKeyId(keys.keyId);
  assert.ok(keyId.kind === 'key-id');
  const secret = await keys.seal(password);
  return await startServer({ clients: [{ keyId: keyId.keyId, secret }] });
}

async function client(keys: ClientKeys, port: number, ...more: string[]): Promise<Outcome> {
  return await run(PROGRAM, [`--connect=127.0.0.1:${port}`, ...keys.options, ...more]);
}

test('it writes the password and nothing else, and is silent', needs, async () => {
  await using keys = await ClientKeys.make();
  await using server = await serverFor(keys, PASSWORD);
  const { code, stdout, stderr } = await client(keys, server.port);
  assert.deepEqual([code, stdout.toString(), stderr], [0, PASSWORD, '']);
});

test('it reaches a server by IPv6, with and without brackets', needs, async () => {
  await using keys = await ClientKeys.make();
  await using server = await serverFor(keys, PASSWORD);
  for (const host of ['::1', '[::1]']) {
    const { stdout } = await run(PROGRAM, ['-c', `${host}:${server.port}`, ...keys.options]);
    assert.equal(stdout.toString(), PASSWORD);
  }
});

test('a server that comes up late is asked again after --retry', needs, async () => {
  await using keys = await ClientKeys.make();
  const port = await freePort();
  await using program = RunningProgram.start(PROGRAM, [
    ...[`--connect=127.0.0.1:${port}`, ...keys.options, '--retry=0.2'],
  ]);
  await program.waitForLine(
    /no password from 127\.0\.0\.1:\d+ yet: cannot connect \(ECONNREFUSED\)/,
  );
  await using server = await serverFor(keys, PASSWORD);
  // What is found at the port the client asks is now the server.
  const relay = createServer((from) => {
    const to = connect({ host: '127.0.0.1', port: server.port });
    for (const socket of [from, to]) socket.on('error', () => undefined);
    from.pipe(to).pipe(from);
  });
  relay.listen({ host: '127.0.0.1', port });
  try {
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.equal(program.stdout.toString(), PASSWORD);
  } finally {
    relay.close();
  }
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} ends it at once, by that signal, with nothing written`, needs, async () => {
    await using keys = await ClientKeys.make();
    await using program = RunningProgram.start(PROGRAM, [
      ...[`--connect=127.0.0.1:${await freePort()}`, ...keys.options],
    ]);
    await program.waitForLine(/no password from/);
    program.kill(signal);
    assert.deepEqual(await program.exit, { code: null, signal });
    assert.equal(program.stdout.length, 0);
  });
}

test('a signal while a server keeps it waiting ends it', needs, async () => {
  await using keys = await ClientKeys.make();
  const silent = createServer({ allowHalfOpen: true });
  silent.listen({ host: '127.0.0.1', port: 0 });
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    const connected = once(silent, 'connection');
    await using program = RunningProgram.start(PROGRAM, [
      ...[`--connect=127.0.0.1:${port}`, ...keys.options],
    ]);
    const [connection] = await connected;
    connection.on('error', () => undefined);
    await once(connection, 'data');
    program.kill('SIGTERM');
    assert.deepEqual(await program.exit, { code: null, signal: 'SIGTERM' });
    connection.destroy();
  } finally {
    silent.close();
  }
});

test('a reader that has gone is an error, not a hang', needs, async () => {
  await using keys = await ClientKeys.make();
  await using server = await serverFor(keys, PASSWORD);
  const child = spawn(PROGRAM, [`--connect=127.0.0.1:${server.port}`, ...keys.options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const [code, signal] = await once(child, 'exit');
  assert.deepEqual([code, signal], [74, null]);
});

test('a password larger than a pipe holds comes out whole from a slow reader', needs, async () => {
  await using keys = await ClientKeys.make();
  const password = Buffer.alloc(300_000, 0xa5);
  await using server = await serverFor(keys, password);
  const child = spawn(PROGRAM, [`--connect=127.0.0.1:${server.port}`, ...keys.options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parts: Buffer[] = [];
  // Takes a piece each time the pipe has filled up.
  child.stdout.on('readable', () => {
    for (let part = child.stdout.read(); part !== null; part = child.stdout.read())
      parts.push(part);
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.deepEqual(Buffer.concat(parts), password);
});

test('SIGTERM ends it although its reader does not read', needs, async () => {
  await using keys = await ClientKeys.make();
  await using server = await serverFor(keys, Buffer.alloc(300_000, 0xa5));
  const child = spawn(PROGRAM, [`--connect=127.0.0.1:${server.port}`, ...keys.options, '--debug'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pause();
  const over = once(child, 'exit');
  let log = '';
  for await (const data of child.stderr) {
    log += String(data);
    if (log.includes('gave the password')) break;
  }
  child.kill('SIGTERM');
  assert.deepEqual(await over, [null, 'SIGTERM']);
  child.stdout.destroy();
});

for (const [why, args, code] of [
  ['an unknown option', ['--frobnicate'], 64],
  ['a bad value', ['--retry=soon'], 64],
  ['no key files', ['--connect=127.0.0.1:1', '--seckey=/nonexistent'], 69],
  ['no server named', [], 69],
] as const) {
  test(`${why} ends it with ${code} and a hint, and nothing on standard output`, async () => {
    const { code: status, stdout, stderr } = await run(PROGRAM, args);
    assert.deepEqual([status, stdout.length], [code, 0]);
    assert.match(stderr, /^Mandos plugin mandos-client: .+\nMandos plugin mandos-client: hint: /);
  });
}

for (const option of ['--seckey', '--pubkey', '--tls-privkey', '--tls-pubkey']) {
  test(`a FIFO for ${option} is refused, not waited for`, needs, async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create();
    const fifo = await makeFifo(dir);
    const { code, stderr } = await client(keys, await freePort(), `${option}=${fifo}`);
    assert.equal(code, 69);
    assert.match(stderr, /fifo" is not a regular file/);
  });
}
