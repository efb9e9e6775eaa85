import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import type { Log } from '../../core/log.ts';
import { askerLines } from './standing.ts';

/**
 * Who has had an answer, kept beside the agent directory (in it, other agents' path units
 * would see that it is not empty). Below /run, it lasts until the machine is switched off,
 * longer than any process that asks.
 */
export class AnsweredRecord {
  readonly #path: string;
  readonly #log: Log;

  constructor(agentDirectory: string, log: Log) {
    this.#path = `${agentDirectory.replace(/\/+$/, '')}.mandos-answered`;
    this.#log = log;
  }

  lines(): readonly string[] {
    try {
      const flag = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      return askerLines(readFileSync(this.#path, { flag }));
    } catch {
      return [];
    }
  }

  /** One write, so that lines of several agents never mix. */
  add(line: string): void {
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    try {
      const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
      const descriptor = openSync(this.#path, flags, 0o600);
      try {
        writeSync(descriptor, `${line}\n`);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      this.#log.log('warning', `cannot write ${this.#path} (${why})`);
    }
  }
}
