import { MandosError } from '../core/error.ts';
import { systemErrorCode } from '../system/system-error.ts';

/**
 * That something with a bus did not work, and why.
 * @param what such as `cannot connect to the message bus at ADDRESS`
 */
export function busFailure(what: string, cause: unknown, hint?: string): MandosError {
  const why = systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : null);
  const message = why === null ? what : `${what}: ${why}`;
  return new MandosError('network', message, { cause, ...(hint === undefined ? {} : { hint }) });
}
