import { hash } from 'node:crypto';
import { MandosError } from '../core/error.ts';
import type { TlsPrivateKey } from '../core/secret.ts';
import { OpenSslError } from '../native/openssl-error.ts';
import type { TlsConnection } from '../native/tls-connection.ts';
import { TlsContext, type TlsRestrictions } from '../native/tls-context.ts';

export type { TlsRestrictions } from '../native/tls-context.ts';

/** Makes TLS engines that share one set of settings. */
export interface TlsEngines extends Disposable {
  newEngine(): TlsConnection;
}

/**
 * Engines for the Mandos server, which has the TLS client's role.
 * @throws MandosError `config-value` when OpenSSL does not know a part of the restrictions
 */
export function serverEngines(restrictions: TlsRestrictions = {}): TlsEngines {
  try {
    return engines(TlsContext.tlsClient(restrictions));
  } catch (cause) {
    throw settingsError(cause);
  }
}

/**
 * Engines for the Mandos client, which has the TLS server's role and proves its key.
 * @param name the key's file name, for the error
 * @throws MandosError `key-unusable` when the key cannot serve
 */
export function clientEngines(
  key: TlsPrivateKey,
  name: string,
  restrictions: TlsRestrictions = {},
): TlsEngines {
  // Settings are tried without the key first, to tell a bad setting from a bad key.
  serverEngines(restrictions)[Symbol.dispose]();
  try {
    return engines(TlsContext.tlsServer(key.bytes, restrictions));
  } catch (cause) {
    if (!(cause instanceof OpenSslError)) throw cause;
    throw new MandosError('key-unusable', `${name}: no usable TLS private key`, {
      hint: 'it must be an unencrypted private key in PEM format, as made by mandos-keygen',
      cause,
    });
  }
}

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

function engines(context: TlsContext): TlsEngines {
  return {
    newEngine: () => context.connection(),
    [Symbol.dispose]: () => context.close(),
  };
}

function settingsError(cause: unknown): unknown {
  if (!(cause instanceof OpenSslError)) return cause;
  return new MandosError('config-value', `the TLS settings cannot be used (${cause.message})`, {
    hint: 'check the priority option',
    cause,
  });
}
