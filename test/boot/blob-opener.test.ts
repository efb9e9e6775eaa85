/** S4: the OpenPGP key is wiped with the opener, whenever that is. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { BlobOpener } from '../../src/boot/blob-opener.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { Blob, OpenPgpSecretKey } from '../../src/core/secret.ts';
import { OwnKey } from '../../src/openpgp/secret-key.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { clientPlatform, clientSettings, seal } from './simulated-client.ts';

const { seckey } = clientSettings().keyFiles;

async function keyFile(): Promise<Uint8Array> {
  return await clientPlatform().readFile(seckey);
}

test('an opener opens, and after its end nothing can be opened by its key', async () => {
  using file = new OpenPgpSecretKey(await keyFile());
  const opener = new BlobOpener(file, seckey, bootClock);
  const blob = new Blob(await seal(asciiBytes('x')));
  using password = (await opener.open(blob)).password;
  assert.deepEqual(password.bytes, asciiBytes('x'));
  opener[Symbol.dispose]();
  await assert.rejects(opener.open(blob), /an own key was used after it was wiped/);
});

test('a key that is only being read when the end comes is wiped as well', async (t) => {
  const wipe = t.mock.method(OwnKey.prototype, Symbol.dispose);
  class EndsTheOpener extends OpenPgpSecretKey {
    override get bytes(): Uint8Array {
      opener[Symbol.dispose]();
      return super.bytes;
    }
  }
  using file = new EndsTheOpener(await keyFile());
  const opener = new BlobOpener(file, seckey, bootClock);
  await assert.rejects(opener.ready(), /the program ends/);
  assert.equal(wipe.mock.callCount(), 1);
});
