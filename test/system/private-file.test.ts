import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, symlink } from 'node:fs/promises';
import test from 'node:test';
import {
  createPrivateFile,
  ensurePrivateDirectory,
  readSecretFile,
  replacePrivateFile,
  stagePrivateFile,
} from '../../src/system/private-file.ts';
import { makeFifo } from '../support/fifo.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const NEW = Buffer.from('new');

test('a private file has all of its content and mode 0600', async () => {
  await using dir = await TempDir.create();
  createPrivateFile(dir.join('file'), NEW);
  assert.equal(await readFile(dir.join('file'), 'latin1'), 'new');
  assert.equal((await stat(dir.join('file'))).mode & 0o7777, 0o600);
});

test('a name that is taken, by a link too, is never written to', async () => {
  await using dir = await TempDir.create();
  await dir.write('target', 'old');
  await symlink(dir.join('target'), dir.join('link'));
  await symlink(dir.join('nowhere'), dir.join('dangling'));
  for (const name of ['target', 'link', 'dangling']) {
    assert.throws(() => createPrivateFile(dir.join(name), NEW), { code: 'file-exists' });
  }
  assert.equal(await readFile(dir.join('target'), 'latin1'), 'old');
  assert.equal((await readdir(dir.path)).length, 3);
});

test('replacing puts a private file in the place of what was there', async () => {
  await using dir = await TempDir.create();
  await dir.write('file', 'old', 0o644);
  replacePrivateFile(dir.join('file'), NEW);
  assert.equal(await readFile(dir.join('file'), 'latin1'), 'new');
  assert.equal((await stat(dir.join('file'))).mode & 0o7777, 0o600);
  assert.deepEqual(await readdir(dir.path), ['file']);
});

test('a staged file that gets no name is gone', async () => {
  await using dir = await TempDir.create();
  {
    using staged = stagePrivateFile(dir.join('file'), NEW);
    assert.throws(
      () => {
        createPrivateFile(dir.join('file'), NEW);
        staged.installNew();
      },
      { code: 'file-exists' },
    );
  }
  assert.deepEqual(await readdir(dir.path), ['file']);
});

test('a directory is made private, and refused where others may write', async () => {
  await using dir = await TempDir.create();
  ensurePrivateDirectory(dir.join('a', 'b'));
  for (const name of ['a', 'a/b']) {
    assert.equal((await stat(dir.join(name))).mode & 0o7777, 0o700);
  }
  for (const mode of [0o770, 0o702, 0o1777]) {
    await chmod(dir.join('a'), mode);
    assert.throws(() => ensurePrivateDirectory(dir.join('a')), { code: 'file-unwritable' });
  }
  await dir.write('file', '');
  assert.throws(() => ensurePrivateDirectory(dir.join('file')), { code: 'file-unwritable' });
});

test("another user's directory is refused", requires('root'), async () => {
  await using dir = await TempDir.create();
  const { chown } = await import('node:fs/promises');
  await chown(dir.path, 65534, 65534);
  assert.throws(() => ensurePrivateDirectory(dir.path), { code: 'file-unwritable' });
});

test('a secret file is read whole, into memory of its own, up to the limit', async () => {
  await using dir = await TempDir.create();
  const content = Buffer.alloc(100_000, 'x');
  const path = await dir.write('file', content);
  const bytes = readSecretFile(path, 100_000);
  assert.deepEqual(Buffer.from(bytes), content);
  assert.equal(bytes.buffer.byteLength, bytes.length);
  assert.throws(() => readSecretFile(path, 99_999), { code: 'file-unreadable' });
  assert.throws(() => readSecretFile(dir.join('none'), 1), { code: 'file-missing' });
  assert.throws(() => readSecretFile(dir.path, 1), { code: 'file-unreadable' });
  assert.throws(() => readSecretFile('/dev/zero', 10_000), { code: 'file-unreadable' });
});

test('a FIFO, a device or a directory is refused as a key file at once', async () => {
  await using dir = await TempDir.create();
  const notRegular = { code: 'file-unreadable', exitCode: 66, message: /not a regular file/ };
  for (const path of [await makeFifo(dir), '/dev/zero', dir.path]) {
    assert.throws(() => readSecretFile(path, 100), notRegular);
  }
});
