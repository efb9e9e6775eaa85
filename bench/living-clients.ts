import { createHash } from 'node:crypto';
import { clientSection } from '../test/support/client-keys.ts';
import type { TlsKey } from '../test/support/tls-keys.ts';

const SECRET = Buffer.alloc(2000, 'a blob of two thousand bytes ').toString('base64');

/**
 * A clients.conf with that many clients, which `true` checks; the first of them has the key.
 * @param interval in seconds; the timeout is two and a half of it, as by default
 */
export function livingClients(key: TlsKey, count: number, interval: number): string {
  const common = {
    fingerprint: 'A'.repeat(40),
    host: 'localhost',
    checker: 'true',
    secret: SECRET,
  };
  const times = { interval: `PT${interval}S`, timeout: `PT${Math.round(interval * 2.5)}S` };
  return Array.from({ length: count }, (_, at) => {
    const key_id = at === 0 ? key.keyId : createHash('sha256').update(`${at}`).digest('hex');
    return clientSection(`client${at}`, { key_id, ...common, ...times });
  }).join('\n');
}
