/** TLS keys made on the spot, as Mandos clients have them. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type KeyId, parseKeyId } from '../../src/core/key-id.ts';

export interface TlsKey {
  /** Unencrypted PKCS #8 PEM. */
  readonly privatePem: Uint8Array;
  /** DER SubjectPublicKeyInfo. */
  readonly publicDer: Uint8Array;
  readonly keyId: KeyId;
}

export const TLS_KEY_TYPES = ['ed25519', 'ed448', 'ecdsa', 'rsa', 'rsa-pss'] as const;
export type TlsKeyType = (typeof TLS_KEY_TYPES)[number];

function keyPair(type: TlsKeyType): KeyObject {
  switch (type) {
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ed448':
      return generateKeyPairSync('ed448').privateKey;
    case 'ecdsa':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    case 'rsa-pss':
      return generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;
  }
}

export function keyIdOf(publicDer: Uint8Array): KeyId {
  const result = parseKeyId(createHash('sha256').update(publicDer).digest('hex'));
  if (result.kind !== 'key-id') throw new Error('no key ID');
  return result.keyId;
}

export function tlsKey(type: TlsKeyType = 'ed25519'): TlsKey {
  const privateKey = keyPair(type);
  const publicDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    privatePem: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicDer,
    keyId: keyIdOf(publicDer),
  };
}

/**
 * A P-256 key file that shows one key's public half and holds another's private half, as
 * a thief of public keys would make it (RFC 5915 has room for both; OpenSSL compares
 * nothing when it loads the file).
 */
export function forgedKey(): { readonly pem: Uint8Array; readonly victim: KeyId } {
  const jwk = (): { d: Buffer; point: Buffer; key: KeyObject } => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const { d = '', x = '', y = '' } = key.export({ format: 'jwk' });
    const parts = [x, y].map((part) => Buffer.from(part, 'base64url'));
    return { d: Buffer.from(d, 'base64url'), point: Buffer.concat([Buffer.of(4), ...parts]), key };
  };
  const thief = jwk();
  const victim = jwk();
  const der = tlv(
    0x30,
    tlv(0x02, Buffer.of(1)),
    tlv(0x04, thief.d),
    tlv(0xa0, Buffer.from('06082a8648ce3d030107', 'hex')),
    tlv(0xa1, tlv(0x03, Buffer.of(0), victim.point)),
  );
  const publicDer = createPublicKey(victim.key).export({ type: 'spki', format: 'der' });
  return { pem: pem('EC PRIVATE KEY', der), victim: keyIdOf(publicDer) };
}

/** An RSA key file whose public key alone has so many bytes. It can be shown but not used. */
export function hugeKey(bytes: number): Uint8Array {
  const number = (...value: readonly Buffer[]): Buffer => tlv(0x02, ...value);
  const modulus = Buffer.alloc(bytes, 0xff);
  modulus[0] = 0; // positive
  modulus[bytes - 1] = 0xfe; // even, so that signing fails at once
  const three = number(Buffer.of(3));
  const der = tlv(
    0x30,
    ...[number(Buffer.of(0)), number(modulus), number(Buffer.of(1, 0, 1)), three],
    ...[three, three, three, three, three],
  );
  return pem('RSA PRIVATE KEY', der);
}

function pem(label: string, der: Buffer): Buffer {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
}

/** DER: a tag, the length of the content in as few bytes as possible, the content. */
function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content);
  if (value.length < 128) return Buffer.concat([Buffer.of(tag, value.length), value]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  const significant = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 | significant.length), significant, value]);
}
