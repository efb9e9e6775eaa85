/** Carries out what `agent-state.ts` decides. */
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { Password } from '../../core/secret.ts';
import { after, type Instant, seconds } from '../../core/time.ts';
import type { AgentMachine, ClientEnd, ClientRun } from './agent-machine.ts';
import {
  type AgentEffect,
  type AgentEvent,
  FIRST_STATE,
  nextLook,
  pauseAfter,
  transition,
} from './agent-state.ts';
import { withAnswer } from './answer-packet.ts';
import { askerLine, judge, type OpenQuestion, type QuestionFile } from './standing.ts';

/** What a client needs to take down interfaces and run its hooks, before it is killed. */
const GRACE = seconds(15);

/**
 * Answers all password questions for encrypted disks with what the client gives; returns
 * when they have their answers or are gone.
 * @throws MandosError when there is nothing to answer at the start, no agent directory, or
 *   a client that cannot be started; `machine.stop.reason` when that is aborted
 */
export async function runAgent(machine: AgentMachine): Promise<void> {
  const files = machine.questions();
  if (files.length === 0) {
    throw new MandosError('file-missing', 'there is no password question', {
      hint: 'it is to be started when there is a file named ask.* in the agent directory',
    });
  }
  await using agent = new Agent(machine);
  await agent.run(files);
}

class Agent implements AsyncDisposable {
  readonly #machine: AgentMachine;
  readonly #told = new Set<string>();
  readonly #answeredAskers: Set<string>;
  #state = FIRST_STATE;
  #client: ClientRun | null = null;
  #password: Password | null = null;
  #closed = false;
  #failure: unknown = null;
  #callOffKill: () => void = () => undefined;
  #wake: () => void = () => undefined;

  constructor(machine: AgentMachine) {
    this.#machine = machine;
    this.#answeredAskers = new Set(machine.remembered());
  }

  async run(first: readonly QuestionFile[]): Promise<void> {
    const { clock, stop } = this.#machine;
    const wake = (): void => this.#wake();
    // Before the first look, so that nothing is missed in between.
    let changed = true;
    const unwatch = this.#machine.watch(() => {
      changed = true;
      this.#wake();
    });
    stop.addEventListener('abort', wake);
    try {
      this.#look(first);
      while (this.#state.phase.kind !== 'over' && !stop.aborted && this.#failure === null) {
        if (!changed) await this.#sleep(nextLook(this.#state, clock.now(), this.#monotonic()));
        changed = false;
        if (!stop.aborted && this.#failure === null) this.#look(this.#questions());
      }
    } finally {
      stop.removeEventListener('abort', wake);
      unwatch();
    }
    if (this.#failure !== null) throw this.#failure;
    if (stop.aborted) throw stop.reason;
  }

  /** Leaves no client and no password behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#wipe();
    if (this.#client === null) return;
    this.#stopClient();
    await this.#client.ended;
  }

  #monotonic(): number {
    return this.#machine.monotonic();
  }

  #sleep(until: Instant): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#machine.clock.at(until, () => this.#wake());
      this.#wake = () => {
        callOff();
        this.#wake = () => undefined;
        resolve();
      };
    });
  }

  /** A directory that has gone holds no questions. */
  #questions(): readonly QuestionFile[] {
    try {
      return this.#machine.questions();
    } catch (error) {
      if (error instanceof MandosError && error.code === 'file-missing') return [];
      throw error;
    }
  }

  #look(files: readonly QuestionFile[]): void {
    const open: OpenQuestion[] = [];
    const monotonic = this.#monotonic();
    for (const file of files) {
      const standing = judge(file, {
        monotonic,
        isAlive: (pid) => this.#machine.isAlive(pid),
        wasAnswered: (asker) =>
          !this.#isKnown(file.name) && this.#answeredAskers.has(askerLine(asker)),
      });
      if (standing.kind === 'open') open.push(standing.question);
      else this.#tellOnce(standing.warn, `leaving ${standing.name} to others: ${standing.why}`);
    }
    this.#take({ kind: 'seen', open, present: files.map(({ name }) => name) });
  }

  /** Such a question was there before the answer: it has not been asked again. */
  #isKnown(name: string): boolean {
    const { open, answered } = this.#state;
    return answered.has(name) || open.some((question) => question.name === name);
  }

  #tellOnce(warn: boolean, message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#machine.log.log(warn ? 'warning' : 'info', message);
  }

  #take(event: AgentEvent): void {
    const { state, effects } = transition(this.#state, event, this.#machine.clock.now());
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: AgentEffect): void {
    switch (effect.kind) {
      case 'start-client':
        this.#startClient();
        break;
      case 'stop-client':
        this.#stopClient();
        break;
      case 'send':
        this.#send(effect.question);
        break;
      case 'wipe-password':
        this.#wipe();
        break;
      default:
        effect satisfies never;
    }
  }

  #startClient(): void {
    const client = this.#machine.startClient();
    this.#client = client;
    const ended = client.ended.then((end) => {
      this.#callOffKill();
      this.#client = null;
      this.#clientEnded(end);
    });
    ended.catch((error: unknown) => {
      this.#failure = error;
    });
    ended.finally(() => this.#wake()).catch(() => undefined);
  }

  #clientEnded(end: ClientEnd): void {
    if (this.#closed) {
      if (end.kind === 'password') end.password[Symbol.dispose]();
      return;
    }
    switch (end.kind) {
      case 'password':
        this.#password = end.password;
        this.#take({ kind: 'client-ended', result: 'password' });
        break;
      case 'failed': {
        const { phase } = this.#state;
        this.#take({ kind: 'client-ended', result: 'failed' });
        if (phase.kind !== 'fetching') break;
        const pause = pauseAfter(phase.failures + 1) / 1000;
        this.#machine.log.log('warning', `the client failed: ${end.why}; again in ${pause} s`);
        break;
      }
      case 'unstartable':
        throw new MandosError('program', `cannot start the client: ${end.why}`, {
          exitCode: ExitStatus.failure,
        });
      default:
        end satisfies never;
    }
  }

  #stopClient(): void {
    const { clock } = this.#machine;
    const client = this.#client;
    if (client === null) return;
    client.signal('SIGTERM');
    this.#callOffKill();
    this.#callOffKill = clock.at(after(clock.now(), GRACE), () => client.signal('SIGKILL'));
  }

  #send(question: OpenQuestion): void {
    const password = this.#password;
    if (password === null) return;
    const { name, socket } = question;
    const { outcome, why } = withAnswer(password, (packet) => this.#machine.send(socket, packet));
    if (outcome === 'taken') {
      const line = askerLine(question);
      this.#answeredAskers.add(line);
      this.#machine.remember(line);
    } else {
      this.#tellOnce(outcome === 'never', `cannot answer ${name}: ${why}`);
    }
    this.#take({ kind: 'sent', name, outcome });
  }

  #wipe(): void {
    this.#password?.[Symbol.dispose]();
    this.#password = null;
  }
}
