/** The secrets that the original stores: its passphrases, its gpg, in both directions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Blob } from '../../src/core/secret.ts';
import { originalPassphrase } from '../../src/server/store/original-passphrase.ts';
import { openOriginalSecret, sealOriginalSecret } from '../../src/server/store/original-secret.ts';
import { GpgHome } from '../support/gpg-home.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

/** Every byte in it, those that a passphrase may not have included. */
function everyByte(length: number): Blob {
  return new Blob(Uint8Array.from({ length }, (_, index) => (index * 7) % 256));
}

const STORED = 'set over D-Bus \0\n\\ \xff';
const stored = (): Blob => new Blob(new Uint8Array(Buffer.from(STORED, 'latin1')));
const textOf = (blob: Blob | null): string | undefined =>
  blob === null ? undefined : Buffer.from(blob.bytes).toString('latin1');

describe('a stored secret of the original’s', requires('gpg'), () => {
  // The original makes its passphrase in another way from 1022 bytes on.
  for (const length of [0, 20, 1021, 1022, 5000]) {
    test(`under one of ${length} bytes: gpg opens ours, and we open gpg’s`, async () => {
      await using home = await GpgHome.create();
      await using dir = await TempDir.create();
      const configured = everyByte(length);
      const passphrase = originalPassphrase(configured.bytes);
      const file = await dir.write('passphrase', passphrase);
      const options = ['--passphrase-file', file, '--force-mdc'];
      const ours = await sealOriginalSecret(stored(), configured);
      const opened = await home.gpg([...options, '--decrypt'], ours);
      assert.equal(opened.toString('latin1'), STORED);
      const theirs = await home.gpg([...options, '--symmetric'], stored().bytes);
      assert.equal(textOf(await openOriginalSecret(theirs, configured)), STORED);
      assert.equal(textOf(await openOriginalSecret(ours, configured)), STORED);
      assert.equal(await openOriginalSecret(theirs, everyByte(length + 1)), null);
      assert.equal(await openOriginalSecret(ours, everyByte(length + 1)), null);
    });
  }

  for (const options of [
    ['--cipher-algo', 'AES128', '--s2k-digest-algo', 'SHA512', '--s2k-count', '1024'],
    ['--cipher-algo', 'AES192', '--s2k-digest-algo', 'SHA224', '--compress-algo', 'none'],
  ]) {
    test(`is opened with ${options.join(' ')}`, async () => {
      await using home = await GpgHome.create();
      await using dir = await TempDir.create();
      const file = await dir.write('passphrase', originalPassphrase(everyByte(300).bytes));
      const args = [...options, '--passphrase-file', file, '--symmetric'];
      const message = await home.gpg(args, stored().bytes);
      assert.equal(textOf(await openOriginalSecret(message, everyByte(300))), STORED);
    });
  }
});

test('what is no such message is no secret', async () => {
  const message = await sealOriginalSecret(stored(), everyByte(20));
  for (let length = 0; length < message.length; length++) {
    assert.equal(await openOriginalSecret(message.subarray(0, length), everyByte(20)), null);
  }
  for (let at = 0; at < message.length; at++) {
    const damaged = message.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x11;
    assert.equal(await openOriginalSecret(damaged, everyByte(20)), null, `byte ${at}`);
  }
});
