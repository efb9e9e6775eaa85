/** The part of Avahi's D-Bus interface that announcing a service needs (its introspection files). */
import type { DBusError } from './dbus-error.ts';
import type { MessageBus } from './message-bus.ts';

export const AVAHI = 'org.freedesktop.Avahi';
export const AVAHI_SERVER = `${AVAHI}.Server`;
export const AVAHI_ENTRY_GROUP = `${AVAHI}.EntryGroup`;

/** Another service of this machine has the name already. */
export function isCollision(error: DBusError): boolean {
  return error.errorName === `${AVAHI}.CollisionError`;
}

/** AvahiServerState */
export const ServerState = { registering: 1, running: 2, collision: 3, failure: 4 } as const;

/** AvahiEntryGroupState */
export const GroupState = { established: 2, collision: 3, failure: 4 } as const;

export const ANY_INTERFACE = -1;

/** AvahiProtocol */
export const Protocol = { any: -1, ipv4: 0, ipv6: 1 } as const;

export interface Entry {
  readonly interface: number;
  readonly protocol: number;
  readonly name: string;
  readonly type: string;
  readonly port: number;
}

/** Avahi on one connection to the bus. Every method throws `DBusError`. */
export class AvahiServer {
  readonly #bus: MessageBus;

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  async state(): Promise<unknown> {
    const [state] = await this.#call('GetState');
    return state;
  }

  async interfaceIndex(name: string): Promise<number> {
    const [index] = await this.#call('GetNetworkInterfaceIndexByName', 's', [name]);
    return Number(index);
  }

  async alternativeName(name: string): Promise<string> {
    const [alternative] = await this.#call('GetAlternativeServiceName', 's', [name]);
    return String(alternative);
  }

  /** The path of a new, empty group. */
  async newGroup(): Promise<string> {
    const [path] = await this.#call('EntryGroupNew');
    return String(path);
  }

  /** Into Avahi's own domain, on its own host name, without a TXT record. */
  async addService(group: string, entry: Entry): Promise<void> {
    const flags = 0;
    const body = [
      entry.interface,
      entry.protocol,
      flags,
      entry.name,
      entry.type,
      '',
      '',
      entry.port,
      [],
    ];
    await this.#callGroup(group, 'AddService', 'iiussssqaay', body);
  }

  async commit(group: string): Promise<void> {
    await this.#callGroup(group, 'Commit');
  }

  async reset(group: string): Promise<void> {
    await this.#callGroup(group, 'Reset');
  }

  /** Withdraws what the group announces, and the group. */
  async free(group: string): Promise<void> {
    await this.#callGroup(group, 'Free');
  }

  #call(member: string, signature = '', body: readonly unknown[] = []) {
    const call = { destination: AVAHI, path: '/', interface: AVAHI_SERVER, member };
    return this.#bus.call({ ...call, signature, body });
  }

  #callGroup(path: string, member: string, signature = '', body: readonly unknown[] = []) {
    const call = { destination: AVAHI, path, interface: AVAHI_ENTRY_GROUP, member };
    return this.#bus.call({ ...call, signature, body });
  }
}
