/**
 * The only place that releases a secret. It knows keys, not connections; the network side
 * knows connections, not clients.
 */
import type { Cancellation } from '../core/cancellation.ts';
import type { KeyId } from '../core/key-id.ts';
import type { Log } from '../core/log.ts';
import { after, type Clock, type Duration } from '../core/time.ts';
import type { SecretAnswer, SecretSource } from '../protocol/secret-source.ts';
import { blobFor, type RegisteredClient, type Registry } from './registry.ts';

/** Connections of one client that may wait for approval at the same time (N1). */
export const MAX_WAITS_PER_CLIENT = 16;

const REFUSED: SecretAnswer = { kind: 'refused' };

export interface GateContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

export class Gate implements SecretSource {
  readonly #context: GateContext;
  readonly #waits = new Map<KeyId, number>();

  constructor(context: GateContext) {
    this.#context = context;
  }

  async request(keyId: KeyId, peer: string, left: Cancellation): Promise<SecretAnswer> {
    const { registry, log } = this.#context;
    const client = registry.find(keyId);
    if (client === undefined) {
      log.log('warning', `client not found for key ID ${keyId}, address ${peer}`);
      return REFUSED;
    }
    if (!this.#mayAsk(client)) return REFUSED;
    if (client.approvalDelay > 0 && !(await this.#waitForApproval(client, left))) return REFUSED;
    if (!client.approvedByDefault) {
      log.log('warning', `client ${client.name} was not approved`);
      return REFUSED;
    }
    // What was true before the wait need not be true now (F3).
    const now = registry.find(keyId);
    if (now === undefined || !this.#mayAsk(now) || left.aborted) return REFUSED;
    log.log('info', `sending secret to ${now.name} at ${peer}`);
    return { kind: 'secret', blob: blobFor(now) };
  }

  sent(keyId: KeyId, peer: string): void {
    const client = this.#context.registry.find(keyId);
    if (client === undefined) return;
    this.#context.log.log('debug', `sent the secret to ${client.name} at ${peer}`);
  }

  #mayAsk(client: RegisteredClient): boolean {
    if (client.enabled) return true;
    this.#context.log.log('info', `client ${client.name} is disabled`);
    return false;
  }

  async #waitForApproval(client: RegisteredClient, left: Cancellation): Promise<boolean> {
    const waiting = this.#waits.get(client.keyId) ?? 0;
    if (waiting >= MAX_WAITS_PER_CLIENT) {
      this.#context.log.log(
        'warning',
        `client ${client.name}: too many requests wait for approval`,
      );
      return false;
    }
    this.#waits.set(client.keyId, waiting + 1);
    this.#context.log.log('info', `client ${client.name} waits for approval`);
    try {
      return await delay(this.#context.clock, client.approvalDelay, left);
    } finally {
      const others = (this.#waits.get(client.keyId) ?? 1) - 1;
      if (others > 0) this.#waits.set(client.keyId, others);
      else this.#waits.delete(client.keyId);
    }
  }
}

/** True when the time has passed, false as soon as the peer is gone. */
function delay(clock: Clock, duration: Duration, left: Cancellation): Promise<boolean> {
  return new Promise((resolve) => {
    if (left.aborted) {
      resolve(false);
      return;
    }
    const gone = (): void => {
      callOff();
      resolve(false);
    };
    const callOff = clock.at(after(clock.now(), duration), () => {
      left.removeEventListener('abort', gone);
      resolve(true);
    });
    left.addEventListener('abort', gone, { once: true });
  });
}
