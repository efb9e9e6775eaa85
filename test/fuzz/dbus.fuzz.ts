/** The bytes of a message, decoded and dispatched: refused or answered, never a fault of ours. */
import assert from 'node:assert/strict';
import { EncodedBody } from '../../src/dbus/body-writer.ts';
import { dispatch } from '../../src/dbus/dispatch.ts';
import { CLIENT, MANDOS } from '../../src/dbus/mandos-interfaces.ts';
import { PEER } from '../../src/dbus/standard-interfaces.ts';
import { decodeMessage, encodeMessage, type Message, Variant } from '../../src/dbus/wire.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosTree } from '../../src/server/bus/mandos-tree.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';

const FOO = '/clients/foo';
const PROPERTIES = 'org.freedesktop.DBus.Properties';

function seed(
  path: string,
  interfaceName: string,
  member: string,
  signature = '',
  body: unknown[] = [],
) {
  const call = { type: 1, serial: 1, sender: ':1.5', path, interface: interfaceName, member };
  return new Uint8Array(encodeMessage(signature === '' ? call : { ...call, signature, body }));
}

const seeds = [
  seed('/', 'org.freedesktop.DBus.Introspectable', 'Introspect'),
  seed('/', 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects'),
  seed('/', MANDOS.name, 'GetAllClientsWithProperties'),
  seed('/', MANDOS.name, 'RemoveClient', 'o', [FOO]),
  seed('/', PEER.name, 'GetMachineId'),
  seed(FOO, CLIENT.name, 'Approve', 'b', [true]),
  seed(FOO, CLIENT.name, 'Enable'),
  seed(FOO, PROPERTIES, 'GetAll', 's', [CLIENT.name]),
  ...CLIENT.properties.flatMap(({ name }) => [
    seed(FOO, PROPERTIES, 'Get', 'ss', [CLIENT.name, name]),
    seed(FOO, PROPERTIES, 'Set', 'ssv', [CLIENT.name, name, new Variant('t', 600_000n)]),
    seed(FOO, PROPERTIES, 'Set', 'ssv', [CLIENT.name, name, new Variant('s', 'text')]),
    seed(FOO, PROPERTIES, 'Set', 'ssv', [CLIENT.name, name, new Variant('b', false)]),
    seed(FOO, PROPERTIES, 'Set', 'ssv', [CLIENT.name, name, new Variant('ay', Buffer.from('x'))]),
  ]),
];

/**
 * A bus lets no signature through that names no complete types (specification, "Valid
 * Signatures"). The library would read an array for ever whose elements have no size: empty
 * structures, reserved type codes.
 */
function busLetsThrough(bytes: Buffer): boolean {
  for (const [at, length] of bytes.entries()) {
    const end = at + 1 + length;
    if (length === 0 || bytes[end] !== 0) continue;
    const text = bytes.toString('latin1', at + 1, end);
    // A signature, or something else that could be read as one.
    if (!/^[a-z(){}*?@&^]*$/.test(text)) continue;
    if (/[^ybnqiuxtdsogavh(){}]|\(\)|\{\}|a($|[)}])/.test(text)) return false;
  }
  return true;
}

function decoded(input: Uint8Array): Message | null {
  const bytes = Buffer.from(input);
  if (!busLetsThrough(bytes)) return null;
  try {
    return decodeMessage(bytes);
  } catch {
    return null;
  }
}

export const target = {
  name: 'dbus',
  seeds,
  dictionary: [
    '\x01t',
    '\x01x',
    '\x01v',
    '\x02ay',
    '\x05a{sv}',
    '/clients/',
    'Secret',
    '\0\0\0\0',
  ].map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  async run(input: Uint8Array): Promise<void> {
    const call = decoded(input);
    if (call === null) return;
    const faults: string[] = [];
    const log = {
      log: (level: string, message: string) => level === 'error' && faults.push(message),
    };
    const model = new FakeModel([makeClient('foo'), makeClient('bar')]);
    const paths = new ClientPaths();
    for (const { settings } of model.clients()) paths.path(settings.name);
    const machineId = () => '0123456789abcdef0123456789abcdef';
    const tree = new MandosTree(model, paths);
    const outcome = await dispatch(call, { tree, machineId, log });
    assert.deepEqual(faults, []);
    if (outcome.kind === 'error') {
      assert.match(outcome.error.errorName, /^org\.freedesktop\.DBus\.(Error|Python)\.\w+$/);
      return;
    }
    const { signature, values } = outcome;
    const reply = { type: 2, serial: 1, replySerial: 1, ...(signature && { signature }) };
    if (values instanceof EncodedBody) return;
    encodeMessage({ ...reply, body: [...values] });
  },
};
