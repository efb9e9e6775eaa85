import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeConfigFiles } from '../../src/config/config-files-node.ts';
import { makeFifo } from '../support/fifo.ts';
import { TempDir } from '../support/temp-dir.ts';

test('a file is read whole, into an array that is no part of a pool', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mandos-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const size of [0, 1, 5000, 300_000]) {
    const path = join(folder, `file-${size}`);
    writeFileSync(path, new Uint8Array(size).fill(7));
    const bytes = nodeConfigFiles.readFile(path);
    assert.equal(bytes.length, size);
    assert.equal(bytes.buffer.byteLength, size);
    assert.ok(bytes.every((byte) => byte === 7));
  }
});

test('a file of unknown size is read whole', () => {
  const bytes = nodeConfigFiles.readFile('/proc/self/status');
  assert.match(new TextDecoder().decode(bytes), /^Name:[\s\S]*nonvoluntary_ctxt_switches:\t\d+\n$/);
});

test('what cannot be read is told apart from what is not there', () => {
  assert.throws(() => nodeConfigFiles.readFile('/nonexistent/x'), { code: 'file-missing' });
  assert.throws(() => nodeConfigFiles.readFile('/etc/passwd/x'), { code: 'file-missing' });
  assert.throws(() => nodeConfigFiles.readFile(''), { code: 'file-missing' });
  assert.throws(() => nodeConfigFiles.readFile(tmpdir()), { code: 'file-unreadable' });
  assert.throws(() => nodeConfigFiles.readFile('a\0b'), { code: 'file-unreadable' });
});

test('what is no file is refused at once: it could keep its reader waiting for ever', async () => {
  await using dir = await TempDir.create();
  for (const path of [await makeFifo(dir), '/dev/zero', '/dev/null', dir.path]) {
    assert.throws(() => nodeConfigFiles.readFile(path), {
      code: 'file-unreadable',
      message: /is not a regular file/,
    });
  }
});

test('home directories are those of the system', () => {
  assert.equal(nodeConfigFiles.homeDirectory('root'), '/root');
  assert.equal(nodeConfigFiles.homeDirectory('no such user'), null);
  const { HOME } = process.env;
  assert.equal(nodeConfigFiles.homeDirectory(null), HOME ?? userInfo().homedir);
});

test('only what is in the environment is an environment variable', () => {
  assert.equal(nodeConfigFiles.environmentVariable('PATH'), process.env.PATH);
  assert.equal(nodeConfigFiles.environmentVariable('toString'), undefined);
});
