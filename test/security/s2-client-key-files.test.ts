/** S2: no key file, and no blob, can stand in for another at any option of mandos-client. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadClientKeys } from '../../src/boot/client-keys.ts';
import type { KeyFiles } from '../../src/boot/client-settings.ts';
import { fetchPassword } from '../../src/boot/fetch-password.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { MandosError } from '../../src/core/error.ts';
import { clientPlatform, clientSettings, seal } from '../boot/simulated-client.ts';

const { keyFiles: FILES, tlsPolicy } = clientSettings();
const ROLES = Object.keys(FILES) as (keyof KeyFiles)[];
const BLOB = await seal(asciiBytes('x'));

/** What the program ends with when a key file holds `content`, or is not there. */
async function troubleWith(role: keyof KeyFiles, content: Uint8Array | null): Promise<MandosError> {
  const platform = clientPlatform();
  if (content === null) platform.files.delete(FILES[role]);
  else platform.files.set(FILES[role], content);
  try {
    await fetchPassword(clientSettings(), platform);
  } catch (error) {
    assert.ok(error instanceof MandosError, String(error));
    assert.deepEqual(platform.written, []);
    return error;
  }
  throw new assert.AssertionError({ message: 'it ended without an error' });
}

function content(role: keyof KeyFiles): Uint8Array {
  const bytes = clientPlatform().files.get(FILES[role]);
  assert.ok(bytes);
  return bytes;
}

for (const role of ROLES) {
  test(`without the file for ${role} it ends with EX_UNAVAILABLE and names the file`, async () => {
    const error = await troubleWith(role, null);
    assert.deepEqual([error.code, error.exitCode], ['file-missing', 69]);
    assert.ok(error.message.includes(FILES[role]));
  });

  for (const other of ROLES.filter((name) => name !== role)) {
    test(`S2: ${other} is refused as ${role}`, async () => {
      const error = await troubleWith(role, content(other));
      assert.deepEqual([error.code, error.exitCode], ['key-unusable', 69]);
      assert.ok(error.message.includes(FILES[role]), error.message);
      assert.equal(error.message.includes('BEGIN'), false);
    });
  }

  for (const [what, bytes] of [
    ['a blob', BLOB],
    ['an empty file', new Uint8Array()],
    ['garbage', asciiBytes('garbage\n')],
  ] as const) {
    test(`S2: ${what} is refused as ${role}`, async () => {
      const error = await troubleWith(role, bytes);
      assert.deepEqual([error.code, error.exitCode], ['key-unusable', 69]);
      assert.ok(error.message.includes(FILES[role]), error.message);
    });
  }
}

test('the OpenPGP key is wiped with the keys', async () => {
  const keys = await loadClientKeys(clientPlatform(), FILES, tlsPolicy);
  const { bytes } = keys.openPgp;
  assert.ok(bytes.some((byte) => byte !== 0));
  keys[Symbol.dispose]();
  assert.ok(bytes.every((byte) => byte === 0));
});
