import { watch } from 'node:fs';
import type { Cancellation } from '../../core/cancellation.ts';
import type { Log } from '../../core/log.ts';
import {
  closeDescriptor,
  SystemCallError,
  sendDatagram,
  unixDatagramSocket,
} from '../../native/libc.ts';
import { bootClock } from '../../system/boot-clock.ts';
import { errnoName } from '../../system/errno.ts';
import type { AgentMachine, Sent } from './agent-machine.ts';
import { AnsweredRecord } from './answered-record-node.ts';
import { type ClientCommand, startClientProcess } from './client-process-node.ts';
import { questionFiles } from './question-files-node.ts';

/** Node's implementation of what the password agent needs of a machine. */
export function nodeAgentMachine(
  directory: string,
  client: ClientCommand,
  log: Log,
  stop: Cancellation,
): AgentMachine {
  const record = new AnsweredRecord(directory, log);
  return {
    clock: bootClock,
    log,
    stop,
    // Node's own clock is CLOCK_MONOTONIC.
    monotonic: () => Number(process.hrtime.bigint() / 1000n),
    questions: () => questionFiles(directory),
    watch: (changed) => watchDirectory(directory, changed),
    isAlive,
    startClient: () => startClientProcess(client),
    send,
    remembered: () => record.lines(),
    remember: (line) => record.add(line),
  };
}

/** Only makes it fast: the directory is looked at again and again anyway. */
function watchDirectory(directory: string, changed: () => void): () => void {
  try {
    const watcher = watch(directory, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** The socket is full, is not there yet, or is just being closed. */
const PASSING = ['EAGAIN', 'ENOBUFS', 'ENOMEM', 'ENOENT', 'ECONNREFUSED', 'EINTR'];

function send(path: string, packet: Uint8Array): Sent {
  try {
    const descriptor = unixDatagramSocket(path);
    try {
      sendDatagram(descriptor, packet);
      return { outcome: 'taken', why: '' };
    } finally {
      closeDescriptor(descriptor);
    }
  } catch (error) {
    if (error instanceof RangeError) return { outcome: 'never', why: error.message };
    if (!(error instanceof SystemCallError)) throw error;
    const name = errnoName(error.errno);
    const why = `${error.call}: ${name}`;
    return { outcome: PASSING.includes(name) ? 'later' : 'never', why };
  }
}
