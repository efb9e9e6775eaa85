import { asciiBytes } from '../../src/core/bytes.ts';
import { Password } from '../../src/core/secret.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';

/** A good blob that only somebody else's key opens. */
export async function generateOtherBlob(): Promise<Uint8Array> {
  using key = await asOwnKey(await makeOwnKey());
  using password = new Password(asciiBytes('the secret of another'));
  return (await sealPassword(password, key, new Date('2026-06-01T00:00:00Z'))).bytes;
}
