/** S4: what an own key holds of its secret is overwritten with it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';

/** The numbers that make the key secret, in the memory that OpenPGP.js uses. */
function secretsIn(packet: object): readonly Uint8Array[] {
  const params: unknown = Reflect.get(packet, 'privateParams');
  assert.ok(typeof params === 'object' && params !== null);
  return Object.values(params).filter((value) => value instanceof Uint8Array);
}

for (const type of [{ kind: 'curve25519' }, { kind: 'rsa', bits: 2048 }] as const) {
  test(`the secret numbers of a key (${type.kind}) and its subkey are overwritten`, async () => {
    const key = await asOwnKey(await makeOwnKey(type));
    const packets = key.keys.flatMap((own) => own.getKeys().map(({ keyPacket }) => keyPacket));
    const secrets = packets.flatMap(secretsIn);
    assert.ok(secrets.length >= packets.length);
    assert.ok(secrets.every((bytes) => bytes.some((byte) => byte !== 0)));
    key[Symbol.dispose]();
    // And whatever else lies in the same memory: the file that they were read from.
    const memory = secrets.map(({ buffer }) => new Uint8Array(buffer));
    assert.ok(memory.every((bytes) => bytes.every((byte) => byte === 0)));
    assert.throws(() => key.keys, /used after it was wiped/);
    key[Symbol.dispose]();
  });
}
