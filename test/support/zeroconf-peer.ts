import type { NetworkSide } from './network-namespaces.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';

const PROGRAM = inRepository('test/support/zeroconf-program.ts');

function start(side: NetworkSide, ...args: readonly string[]): RunningProgram {
  return RunningProgram.start(...side.command(inRepository('scripts/node'), PROGRAM, ...args));
}

/** Our own responder, announcing a service that can be connected to, on a test's network. */
export function startAnnouncer(side: NetworkSide, name: string, port: number): RunningProgram {
  return start(side, 'announce', name, String(port));
}

/** Our own browser; writes what it finds as JSON. */
export function startBrowser(side: NetworkSide): RunningProgram {
  return start(side, 'browse');
}
