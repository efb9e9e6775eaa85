/**
 * S1: a key or secret file is created with O_EXCL and mode 0600 in a 0700 folder; never
 * created wide and narrowed afterwards. [CVE-2023-1672]
 */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import test from 'node:test';
import { KEY_FILES } from '../../src/operator/keygen/key-directory.ts';
import { QUICK } from '../support/keygen.ts';
import { makeOwnKey } from '../support/own-key.ts';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

/** A question mark: not all versions of strace know it. */
const CALLS =
  'open,openat,openat2,creat,mkdir,mkdirat,chmod,fchmod,fchmodat,?fchmodat2,mknod,mknodat';

interface Trace {
  /** Calls that made, or could have made, a file or folder, or that changed a mode. */
  readonly calls: readonly string[];
  readonly stdout: Buffer;
}

/** Runs mandos-keygen under strace and under a umask that takes nothing away. */
async function trace(args: readonly string[], input?: string): Promise<Trace> {
  await using dir = await TempDir.create();
  const log = dir.join('log');
  const program = inRepository('bin/mandos-keygen');
  const shell = 'umask 000; log=$0 calls=$1; shift; exec strace -f -qq -o "$log" -e "$calls" "$@"';
  const outcome = await run('/bin/sh', ['-c', shell, log, `trace=${CALLS}`, program, ...args], {
    ...(input === undefined ? {} : { input }),
    timeout: 60_000,
  });
  assert.equal(outcome.code, 0, outcome.stderr);
  const lines = (await readFile(log, 'latin1')).split('\n');
  const calls = lines.filter((line) => /O_CREAT|O_TMPFILE|creat\(|mkdir|chmod|mknod/.test(line));
  // What Node and the shell do with devices and pipes makes nothing, and Node keeps what it
  // has compiled beside the packages.
  const elsewhere = /"\/dev\/|\/node_modules\/\.compile-cache\//;
  return { calls: calls.filter((line) => !elsewhere.test(line)), stdout: outcome.stdout };
}

/** Fails unless all `calls` make private things, in `directory` only. */
function assertPrivate(calls: readonly string[], directory: string): void {
  assert.ok(calls.length > 0, 'strace has seen something');
  for (const call of calls) {
    if (/ mkdir(at)?\(/.test(call)) {
      assert.match(call, /, 0700\)/, call);
      continue;
    }
    assert.match(call, / openat\(/, call);
    assert.match(call, /O_CREAT\|O_EXCL|O_EXCL\|O_CREAT/, call);
    assert.match(call, /, 0600\)/, call);
    const path = /"([^"]+)"/.exec(call)?.[1] ?? '';
    assert.equal(dirname(path), directory, call);
  }
}

test('new keys are private from birth', requires('strace'), async () => {
  await using dir = await TempDir.create();
  const directory = dir.join('a', 'keys');
  const { calls } = await trace([...QUICK, '--dir', directory]);
  assertPrivate(calls, directory);
  assert.deepEqual((await readdir(directory)).sort(), [...KEY_FILES].sort());
});

test(
  'replaced keys and backups of wide ones are private from birth',
  requires('strace'),
  async () => {
    await using dir = await TempDir.create();
    for (const name of KEY_FILES) await writeFile(dir.join(name), 'old', { mode: 0o644 });
    const { calls } = await trace([...QUICK, '--dir', dir.path, '--force']);
    assertPrivate(calls, dir.path);
    const made = calls.filter((call) => / openat\(/.test(call));
    assert.equal(made.length, 8, 'four keys and four backups');
  },
);

test('sealing a password makes no file at all', requires('strace'), async () => {
  await using dir = await TempDir.create();
  await dir.write('seckey.txt', (await makeOwnKey()).secretKey);
  const file = await dir.write('password', 'secret');
  const common = ['--no-ssh', '--name', 'x', '--dir', dir.path];
  for (const [args, input] of [
    [[...common, '--passfile', file]],
    [[...common, '--password'], 'secret\nsecret\n'],
  ] as const) {
    const { calls, stdout } = await trace(args, input);
    assert.deepEqual(calls, []);
    assert.match(stdout.toString(), /^\[x\]\n/);
  }
});
