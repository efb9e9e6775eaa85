import type {
  AgentMachine,
  ClientEnd,
  ClientRun,
  Sent,
} from '../../../src/boot/agent/agent-machine.ts';
import type { SendOutcome } from '../../../src/boot/agent/agent-state.ts';
import type { QuestionFile } from '../../../src/boot/agent/standing.ts';
import { CancellationSource } from '../../../src/core/cancellation.ts';
import { MandosError } from '../../../src/core/error.ts';
import { Password } from '../../../src/core/secret.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { SimulatedClock } from '../../support/simulated-clock.ts';

export interface SimulatedClient {
  readonly signals: string[];
  /** Given with `gives`; wiped by the agent. */
  password: Password | null;
  ends(end: ClientEnd): void;
  gives(password: string): void;
}

/** Password questions, clients and sockets that exist only in a test. */
export class SimulatedMachine implements AgentMachine {
  readonly clock = new SimulatedClock();
  readonly log = new RecordingLog();
  readonly stop = new CancellationSource();
  readonly clients: SimulatedClient[] = [];
  /** What arrived, as `socket: packet`. */
  readonly arrived: string[] = [];
  /** Outcomes of sockets that are not as they should be. */
  readonly sockets = new Map<string, SendOutcome>();
  readonly gone = new Set<number>();
  readonly record: string[] = [];
  /** Null: there is no agent directory. */
  files: Map<string, QuestionFile> | null = new Map();
  unstartable = false;
  #changed: () => void = () => undefined;
  #packets: Uint8Array[] = [];

  /** Asks, as systemd-cryptsetup does. */
  ask(name: string, options: { pid?: number; id?: string; notAfter?: number; raw?: string } = {}) {
    const { pid = 100, id = `cryptsetup:/dev/${name}`, notAfter = 0 } = options;
    const text =
      options.raw ??
      `[Ask]\nPID=${pid}\nSocket=/sck.${name}\nNotAfter=${notAfter}\nMessage=Hush\nId=${id}\n`;
    const content = Buffer.from(text);
    this.files?.set(`ask.${name}`, { kind: 'read', name: `ask.${name}`, content });
    this.#changed();
  }

  takeAway(name: string): void {
    this.files?.delete(`ask.${name}`);
    this.#changed();
  }

  /** The latest client. */
  get client(): SimulatedClient {
    const client = this.clients.at(-1);
    if (client === undefined) throw new Error('no client was started');
    return client;
  }

  /** Whether nothing of what was sent is left in memory. */
  get packetsAreWiped(): boolean {
    return this.#packets.every((packet) => packet.every((byte) => byte === 0));
  }

  monotonic(): number {
    return this.clock.now() * 1000;
  }

  questions(): readonly QuestionFile[] {
    if (this.files === null) throw new MandosError('file-missing', 'no directory');
    return [...this.files.values()];
  }

  watch(changed: () => void): () => void {
    this.#changed = changed;
    return () => {
      this.#changed = () => undefined;
    };
  }

  isAlive(pid: number): boolean {
    return !this.gone.has(pid);
  }

  startClient(): ClientRun {
    if (this.unstartable) throw new MandosError('privileges', 'not allowed');
    const { promise, resolve } = Promise.withResolvers<ClientEnd>();
    const client: SimulatedClient = {
      signals: [],
      password: null,
      ends: resolve,
      gives(text) {
        client.password = new Password(Uint8Array.from(Buffer.from(text)));
        resolve({ kind: 'password', password: client.password });
      },
    };
    this.clients.push(client);
    return { ended: promise, signal: (signal) => client.signals.push(signal) };
  }

  send(path: string, packet: Uint8Array): Sent {
    this.#packets.push(packet);
    const outcome = this.sockets.get(path) ?? 'taken';
    if (outcome === 'taken')
      this.arrived.push(`${path}: ${Buffer.from(packet).toString('latin1')}`);
    return { outcome, why: 'as the test wants it' };
  }

  remembered(): readonly string[] {
    return this.record;
  }

  remember(line: string): void {
    this.record.push(line);
  }
}
