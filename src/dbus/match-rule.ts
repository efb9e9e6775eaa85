import { DBusError } from './dbus-error.ts';
import type { MessageBus, SignalMatch } from './message-bus.ts';
import type { Message } from './wire.ts';

const BUS = 'org.freedesktop.DBus';

/** As AddMatch wants it (D-Bus specification, "Match Rules"). */
export function busRule(match: SignalMatch): string {
  const { sender, interface: interfaceName, member, path, arg0 } = match;
  const keys = { type: 'signal', sender, interface: interfaceName, member, path, arg0 };
  return Object.entries(keys)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}='${quoted(value)}'`]))
    .join(',');
}

/** An apostrophe cannot stand inside apostrophes. */
function quoted(value: string): string {
  return value.replaceAll("'", "'\\''");
}

/**
 * Whether a signal is what `match` asks for. The bus also delivers what a program addresses
 * to us alone, whatever our rules say, so the sender is checked here again.
 */
export function isFrom(match: SignalMatch, message: Message, owners: NameOwners): boolean {
  return (
    message.interface === match.interface &&
    message.member === match.member &&
    (match.path === undefined || message.path === match.path) &&
    (match.arg0 === undefined || message.body?.[0] === match.arg0) &&
    owners.owner(match.sender) === message.sender
  );
}

/** Which connection has a name: signals carry the connection's own name only. */
export class NameOwners {
  readonly #bus: MessageBus;
  readonly #owners = new Map<string, string>([[BUS, BUS]]);
  readonly #followed = new Set<string>([BUS]);

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** Undefined when nobody has it. A connection's own name belongs to itself. */
  owner(name: string): string | undefined {
    return name.startsWith(':') ? name : this.#owners.get(name);
  }

  async follow(name: string): Promise<void> {
    if (name.startsWith(':') || this.#followed.has(name)) return;
    this.#followed.add(name);
    const change = { sender: BUS, interface: BUS, member: 'NameOwnerChanged', arg0: name };
    await this.#bus.watch(change, ([, , owner]) => this.#set(name, owner));
    try {
      const [owner] = await this.#bus.call({
        destination: BUS,
        path: '/org/freedesktop/DBus',
        interface: BUS,
        member: 'GetNameOwner',
        signature: 's',
        body: [name],
      });
      this.#set(name, owner);
    } catch (error) {
      // Nobody has it yet; NameOwnerChanged will tell.
      if (!(error instanceof DBusError)) throw error;
    }
  }

  #set(name: string, owner: unknown): void {
    if (typeof owner === 'string' && owner !== '') this.#owners.set(name, owner);
    else this.#owners.delete(name);
  }
}
