import { Socket } from 'node:net';
import type { Password } from '../core/secret.ts';
import { GrowingSecret } from './growing-secret.ts';

/** A password on its way through a pipe. */
export interface SecretPipe {
  /**
   * What has come until the end, or until nothing has ended it for `patience` milliseconds;
   * null when it was too much to be a password.
   */
  end(patience: number): Promise<Password | null>;
  /** Resolves at the pipe's end. */
  readonly closed: Promise<void>;
  abandon(): void;
}

const PIECE = 65_536;

/**
 * Reads a pipe or FIFO to its end and closes it; through one wiped buffer, as an ordinary
 * stream would leave a copy of each piece (S4).
 */
export function readSecretPipe(readEnd: number): SecretPipe {
  const secret = new GrowingSecret();
  const piece = Buffer.alloc(PIECE);
  const closed = Promise.withResolvers<void>();
  const socket = new Socket({
    fd: readEnd,
    readable: true,
    writable: false,
    onread: {
      buffer: piece,
      callback: (count) => {
        secret.add(piece.subarray(0, count));
        piece.fill(0, 0, count);
        return true;
      },
    },
  });
  socket.on('error', () => undefined);
  socket.once('close', () => closed.resolve());
  socket.resume();
  return {
    closed: closed.promise,
    async end(patience) {
      const timer = setTimeout(() => socket.destroy(), patience);
      await closed.promise;
      clearTimeout(timer);
      return secret.take();
    },
    abandon() {
      socket.destroy();
      secret.take()?.[Symbol.dispose]();
    },
  };
}
