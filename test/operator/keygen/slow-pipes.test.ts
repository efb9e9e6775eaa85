/** Pipes to and from mandos-keygen: slow, full, shared with others, without an end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir } from 'node:fs/promises';
import test from 'node:test';
import { latin1Text } from '../../../src/core/bytes.ts';
import { Blob } from '../../../src/core/secret.ts';
import { openBlob } from '../../../src/openpgp/open.ts';
import { makeFifo } from '../../support/fifo.ts';
import { blobOf, keygen, QUICK } from '../../support/keygen.ts';
import { asOwnKey, makeOwnKey } from '../../support/own-key.ts';
import { RunningProgram } from '../../support/process.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';

const PROGRAM = inRepository('bin/mandos-keygen');
const files = await makeOwnKey();
const key = await asOwnKey(files);

async function keyDirectory(): Promise<TempDir> {
  const dir = await TempDir.create();
  await dir.write('seckey.txt', files.secretKey);
  await dir.write('pubkey.txt', files.publicKey);
  return dir;
}

async function unsealed(section: Buffer): Promise<string> {
  return latin1Text((await openBlob(new Blob(blobOf(section)), key)).password.bytes);
}

/**
 * The program under strace(1), which tells on standard error of calls that failed. The
 * descriptor does not block, as after another process that shares it had set it so.
 */
function nonBlocking(descriptor: number, call: string, args: readonly string[]): string[] {
  const python = `import os, sys; os.set_blocking(${descriptor}, False); os.execv(sys.argv[1], sys.argv[1:])`;
  const strace = ['-D', '-f', '-qq', '-Z', '-e', `trace=${call}`];
  return ['/usr/bin/python3', '-c', python, '/usr/bin/strace', ...strace, PROGRAM, ...args];
}

for (const [option, input, password] of [
  ['--passfile=-', 'sesame', 'sesame'],
  ['--password', 'sesame\nsesame\n', 'sesame'],
] as const) {
  test(
    `${option} waits for a pipe that has nothing yet and does not block`,
    requires('strace', 'python'),
    async () => {
      await using dir = await keyDirectory();
      const [command = '', ...args] = nonBlocking(0, 'read', ['-S', '-d', dir.path, option]);
      await using program = RunningProgram.start(command, args, { keepInputOpen: true });
      await program.waitForLine(/read\(0,.* EAGAIN/);
      program.writeInput(input);
      program.endInput();
      assert.deepEqual(await program.exit, { code: 0, signal: null });
      assert.equal(await unsealed(program.stdout), password);
    },
  );
}

test(
  'a section comes whole through a full pipe that does not block',
  requires('strace', 'python'),
  async () => {
    await using dir = await keyDirectory();
    const password = Buffer.alloc(700_000, 0x61);
    const file = await dir.write('password', password);
    const [command = '', ...args] = nonBlocking(1, 'write', ['-S', '-d', dir.path, '-F', file]);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close');
    let trace = '';
    for await (const text of child.stderr
      .setEncoding('utf8')
      .iterator({ destroyOnReturn: false })) {
      trace += text;
      if (/write\(1,.* EAGAIN/.test(trace)) break;
    }
    child.stderr.resume();
    const parts: Buffer[] = [];
    for await (const part of child.stdout) parts.push(part);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(await unsealed(Buffer.concat(parts)), password.toString('latin1'));
  },
);

test('a named pipe can be the password file', async () => {
  await using dir = await keyDirectory();
  const fifo = await makeFifo(dir);
  await using program = RunningProgram.start(PROGRAM, ['-S', '-d', dir.path, '-F', fifo]);
  await using writer = await open(fifo, 'w');
  await writer.writeFile('through the pipe');
  await writer.close();
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(await unsealed(program.stdout), 'through the pipe');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the waiting for a password that does not come`, async () => {
    await using dir = await keyDirectory();
    const fifo = await makeFifo(dir);
    const before = await readdir(dir.path);
    await using program = RunningProgram.start(PROGRAM, ['-S', '-d', dir.path, '-F', fifo]);
    // Open for writing as soon as it is for reading.
    await using _writer = await open(fifo, 'w');
    program.kill(signal);
    assert.deepEqual(await program.exit, { code: null, signal });
    assert.equal(program.stdout.length, 0);
    assert.deepEqual(await readdir(dir.path), before);
  });
}

test('SIGTERM ends the waiting for a writer', requires('strace'), async () => {
  await using dir = await keyDirectory();
  const fifo = await makeFifo(dir);
  await using program = RunningProgram.start('/usr/bin/strace', [
    ...['-D', '-f', '-qq', '-e', 'trace=openat', '-P', fifo],
    ...[PROGRAM, '-S', '-d', dir.path, '-F', fifo],
  ]);
  await program.waitForLine(/openat\(.*fifo/);
  program.kill('SIGTERM');
  assert.deepEqual(await program.exit, { code: null, signal: 'SIGTERM' });
});

test('a FIFO in the place of a key is refused, not waited for', async () => {
  await using dir = await TempDir.create();
  const fifo = await makeFifo(dir, 'seckey.txt');
  for (const args of [
    ['-S', '-F', '/dev/null'],
    [...QUICK, '--force'],
  ]) {
    const { code, stdout, stderr } = await keygen(['-d', dir.path, ...args]);
    assert.deepEqual([code, stdout.length], [66, 0]);
    assert.match(stderr, new RegExp(`${fifo}.*is not a regular file`));
  }
  assert.deepEqual(await readdir(dir.path), ['seckey.txt']);
});
