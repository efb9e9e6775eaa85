import type { Client } from '../../core/client.ts';
import { Blob } from '../../core/secret.ts';
import { LONGEST_SETTING, milliseconds } from '../../core/time.ts';
import { wipeableCopy } from '../../core/wipeable-bytes.ts';
import type { BusObject } from '../../dbus/bus-object.ts';
import { DBusError, ErrorName } from '../../dbus/dbus-error.ts';
import { CLIENT, LEGACY_CLIENT } from '../../dbus/mandos-interfaces.ts';
import { INTROSPECTABLE, PROPERTIES } from '../../dbus/standard-interfaces.ts';
import { clientValue } from './client-values.ts';
import type { BusModel } from './model.ts';

/** A client on the bus. It holds no state: it asks the model, and submits what operators do. */
export class ClientObject implements BusObject {
  readonly path: string;
  readonly interfaces = [INTROSPECTABLE, PROPERTIES, CLIENT, LEGACY_CLIENT];
  readonly #client: Client;
  readonly #model: BusModel;

  constructor(path: string, client: Client, model: BusModel) {
    this.path = path;
    this.#client = client;
    this.#model = model;
  }

  get #name(): string {
    return this.#client.settings.name;
  }

  async invoke(_interface: string, method: string, args: readonly unknown[]) {
    switch (method) {
      case 'Approve':
        await this.#model.submit(this.#name, { kind: 'approve', approved: args[0] === true });
        return [];
      case 'CheckedOK':
        await this.#model.submit(this.#name, { kind: 'checked-ok' });
        return [];
      case 'Enable':
      case 'Disable':
        await this.write('Enabled', method === 'Enable');
        return [];
      case 'StartChecker':
      case 'StopChecker':
        await this.write('CheckerRunning', method === 'StartChecker');
        return [];
      default:
        throw new TypeError(`a client has no method ${method}`);
    }
  }

  read(property: string): unknown {
    return clientValue(this.#client, this.path, property);
  }

  /** Reads the value as the contract's type, which has been checked. */
  async write(property: string, value: unknown): Promise<void> {
    const name = this.#name;
    switch (property) {
      case 'Enabled':
        await this.#model.submit(name, { kind: value === true ? 'enable' : 'disable' });
        return;
      case 'CheckerRunning':
        await this.#model.submit(name, { kind: value === true ? 'start-checker' : 'stop-checker' });
        return;
      case 'LastCheckedOK':
        // The present time, whatever was sent (DBUS-API).
        await this.#model.submit(name, { kind: 'checked-ok' });
        return;
      case 'ApprovedByDefault':
        await this.#model.submit(name, { kind: 'set', property, value: value === true });
        return;
      case 'Host':
      case 'Checker':
        await this.#model.submit(name, { kind: 'set', property, value: String(value) });
        return;
      case 'ApprovalDelay':
      case 'ApprovalDuration':
      case 'Timeout':
      case 'ExtendedTimeout':
      case 'Interval':
        await this.#model.submit(name, { kind: 'set', property, value: duration(property, value) });
        return;
      case 'Secret':
        await this.#model.setSecret(name, takeSecret(value));
        return;
      default:
        throw new TypeError(`the property ${property} cannot be written`);
    }
  }
}

function duration(property: string, value: unknown) {
  const count = Number(value);
  if (!(count <= LONGEST_SETTING)) {
    throw new DBusError(ErrorName.overflowError, `${property} is too long: ${count} milliseconds`);
  }
  // A check at every moment would leave no time for anything else.
  if (property === 'Interval' && count === 0) {
    throw new DBusError(ErrorName.valueError, 'Interval cannot be zero');
  }
  return milliseconds(count);
}

/** A copy of its own, and the bytes of the message overwritten (S4). */
function takeSecret(value: unknown): Blob {
  if (!(value instanceof Uint8Array)) throw new TypeError('the secret is no byte array');
  // As in clients.conf: whoever sends it has lost the secret, and the client would, too.
  if (value.length === 0) throw new DBusError(ErrorName.valueError, 'the secret is empty');
  const secret = wipeableCopy(value);
  value.fill(0);
  return new Blob(secret);
}
