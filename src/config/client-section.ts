import { hash } from 'node:crypto';
import type { ClientSettings } from '../core/client-settings.ts';
import { parseDuration } from '../core/duration.ts';
import { MandosError } from '../core/error.ts';
import { type KeyId, parseKeyId } from '../core/key-id.ts';
import { Blob } from '../core/secret.ts';
import { decodeBase64 } from './base64.ts';
import type { ConfigFiles } from './config-files.ts';
import { parseBoolean } from './ini-scalars.ts';
import type { OptionReader } from './option-reader.ts';
import { expandPath } from './path-expansion.ts';

/** The options whose values are secrets. */
export const SECRET_OPTIONS = ['secret'] as const;

/** The defaults of mandos-clients.conf(5), as they would be written in the file. */
export const CLIENT_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['timeout', 'PT5M'],
  ['extended_timeout', 'PT15M'],
  ['interval', 'PT2M'],
  ['checker', 'fping -q -- %%(host)s'],
  ['host', ''],
  ['approval_delay', 'PT0S'],
  ['approval_duration', 'PT1S'],
  ['approved_by_default', 'True'],
  ['enabled', 'True'],
]);

/** What a section says about the client's key; `bad` when no client can be known by it. */
export type KeyIdOption =
  | { readonly kind: 'absent' }
  | { readonly kind: 'key-id'; readonly keyId: KeyId }
  | { readonly kind: 'bad'; readonly problem: MandosError };

/** Reads the section's key ID. Never throws. */
export function readKeyId(options: OptionReader): KeyIdOption {
  let text: string | null;
  try {
    text = options.text('key_id');
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    return { kind: 'bad', problem: error };
  }
  if (text === null) return { kind: 'absent' };
  const result = parseKeyId(text);
  switch (result.kind) {
    case 'key-id':
      return result;
    case 'empty':
      return bad(options, 'a key ID is empty');
    case 'malformed':
      return bad(options, 'a key ID must have 64 hexadecimal digits');
    case 'shared':
      return bad(options, 'many broken clients have this key ID, so it identifies none (S5)');
  }
}

function bad(options: OptionReader, message: string): KeyIdOption {
  const problem = options.error('key_id', message);
  return { kind: 'bad', problem };
}

/** Reads everything but the key ID and the secret. Throws `MandosError` with file and line. */
export function readSettings(
  name: string,
  keyId: KeyId | null,
  options: OptionReader,
): ClientSettings {
  const fingerprint = (options.text('fingerprint') ?? '').replaceAll(' ', '').toUpperCase();
  if (keyId === null && fingerprint === '') {
    throw options.error('key_id', 'the client has neither a key ID nor a fingerprint');
  }
  const text = (option: string) => options.parsed(option, (written) => written);
  const duration = (option: string) => options.parsed(option, parseDuration);
  const truth = (option: string) => options.parsed(option, parseBoolean);
  return {
    name,
    keyId,
    fingerprint,
    host: text('host'),
    checker: text('checker'),
    timeout: duration('timeout'),
    extendedTimeout: duration('extended_timeout'),
    interval: duration('interval'),
    approvalDelay: duration('approval_delay'),
    approvalDuration: duration('approval_duration'),
    approvedByDefault: truth('approved_by_default'),
    enabled: truth('enabled'),
  };
}

/**
 * Reads the secret, from `secret` or else from `secfile`. Every buffer on the way is wiped.
 * Throws `MandosError` with file and line, never with any of the content (S4).
 */
export function readBlob(options: OptionReader, files: ConfigFiles): Blob {
  const encoded = options.secret('secret');
  const [option, bytes] =
    encoded === null
      ? (['secfile', readSecretFile(options, files)] as const)
      : (['secret', decoded(encoded, options)] as const);
  if (bytes.length === 0) throw options.error(option, 'the secret is empty');
  return new Blob(bytes);
}

function decoded(encoded: Uint8Array, options: OptionReader): Uint8Array {
  try {
    const bytes = decodeBase64(encoded);
    if (bytes === null) throw options.error('secret', 'the value is no complete base64 text');
    return bytes;
  } finally {
    encoded.fill(0);
  }
}

function readSecretFile(options: OptionReader, files: ConfigFiles): Uint8Array {
  const written = options.text('secfile');
  if (written === null) {
    throw options.error('secret', 'the client has neither a secret nor a secfile');
  }
  try {
    return files.readFile(expandPath(written, files));
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    throw options.error('secfile', error.message, error);
  }
}

/**
 * The settings and a hash of the secret as comparable texts by option name: what a later start
 * compares to see which options were changed in the file. `5m` and `PT5M` are the same.
 */
export function comparable(settings: ClientSettings, blob: Blob): ReadonlyMap<string, string> {
  return new Map([
    ['key_id', settings.keyId ?? ''],
    ['fingerprint', settings.fingerprint],
    ['host', settings.host],
    ['checker', settings.checker],
    ['timeout', String(settings.timeout)],
    ['extended_timeout', String(settings.extendedTimeout)],
    ['interval', String(settings.interval)],
    ['approval_delay', String(settings.approvalDelay)],
    ['approval_duration', String(settings.approvalDuration)],
    ['approved_by_default', String(settings.approvedByDefault)],
    ['enabled', String(settings.enabled)],
    ['secret', `sha256:${hash('sha256', blob.bytes, 'hex')}`],
  ]);
}
