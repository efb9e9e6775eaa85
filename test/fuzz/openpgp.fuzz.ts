import { MandosError } from '../../src/core/error.ts';
import { Blob, OpenPgpSecretKey, Password } from '../../src/core/secret.ts';
import { unarmor } from '../../src/openpgp/armor.ts';
import { openBlob } from '../../src/openpgp/open.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import { readSecretKey } from '../../src/openpgp/secret-key.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';

const files = await makeOwnKey();
const key = await asOwnKey(files);

async function seal(content: Uint8Array): Promise<Uint8Array> {
  using password = new Password(content);
  return (await sealPassword(password, key, new Date('2026-06-01'))).bytes;
}

/** The packets inside an armoured file: their bytes are worth changing, the armour's less. */
function packetsOf(file: Uint8Array): Uint8Array {
  const unarmored = unarmor(file);
  return unarmored.kind === 'armored' ? unarmored.body : file;
}

/** Lets the errors through that the function promises; any other is a bug. */
async function promised(code: MandosError['code'], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MandosError) || error.code !== code) throw error;
  }
}

export const target = {
  name: 'openpgp',
  seeds: [
    files.secretKey,
    files.publicKey,
    packetsOf(files.secretKey),
    packetsOf(files.publicKey),
    await seal(new Uint8Array()),
    await seal(new Uint8Array(100).fill(0x61)),
    new TextEncoder().encode(
      '-----BEGIN PGP MESSAGE-----\n\nAAAA\n=AAAA\n-----END PGP MESSAGE-----\n',
    ),
  ],
  /** Reads the input as a key file and as a blob: an answer or the promised error. */
  async run(input: Uint8Array): Promise<void> {
    await promised('key-unusable', async () => {
      using file = new OpenPgpSecretKey(new Uint8Array(input));
      using read = await readSecretKey(file);
      if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(read.fingerprint)) {
        throw new Error('a key without a fingerprint');
      }
    });
    await promised('blob-unusable', async () => {
      using blob = new Blob(new Uint8Array(input));
      (await openBlob(blob, key)).password[Symbol.dispose]();
    });
  },
};
