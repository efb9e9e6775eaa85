/**
 * The only place that releases a secret. It knows keys, not connections; the network side
 * knows connections, not clients.
 */
import type { Cancellation } from '../core/cancellation.ts';
import type { KeyId } from '../core/key-id.ts';
import type { Log } from '../core/log.ts';
import type { SecretAnswer, SecretSource } from '../protocol/secret-source.ts';
import type { LiveClients } from './live-clients.ts';

const REFUSED: SecretAnswer = { kind: 'refused' };

export interface GateContext {
  readonly clients: LiveClients;
  readonly log: Log;
}

export class Gate implements SecretSource {
  readonly #context: GateContext;

  constructor(context: GateContext) {
    this.#context = context;
  }

  async request(keyId: KeyId, peer: string, left: Cancellation): Promise<SecretAnswer> {
    const { clients, log } = this.#context;
    const client = clients.owner(keyId);
    if (client === undefined) {
      // Anybody can make a key: what strangers do is not worth a warning.
      log.log('info', `client not found for key ID: ${keyId}, address: ${peer}`);
      clients.strangerCame(keyId, peer);
      return REFUSED;
    }
    const token = clients.newPeer();
    const leave = (): void => client.peerLeft(token);
    left.addEventListener('abort', leave, { once: true });
    try {
      if (!(await client.ask(token))) {
        log.log('info', `client ${client.name} at ${peer} gets no secret`);
        return REFUSED;
      }
    } finally {
      left.removeEventListener('abort', leave);
    }
    if (left.aborted) return REFUSED;
    // What was true at the decision need not be true any more (F3).
    const blob = client.release();
    if (blob === null) return REFUSED;
    log.log('info', `sending secret to ${client.name} at ${peer}`);
    return { kind: 'secret', blob };
  }

  sent(keyId: KeyId): void {
    this.#context.clients.owner(keyId)?.secretSent();
  }
}
