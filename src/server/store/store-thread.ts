/**
 * The thread that has the state's files to itself: opening, every write and every wait for the
 * disk happen here, off the server's event loop.
 */
import { parentPort } from 'node:worker_threads';
import { MandosError } from '../../core/error.ts';
import type { Answer, Request } from './job.ts';
import { type OpenState, openState } from './open-state.ts';
import { carryOut } from './state-writer.ts';

const port = parentPort;
if (port === null) throw new Error('this is a thread of the mandos server');

let state: OpenState | null = null;

port.on('message', (request: Request) => {
  port.postMessage(answer(request));
  if (request.kind === 'close') port.close();
});

function answer(request: Request): Answer {
  switch (request.kind) {
    case 'open':
      try {
        state = openState(request.directory, request.now);
        return { kind: 'opened', content: state.content };
      } catch (error) {
        // A fault of the program ends the thread, and with it the server: fail closed.
        if (!(error instanceof MandosError)) throw error;
        const { code, message, exitCode, hint = null } = error;
        return { kind: 'not opened', error: { code, message, exitCode, hint } };
      }
    case 'job':
      if (state === null) throw new Error('a job before the state was opened');
      return { kind: 'job', outcome: carryOut(request.job, state) };
    case 'close':
      state?.database[Symbol.dispose]();
      state?.ledger[Symbol.dispose]();
      state = null;
      return { kind: 'closed' };
  }
}
