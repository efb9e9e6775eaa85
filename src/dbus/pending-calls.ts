import { after, type Clock, type Duration } from '../core/time.ts';
import { DBusError, ErrorName } from './dbus-error.ts';
import { type Message, messageType } from './wire.ts';

interface Pending {
  readonly resolve: (values: readonly unknown[]) => void;
  readonly reject: (error: DBusError) => void;
  readonly stopWaiting: () => void;
}

/** The calls of one connection that have not been answered yet. */
export class PendingCalls {
  readonly #clock: Clock;
  readonly #calls = new Map<number, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with what the reply says; rejects with `DBusError`, at the latest at `timeout`. */
  wait(serial: number, what: string, timeout: Duration): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const stopWaiting = this.#clock.at(after(this.#clock.now(), timeout), () => {
        this.#calls.delete(serial);
        reject(new DBusError(ErrorName.noReply, `no answer to ${what} in ${timeout / 1000} s`));
      });
      this.#calls.set(serial, { resolve, reject, stopWaiting });
    });
  }

  /** A reply to nothing we wait for is ignored. */
  settle(reply: Message): void {
    const serial = reply.replySerial ?? 0;
    const values = reply.body ?? [];
    if (reply.type === messageType.methodReturn) this.#take(serial)?.resolve(values);
    else
      this.reject(serial, new DBusError(reply.errorName ?? ErrorName.failed, `${values[0] ?? ''}`));
  }

  reject(serial: number, error: DBusError): void {
    this.#take(serial)?.reject(error);
  }

  #take(serial: number): Pending | undefined {
    const pending = this.#calls.get(serial);
    this.#calls.delete(serial);
    pending?.stopWaiting();
    return pending;
  }

  rejectAll(error: DBusError): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject, stopWaiting } of calls) {
      stopWaiting();
      reject(error);
    }
  }
}
