/** What an operator asks of a running server on D-Bus. */
import { MandosError } from '../../core/error.ts';
import { seconds } from '../../core/time.ts';
import { DBusError, ErrorName } from '../../dbus/dbus-error.ts';
import { CLIENT, MANDOS, SERVICE_NAME } from '../../dbus/mandos-interfaces.ts';
import type { MessageBus } from '../../dbus/message-bus.ts';
import { OBJECT_MANAGER, PROPERTIES } from '../../dbus/standard-interfaces.ts';
import { variant } from '../../dbus/wire.ts';
import { type ClientView, clientInterface, clientView, pairs } from './client-view.ts';

/** A list of thousands of clients takes its time, on Debian's server most of all. */
const LIST_TIMEOUT = seconds(120);

/** The properties that can be set, and what to. */
export interface SettableProperties {
  readonly ApprovalDelay: number;
  readonly ApprovalDuration: number;
  readonly ApprovedByDefault: boolean;
  readonly Checker: string;
  readonly CheckerRunning: boolean;
  readonly Enabled: boolean;
  readonly ExtendedTimeout: number;
  readonly Host: string;
  readonly Interval: number;
  readonly LastCheckedOK: string;
  /** The blob; the caller wipes it. */
  readonly Secret: Uint8Array;
  readonly Timeout: number;
}

/** Called before each call, with what it is; never with a secret (S4). */
export type TellCall = (call: string) => void;

/**
 * The server on one connection to the bus. Every method throws `MandosError`: `unreachable`
 * when there is no server, `network` when the bus is gone, `refused` for any other answer.
 */
export class MandosService {
  readonly #bus: MessageBus;
  readonly #tellCall: TellCall;

  constructor(bus: MessageBus, tellCall: TellCall = () => undefined) {
    this.#bus = bus;
    this.#tellCall = tellCall;
  }

  /** All clients, in the server's order. */
  async clients(): Promise<ClientView[]> {
    const [objects] = await this.#call('/', OBJECT_MANAGER.name, 'GetManagedObjects');
    return pairs(objects).flatMap(([path, interfaces]) => {
      const properties = clientInterface(interfaces);
      return typeof path === 'string' && properties !== null ? [clientView(path, properties)] : [];
    });
  }

  /** Answers those who wait for approval with yes or no. */
  async approve(path: string, approved: boolean): Promise<void> {
    await this.#call(path, CLIENT.name, 'Approve', 'b', [approved]);
  }

  /** As if a checker had succeeded. */
  async checkedOk(path: string): Promise<void> {
    await this.#call(path, CLIENT.name, 'CheckedOK');
  }

  /** Takes the client off the server. */
  async remove(path: string): Promise<void> {
    await this.#call('/', MANDOS.name, 'RemoveClient', 'o', [path]);
  }

  async set<Name extends keyof SettableProperties>(
    path: string,
    name: Name,
    value: SettableProperties[Name],
  ): Promise<void> {
    const type = CLIENT.properties.find((property) => property.name === name)?.type ?? '';
    const wanted = variant(type, typeof value === 'number' ? BigInt(value) : value);
    await this.#call(path, PROPERTIES.name, 'Set', 'ssv', [CLIENT.name, name, wanted]);
  }

  async #call(
    path: string,
    interfaceName: string,
    member: string,
    signature = '',
    body: readonly unknown[] = [],
  ): Promise<readonly unknown[]> {
    const call = { destination: SERVICE_NAME, path, interface: interfaceName, member };
    this.#tellCall(shown(path, interfaceName, member, body));
    try {
      return await this.#bus.call({ ...call, signature, body, timeout: LIST_TIMEOUT });
    } catch (error) {
      throw error instanceof DBusError ? asMandosError(error, `${member} on ${path}`) : error;
    }
  }
}

function shown(path: string, interfaceName: string, member: string, body: readonly unknown[]) {
  const texts = body.map((value) => {
    const plain =
      typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
    return plain instanceof Uint8Array ? `(${plain.length} bytes)` : JSON.stringify(String(plain));
  });
  return `${SERVICE_NAME} ${path} ${interfaceName}.${member}(${texts.join(', ')})`;
}

/** The bus's own words for "nobody has this name". */
export function isNobodyThere({ errorName }: DBusError): boolean {
  return errorName === ErrorName.serviceUnknown || errorName === ErrorName.nameHasNoOwner;
}

export function noServer(cause?: unknown): MandosError {
  return new MandosError('unreachable', `there is no Mandos server on the message bus`, {
    hint: 'is mandos running, and is use_dbus in mandos.conf not switched off',
    cause,
  });
}

function asMandosError(error: DBusError, what: string): MandosError {
  if (isNobodyThere(error)) return noServer(error);
  if (error.errorName === ErrorName.disconnected) {
    return new MandosError('network', 'the message bus is gone', { cause: error });
  }
  const message = `the server refused ${what}: ${error.message} (${error.errorName})`;
  if (error.errorName !== ErrorName.accessDenied) {
    return new MandosError('refused', message, { cause: error });
  }
  return new MandosError('refused', message, { cause: error, hint: 'run it as root' });
}
