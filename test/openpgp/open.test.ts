import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as openpgp from 'openpgp';
import { asciiBytes, latin1Text } from '../../src/core/bytes.ts';
import { MandosError } from '../../src/core/error.ts';
import { Blob, LARGEST_BLOB, Password } from '../../src/core/secret.ts';
import { armor } from '../../src/openpgp/armor.ts';
import { generateKeyPair } from '../../src/openpgp/generate.ts';
import { openBlob } from '../../src/openpgp/open.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import { readSecretKey } from '../../src/openpgp/secret-key.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';

const files = await makeOwnKey();
const key = await asOwnKey(files);
const stranger = await asOwnKey(await makeOwnKey());
const NOW = new Date('2026-06-01T00:00:00Z');

async function sealed(content: Uint8Array, by = key): Promise<Uint8Array> {
  using password = new Password(new Uint8Array(content));
  return (await sealPassword(password, by, NOW)).bytes;
}

async function opened(blob: Uint8Array): Promise<Uint8Array> {
  const { password } = await openBlob(new Blob(blob), key);
  return password.bytes;
}

async function rejects(blob: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(openBlob(new Blob(blob), key), (error) => {
    assert.ok(error instanceof MandosError);
    assert.equal(error.code, 'blob-unusable');
    assert.match(error.message, message);
    return true;
  });
}

/** Encrypts to the key what anybody could who knows its public half. */
async function encrypted(
  content: Uint8Array,
  options: Partial<openpgp.EncryptOptions> = {},
): Promise<Uint8Array> {
  const [own] = key.keys;
  assert.ok(own);
  const message = await openpgp.createMessage({ binary: content });
  return (await openpgp.encrypt({
    message,
    encryptionKeys: own.toPublic(),
    date: NOW,
    ...options,
    format: 'binary',
  })) as Uint8Array;
}

test('what is sealed comes out again, whatever the bytes', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (content) => {
    assert.deepEqual(await opened(await sealed(content)), content);
  });
  await fc.assert(property, { numRuns: 20 });
});

test('an empty password, an empty line and 100 kB come out again', async () => {
  for (const content of [new Uint8Array(), asciiBytes('\n'), new Uint8Array(100_000).fill(0xa5)]) {
    assert.deepEqual(await opened(await sealed(content)), content);
  }
});

test('an armoured blob opens', async () => {
  const blob = armor('PGP MESSAGE', await sealed(asciiBytes('x')), new Uint8Array());
  assert.equal(latin1Text(await opened(blob)), 'x');
});

test('a blob says who signed it, and opens in any case', async () => {
  const [other] = stranger.keys;
  assert.ok(other);
  const content = asciiBytes('secret');
  const cases = {
    'by-own-key': await sealed(content),
    not: await encrypted(content),
    otherwise: await encrypted(content, { signingKeys: other }),
  };
  for (const [signed, blob] of Object.entries(cases)) {
    const answer = await openBlob(new Blob(blob), key);
    assert.equal(answer.signed, signed);
    assert.deepEqual(answer.password.bytes, content);
  }
});

test("the own key's signature on something else is not taken for one on the password", async () => {
  const [own] = key.keys;
  assert.ok(own);
  const elsewhere = await openpgp.sign({
    message: await openpgp.createMessage({ binary: asciiBytes('hello') }),
    signingKeys: own,
    detached: true,
    format: 'binary',
    date: NOW,
  });
  const signature = await openpgp.readSignature({ binarySignature: elsewhere as Uint8Array });
  const { packets } = await openpgp.createMessage({ binary: asciiBytes('forged password') });
  packets.unshift(...signature.packets);
  const forged = await new openpgp.Message<Uint8Array>(packets).encrypt([own.toPublic()]);
  const { signed } = await openBlob(new Blob(forged.write() as Uint8Array), key);
  assert.equal(signed, 'otherwise');
});

test('neither a clock at 1970 nor one far ahead nor an expired key matters', async (context) => {
  const now = new Date('2026-01-02T00:00:00Z');
  const type = { kind: 'curve25519' } as const;
  const made = await generateKeyPair({
    type,
    subtype: type,
    userId: 'x',
    lifetime: 86_400 * 3,
    now,
  });
  const shortLived = await readSecretKey(made.secretKey);
  using password = new Password(asciiBytes('secret'));
  const blob = await sealPassword(password, shortLived, now);
  for (const date of [new Date(0), new Date('2026-01-03'), new Date('2099-01-01')]) {
    context.mock.timers.enable({ apis: ['Date'], now: date });
    const { password, signed } = await openBlob(blob, shortLived);
    assert.deepEqual(password.bytes, asciiBytes('secret'));
    assert.equal(signed, 'by-own-key');
    context.mock.timers.reset();
  }
});

test('a blob for another key is refused', async () => {
  await rejects(await sealed(asciiBytes('x'), stranger), /cannot be opened with this OpenPGP key/);
});

test('a blob with one bit changed anywhere is refused or opens to the same', async () => {
  const content = asciiBytes('the password');
  const blob = await sealed(content);
  const property = fc.asyncProperty(
    fc.nat({ max: blob.length - 1 }),
    fc.nat({ max: 7 }),
    async (at, bit) => {
      const changed = new Uint8Array(blob);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      try {
        assert.deepEqual(await opened(changed), content);
      } catch (error) {
        assert.ok(error instanceof MandosError, String(error));
        assert.equal(error.code, 'blob-unusable');
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('a blob cut short anywhere is refused', async () => {
  const blob = await sealed(asciiBytes('the password'));
  for (let length = 1; length < blob.length; length += 13) {
    await rejects(blob.subarray(0, length), /blob/);
  }
});

test('no blob, and no message, are refused', async () => {
  await rejects(new Uint8Array(), /empty/);
  await rejects(asciiBytes('hunter2'), /no OpenPGP message/);
  await rejects(files.publicKey, /PGP PUBLIC KEY BLOCK/);
  await rejects(new Uint8Array(LARGEST_BLOB + 1).fill(0x85), /larger than/);
});

test('a plaintext without integrity check is refused', async () => {
  const [own] = key.keys;
  assert.ok(own);
  const message = await openpgp.createMessage({ binary: asciiBytes('x') });
  const bytes = (await message.encrypt([own.toPublic()])).packets;
  const wrapped = bytes.at(-1);
  assert.ok(wrapped instanceof openpgp.SymEncryptedIntegrityProtectedDataPacket);
  const body = wrapped.write().subarray(1);
  const unprotected = new openpgp.SymmetricallyEncryptedDataPacket();
  await unprotected.read(body);
  bytes[bytes.length - 1] = unprotected;
  await rejects(bytes.write(), /cannot be opened/);
});

test('an error about a blob holds nothing of what is in it', async () => {
  const blob = await sealed(asciiBytes('hunter2 hunter2'), stranger);
  await assert.rejects(openBlob(new Blob(blob), key), (error) => {
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
      assert.doesNotMatch(`${each.message} ${each.stack}`, /hunter2/);
    }
    return true;
  });
});

test('a key that was wiped opens nothing more', async () => {
  const blob = await sealed(asciiBytes('x'));
  const wiped = await asOwnKey(files);
  wiped[Symbol.dispose]();
  await assert.rejects(openBlob(new Blob(blob), wiped), TypeError);
});
