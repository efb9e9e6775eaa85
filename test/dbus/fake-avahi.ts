import { BusConnection } from '../../src/dbus/connection.ts';
import { type Message, messageType } from '../../src/dbus/wire.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';

const AVAHI = 'org.freedesktop.Avahi';

export const RUNNING = 2;
export const ESTABLISHED = 2;
export const COLLISION = 3;
export const FAILURE = 4;

/** Avahi's D-Bus interface with a test in its place: it remembers, and says what it is told to. */
export class FakeAvahi implements AsyncDisposable {
  /** Every call, as `AddService Mandos`. */
  readonly calls: string[] = [];
  /** The state that GetState gives. */
  state = RUNNING;
  /** The error that the next AddService gets. */
  refuse: string | null = null;
  readonly #bus: BusConnection;
  readonly #watchers = new Set<() => void>();
  #groups = 0;

  private constructor(bus: BusConnection) {
    this.#bus = bus;
    bus.serve((call) => this.#answer(call));
  }

  static async start(address: string): Promise<FakeAvahi> {
    const bus = await BusConnection.open(address, { clock: bootClock, log: new RecordingLog() });
    const avahi = new FakeAvahi(bus);
    await bus.requestName(AVAHI);
    return avahi;
  }

  get group(): string {
    return `/Client/EntryGroup${this.#groups}`;
  }

  tellServer(state: number): void {
    this.state = state;
    const body = [state, ''];
    this.#bus.signal({
      path: '/',
      interface: `${AVAHI}.Server`,
      member: 'StateChanged',
      signature: 'is',
      body,
    });
  }

  tellGroup(state: number, path = this.group): void {
    const body = [state, 'why not'];
    this.#bus.signal({
      path,
      interface: `${AVAHI}.EntryGroup`,
      member: 'StateChanged',
      signature: 'is',
      body,
    });
  }

  /** Resolves when this many calls of one kind have come. */
  async until(call: string, times = 1): Promise<void> {
    while (this.calls.filter((one) => one === call).length < times) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #answer(call: Message): void {
    const { member = '', body = [], sender = '', serial = 0 } = call;
    const detail = member === 'AddService' ? ` ${body[3]}` : '';
    this.calls.push(`${member}${detail}`);
    const to = { destination: sender, replySerial: serial };
    const refused = member === 'AddService' ? this.refuse : null;
    if (refused === null) {
      this.#bus.reply({ type: messageType.methodReturn, ...to, ...this.#values(member, body) });
    } else {
      this.refuse = null;
      this.#bus.reply({
        type: messageType.error,
        ...to,
        errorName: refused,
        signature: 's',
        body: ['no'],
      });
    }
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const wake of watchers) wake();
  }

  #values(member: string, body: readonly unknown[]) {
    switch (member) {
      case 'GetState':
        return { signature: 'i', body: [this.state] };
      case 'GetAlternativeServiceName':
        return { signature: 's', body: [`${body[0]}'`] };
      case 'EntryGroupNew':
        this.#groups += 1;
        return { signature: 'o', body: [this.group] };
      default:
        return {};
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]();
  }
}
