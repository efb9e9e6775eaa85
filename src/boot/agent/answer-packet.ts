import type { Password } from '../../core/secret.ts';
import { wipeableBytes } from '../../core/wipeable-bytes.ts';

const PLUS = 0x2b;

/**
 * The datagram that answers a question: a plus sign, the password as it is, and a NUL as the
 * original sends it (systemd Password Agents). Calls `send` with it and wipes it (S4).
 */
export function withAnswer<T>(password: Password, send: (packet: Uint8Array) => T): T {
  const packet = wipeableBytes(password.bytes.length + 2);
  try {
    packet[0] = PLUS;
    packet.set(password.bytes, 1);
    return send(packet);
  } finally {
    packet.fill(0);
  }
}
