/** The main thread's end of the store's thread: one question at a time. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../system/own-program.ts';
import type { Answer, Request } from './job.ts';

export class StoreThread {
  /** Resolves with the reason as soon as the thread has ended, asked or not. */
  readonly ended: Promise<Error>;
  readonly #worker: Worker;
  readonly #ending = Promise.withResolvers<Error>();
  #waiting: PromiseWithResolvers<Answer> | null = null;
  #ended: Error | null = null;

  constructor() {
    this.ended = this.#ending.promise;
    this.#worker = startThread(new URL('./store-thread.ts', import.meta.url), {
      name: 'store',
      // Its standard streams are the server's own.
      stdin: false,
    });
    this.#worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting?.resolve(answer);
    });
    this.#worker.on('error', (error) => this.#end(new Error('the store failed', { cause: error })));
    this.#worker.on('messageerror', (error) => this.#end(new Error('no answer', { cause: error })));
    this.#worker.on('exit', () => this.#end(new Error('the store has ended')));
  }

  /** Rejects when the thread has ended. */
  ask(request: Request): Promise<Answer> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#waiting !== null) throw new Error('the store was asked while it works');
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting = waiting;
    this.#worker.postMessage(request);
    return waiting.promise;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#ended);
    this.#ending.resolve(this.#ended);
  }
}
