import type { Clock, Instant } from '../core/time.ts';
import type { Machine, Packet, Send, Transport, UsableLink } from './link.ts';

/** Brings a machine to life: hands it what happens, carries out what it decides. */
export class MachineRunner<Effect extends { readonly kind: string }> {
  readonly #machine: Machine<Effect>;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #onEffect: (effect: Effect) => void;
  #callOff = (): void => undefined;
  #stopped = false;

  constructor(
    machine: Machine<Effect>,
    transport: Transport,
    clock: Clock,
    onEffect: (effect: Effect) => void,
  ) {
    this.#machine = machine;
    this.#transport = transport;
    this.#clock = clock;
    this.#onEffect = onEffect;
  }

  linksChanged(links: readonly UsableLink[]): void {
    this.#step((now) => this.#machine.setLinks(links, now));
  }

  received(packet: Packet): void {
    this.#step((now) => this.#machine.receive(packet, now));
  }

  /** Nothing is told or sent any more, but for these last packets. */
  stop(last: readonly Send[] = []): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#callOff();
    for (const packet of last) this.#transport.send(packet);
  }

  #step(decide: (now: Instant) => readonly (Send | Effect)[]): void {
    if (this.#stopped) return;
    this.#callOff();
    const effects = decide(this.#clock.now());
    const { next } = this.#machine;
    if (next !== null) {
      this.#callOff = this.#clock.at(next, () => this.#step((now) => this.#machine.tick(now)));
    }
    for (const effect of effects) {
      if (isSend(effect)) this.#transport.send(effect);
      else this.#onEffect(effect);
    }
  }
}

function isSend<Effect extends { readonly kind: string }>(effect: Send | Effect): effect is Send {
  return effect.kind === 'send';
}
