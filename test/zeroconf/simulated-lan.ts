import { after, milliseconds } from '../../src/core/time.ts';
import { parseAddress } from '../../src/zeroconf/ip-address.ts';
import type { Machine, Peer, Send, UsableLink } from '../../src/zeroconf/link.ts';
import { MDNS_PORT } from '../../src/zeroconf/link.ts';
import { MachineRunner } from '../../src/zeroconf/machine-runner.ts';
import type { Message } from '../../src/zeroconf/message.ts';
import { parseMessage } from '../../src/zeroconf/parse-message.ts';
import { writeMessage } from '../../src/zeroconf/write-message.ts';
import type { SimulatedClock } from '../support/simulated-clock.ts';

/** How badly a network treats packets. All from 0 to 1 but for the delay. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  /** Milliseconds that a packet may take; packets overtake one another. */
  readonly delay: number;
}

const FAIR: Weather = { loss: 0, duplication: 0, delay: 0 };

/** A packet as it was put on the network. */
export interface Seen {
  readonly at: number;
  /** The sender's address. */
  readonly from: string;
  /** Null: to everybody. */
  readonly to: string | null;
  readonly message: Message;
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A port of the network: who is plugged in there hears what is sent to it. */
interface Plug {
  readonly address: string;
  hear(from: Peer, bytes: Uint8Array): void;
}

/** One network segment, without anything but IPv6 link-local addresses, in simulated time. */
export class SimulatedLan {
  readonly clock: SimulatedClock;
  readonly seen: Seen[] = [];
  weather: Weather;
  readonly #random: () => number;
  readonly #plugs = new Set<Plug>();

  constructor(clock: SimulatedClock, options: { weather?: Weather; seed?: number } = {}) {
    this.clock = clock;
    this.weather = options.weather ?? FAIR;
    this.#random = randomFrom(options.seed ?? 1);
  }

  /** Connects a machine by an interface with this link-local address. */
  connect<Effect extends { readonly kind: string }>(
    machine: Machine<Effect>,
    address: string,
    interfaceName = 'eth0',
  ): LanHost<Effect> {
    return new LanHost(this, machine, [{ interface: interfaceName, address, lan: this }]);
  }

  plug(plug: Plug): () => void {
    this.#plugs.add(plug);
    return () => this.#plugs.delete(plug);
  }

  /** Puts a packet on the network: the sender hears it too if it is for everybody. */
  carry(from: Peer, to: Peer | null, bytes: Uint8Array): void {
    const parsed = parseMessage(bytes);
    const target = to === null ? null : (to.address.split('%')[0] ?? '');
    if (parsed.kind === 'message') {
      const { message } = parsed;
      this.seen.push({ at: this.clock.now(), from: from.address, to: target, message });
    }
    for (const plug of this.#plugs) {
      if (target !== null && plug.address !== target) continue;
      if (this.#random() < this.weather.loss) continue;
      const copies = this.#random() < this.weather.duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const delay = milliseconds(Math.round(this.#random() * this.weather.delay));
        this.clock.at(after(this.clock.now(), delay), () => {
          if (this.#plugs.has(plug)) plug.hear(from, bytes);
        });
      }
    }
  }

  /** As somebody who is not bound by any rules. */
  forge(message: Message | Uint8Array, from = 'fe80::bad', port = MDNS_PORT): void {
    const bytes = message instanceof Uint8Array ? message : writeMessage(message);
    this.carry({ address: from, port }, null, bytes);
  }
}

export interface Attachment {
  readonly interface: string;
  /** IPv6 link-local. */
  readonly address: string;
  readonly lan: SimulatedLan;
}

/** A machine that is connected to one network or more, with what it has told. */
export class LanHost<Effect extends { readonly kind: string }> {
  readonly effects: Effect[] = [];
  readonly #runner: MachineRunner<Effect>;
  #attachments: readonly (Attachment & { readonly pull: () => void })[] = [];

  constructor(lan: SimulatedLan, machine: Machine<Effect>, attachments: readonly Attachment[]) {
    const transport = { send: (packet: Send) => this.#send(packet) };
    this.#runner = new MachineRunner(machine, transport, lan.clock, (effect) => {
      this.effects.push(effect);
    });
    this.attach(attachments);
  }

  /** Has these connections from now on. */
  attach(attachments: readonly Attachment[]): void {
    for (const { pull } of this.#attachments) pull();
    this.#attachments = attachments.map((attachment) => {
      const { interface: name, lan, address } = attachment;
      const hear = (from: Peer, bytes: Uint8Array): void =>
        this.#runner.received({
          link: { interface: name, family: 'ipv6' },
          source: { ...from, address: `${from.address}%${name}` },
          bytes,
        });
      return { ...attachment, pull: lan.plug({ address, hear }) };
    });
    this.#runner.linksChanged(this.#attachments.map(usable));
  }

  stop(last: readonly Send[] = []): void {
    this.#runner.stop(last);
    for (const { pull } of this.#attachments) pull();
  }

  #send({ link, to, bytes }: Send): void {
    const attachment = this.#attachments.find((one) => one.interface === link.interface);
    attachment?.lan.carry({ address: attachment.address, port: MDNS_PORT }, to, bytes);
  }
}

function usable({ interface: name, address }: Attachment): UsableLink {
  const bytes = parseAddress(address);
  return { interface: name, family: 'ipv6', addresses: bytes === null ? [] : [bytes] };
}
