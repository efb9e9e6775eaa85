import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import test from 'node:test';
import { asciiBytes } from '../../../src/core/bytes.ts';
import { MandosError } from '../../../src/core/error.ts';
import { installKeys } from '../../../src/operator/keygen/key-directory.ts';
import { TempDir } from '../../support/temp-dir.ts';

const CONTENTS = {
  'seckey.txt': asciiBytes('new'),
  'pubkey.txt': asciiBytes('new'),
  'tls-privkey.pem': asciiBytes('new'),
  'tls-pubkey.pem': asciiBytes('new'),
};

test('keys that appear while others are made are left alone, and nothing else is', async () => {
  await using dir = await TempDir.create();
  await dir.write('tls-privkey.pem', 'somebody else’s');
  assert.throws(
    () => installKeys(dir.path, CONTENTS, 'refuse'),
    (error) => error instanceof MandosError && error.code === 'file-exists',
  );
  assert.deepEqual(await readdir(dir.path), ['tls-privkey.pem']);
});

test('a backup that cannot be made leaves the keys as they were', async () => {
  await using dir = await TempDir.create();
  await dir.write('seckey.txt', new Uint8Array(300 * 1024));
  assert.throws(() => installKeys(dir.path, CONTENTS, 'back-up'), MandosError);
  assert.deepEqual(await readdir(dir.path), ['seckey.txt']);
});

test('backups are counted on from any number, and none is lost', async () => {
  await using dir = await TempDir.create();
  await dir.write('seckey.txt.~999999999~', 'a backup');
  await dir.write('pubkey.txt.~99999999999999999999~', 'a backup');
  for (let times = 0; times < 3; times++) installKeys(dir.path, CONTENTS, 'back-up');
  const names = await readdir(dir.path);
  for (const backup of [
    ...['seckey.txt.~999999999~', 'seckey.txt.~1000000000~', 'seckey.txt.~1000000001~'],
    ...['pubkey.txt.~99999999999999999999~', 'pubkey.txt.~100000000000000000001~'],
    ...['tls-pubkey.pem.~1~', 'tls-pubkey.pem.~2~'],
  ]) {
    assert.ok(names.includes(backup), backup);
  }
});
