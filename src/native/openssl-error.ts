import { toString as cString } from 'node:ffi';
import { openssl } from './openssl-functions.ts';

/** An OpenSSL call failed. `reasons` are OpenSSL's own words, the first cause first. */
export class OpenSslError extends Error {
  override readonly name = 'OpenSslError';
  readonly reasons: readonly string[];

  constructor(operation: string, reasons: readonly string[]) {
    super(`${operation}: ${reasons.length === 0 ? 'unknown reason' : reasons.join(', ')}`);
    this.reasons = reasons;
  }
}

/**
 * Runs one operation with a clean error queue before and after. The queue is one per
 * thread and `node:crypto` reads it too: an error left behind makes an unrelated key
 * import fail there, and one left by others would be mistaken for ours.
 */
export function withCleanErrors<T>(operation: () => T): T {
  openssl.ERR_clear_error();
  try {
    return operation();
  } finally {
    openssl.ERR_clear_error();
  }
}

/** Empties the error queue into an error. Call it inside `withCleanErrors`. */
export function takeError(operation: string): OpenSslError {
  const reasons: string[] = [];
  for (let code = openssl.ERR_get_error(); code !== 0n; code = openssl.ERR_get_error()) {
    const reason = openssl.ERR_reason_error_string(code);
    reasons.push((reason === 0n ? null : cString(reason)) ?? `error ${code.toString(16)}`);
  }
  return new OpenSslError(operation, reasons);
}
