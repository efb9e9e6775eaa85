/** Opens the blob that a Mandos server keeps for this client. */

import * as openpgp from 'openpgp';
import { MandosError } from '../core/error.ts';
import { Blob, LARGEST_BLOB, Password } from '../core/secret.ts';
import { wipeableCopy } from '../core/wipeable-bytes.ts';
import { unarmor } from './armor.ts';
import { ownKeyConfig } from './own-key-config.ts';
import { OwnKey } from './secret-key.ts';

/**
 * How many keys a blob may be sealed to, and signed by; mandos-keygen makes one of each. Each
 * more is a private-key operation, and thousands of them fit into a blob (N6, C2).
 */
const MOST_PACKETS = 8;

/**
 * Who signed the password: the client's own key, as mandos-keygen does; somebody else, or
 * with a signature that does not fit; or nobody. Anyone who knows the public key can seal
 * a blob, so only the first is known to come from this client's administrator (N6).
 */
export type Signed = 'by-own-key' | 'otherwise' | 'not';

export interface OpenedBlob {
  /** The caller's to dispose of. */
  readonly password: Password;
  readonly signed: Signed;
}

/**
 * OpenPGP.js takes "whatever the time" as a null date, which its types do not know. The
 * clock of a booting machine may stand at 1970 (C3).
 */
const WHATEVER_THE_TIME = null as unknown as Date;

/**
 * Opens `blob` with the client's own key. Neither the clock nor the key's expiry matters.
 *
 * Throws `MandosError` `blob-unusable` when it is no OpenPGP message for this key, has been
 * changed, or is larger than it may be; the blob itself stays the caller's to dispose of.
 */
export async function openBlob(blob: Blob, key: OwnKey): Promise<OpenedBlob> {
  // The types alone would not stop a caller that mixes roles up at run time (S2).
  if (!Blob.is(blob)) throw unusable('what was given is not a blob');
  if (!OwnKey.is(key)) throw new MandosError('key-unusable', 'what was given is not an own key');
  if (blob.bytes.length === 0) throw unusable('the blob is empty');
  if (blob.bytes.length > LARGEST_BLOB) {
    throw unusable(`the blob is larger than ${LARGEST_BLOB} bytes`);
  }
  const config = ownKeyConfig();
  const { keys } = key;
  const message = await decrypt(packetsOf(blob.bytes), keys, config);
  return await takePassword(message, keys, config);
}

function packetsOf(blob: Uint8Array): Uint8Array {
  const unarmored = unarmor(blob);
  switch (unarmored.kind) {
    case 'binary':
      return blob;
    case 'armored':
      if (unarmored.label === 'PGP MESSAGE') return unarmored.body;
      throw unusable(`the blob is no OpenPGP message but a '${unarmored.label}'`);
    case 'pem':
      throw unusable(`the blob is no OpenPGP message but a PEM '${unarmored.label}'`);
    case 'malformed':
      throw unusable('the blob is no OpenPGP message');
  }
}

type Message = openpgp.Message<Uint8Array>;
type Keys = OwnKey['keys'];

async function decrypt(packets: Uint8Array, keys: Keys, config: openpgp.Config): Promise<Message> {
  let message: Message;
  try {
    message = await openpgp.readMessage({ binaryMessage: packets, config });
  } catch (cause) {
    throw unusable('the blob is no intact OpenPGP message', cause);
  }
  const sessionKeys = message.packets.filterByTag(
    openpgp.enums.packet.publicKeyEncryptedSessionKey,
    openpgp.enums.packet.symEncryptedSessionKey,
  );
  if (sessionKeys.length > MOST_PACKETS) throw unusable('the blob is sealed to too many keys');
  try {
    return (await message.decrypt(
      [...keys],
      undefined,
      undefined,
      WHATEVER_THE_TIME,
      config,
    )) as Message;
  } catch (cause) {
    throw unusable('the blob cannot be opened with this OpenPGP key', cause);
  }
}

async function takePassword(
  message: Message,
  keys: Keys,
  config: openpgp.Config,
): Promise<OpenedBlob> {
  let plaintext: Uint8Array | null = null;
  try {
    // Verifying first also reads the message to its end, where the signature is.
    const content = message.unwrapCompressed();
    const signed = content.packets.filterByTag(
      openpgp.enums.packet.signature,
      openpgp.enums.packet.onePassSignature,
    );
    if (signed.length > 2 * MOST_PACKETS) throw unusable('the blob has too many signatures');
    const signatures = await content.verify([], WHATEVER_THE_TIME, config);
    plaintext = content.getLiteralData();
    if (plaintext === null) throw unusable('the blob holds no data');
    const by = await whoSigned(content, signatures, keys, config);
    return { password: new Password(wipeableCopy(plaintext)), signed: by };
  } catch (cause) {
    if (cause instanceof MandosError) throw cause;
    throw unusable('the blob is damaged', cause);
  } finally {
    // The library's own copy; it made others that nobody can reach (S4: the process ends soon).
    plaintext?.fill(0);
  }
}

async function whoSigned(
  content: Message,
  signatures: readonly { readonly signature: Promise<openpgp.Signature> }[],
  keys: Keys,
  config: openpgp.Config,
): Promise<Signed> {
  if (signatures.length === 0) return 'not';
  const data = content.packets.findPacket(openpgp.enums.packet.literalData);
  for (const { signature } of signatures) {
    for (const packet of (await signature).packets) {
      const signers = keys.flatMap((own) => own.getKeys(packet.issuerKeyID));
      for (const signer of signers) {
        if (data !== undefined && (await fits(packet, signer.keyPacket, data, config))) {
          return 'by-own-key';
        }
      }
    }
  }
  return 'otherwise';
}

/**
 * Whether `packet` is the signature of `keyPacket` on `data`. Not `Message.verify`: that
 * one also compares dates of key and signature, and the blob may have been sealed on a
 * machine whose clock was wrong, or by a key that has expired since.
 */
async function fits(
  packet: openpgp.SignaturePacket,
  keyPacket: openpgp.AnyKeyPacket,
  data: openpgp.AnyPacket,
  config: openpgp.Config,
): Promise<boolean> {
  const type = packet.signatureType;
  if (type !== openpgp.enums.signature.binary && type !== openpgp.enums.signature.text)
    return false;
  try {
    await packet.verify(keyPacket, type, data, WHATEVER_THE_TIME, false, config);
    return true;
  } catch {
    return false;
  }
}

function unusable(message: string, cause?: unknown): MandosError {
  return new MandosError('blob-unusable', message, {
    hint: 'make a new clients.conf section for this client with mandos-keygen --password',
    cause,
  });
}
