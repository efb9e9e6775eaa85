/** What the log says of a signal of the server, in the original's words. */
import type { ServerSignal } from '../server/server-event.ts';

export interface Told {
  readonly text: string;
  /** Only for those who want to know everything. */
  readonly verbose: boolean;
}

/** What is told of `signal`; `name` is that of the client it is about. Null: nothing. */
export function toldText(signal: ServerSignal, name: string): Told | null {
  switch (signal.kind) {
    case 'client-added':
      return verbose(`Client ${name} was added`);
    case 'client-removed':
      return verbose(`Client ${name} was removed`);
    case 'client-not-found':
      return always(
        `Client with address ${signal.address} and key ID ${signal.keyId} could not be found`,
      );
    case 'properties-changed':
      return null;
    case 'checker-started':
      return verbose(`Client ${name} started checker "${signal.command}"`);
    case 'checker-completed':
      return checkerEnd(
        signal.waitStatus,
        `Checker for client ${name} (command "${signal.command}")`,
      );
    case 'got-secret':
      return always(`Client ${name} received its secret`);
    case 'rejected':
      return always(`Client ${name} was rejected; reason: ${signal.reason}`);
    case 'need-approval': {
      const seconds = (signal.timeout / 1000).toFixed(6);
      return signal.approvedByDefault
        ? always(`Client ${name} will get its secret in ${seconds} seconds`)
        : always(`Client ${name} needs approval within ${seconds} seconds`);
    }
    default:
      return signal satisfies never;
  }
}

/** The wait status is that of wait(2): the low seven bits are the signal, if there was one. */
function checkerEnd(waitStatus: number, checker: string): Told {
  const killedBy = waitStatus & 0x7f;
  const status = (waitStatus >> 8) & 0xff;
  if (killedBy !== 0) return always(`${checker} was killed by signal ${killedBy}`);
  if (status !== 0) return always(`${checker} failed with exit code ${status}`);
  return verbose(`${checker} succeeded`);
}

function always(text: string): Told {
  return { text, verbose: false };
}

function verbose(text: string): Told {
  return { text, verbose: true };
}
