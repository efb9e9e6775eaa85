/** The server's and the clients' interfaces (DBUS-API), and their legacy twins. */
import {
  argument,
  DEPRECATED,
  emitsChanged,
  type Interface,
  type Method,
  method,
  property,
  type Signal,
  signal,
} from './contract.ts';

export const SERVICE_NAME = 'se.recompile.Mandos';
/** What the service was called before version 1.4. */
export const LEGACY_SERVICE_NAME = 'se.bsnet.fukt.Mandos';

const CONST = emitsChanged('const');

function byName(one: Method | Signal, other: Method | Signal): number {
  return one.name < other.name ? -1 : 1;
}

/** The same members under the old name, in alphabetical order as the original shows them. */
function legacy(current: Interface): Interface {
  return {
    ...current,
    name: current.name.replace(SERVICE_NAME, LEGACY_SERVICE_NAME),
    annotations: DEPRECATED,
    members: [...current.members].sort(byName),
  };
}

export const MANDOS: Interface = {
  name: SERVICE_NAME,
  members: [
    signal('ClientAdded', [argument('o', 'objpath')]),
    signal('ClientNotFound', [argument('s', 'key_id'), argument('s', 'address')]),
    signal('ClientRemoved', [argument('o', 'objpath'), argument('s', 'name')], DEPRECATED),
    method('GetAllClients', [], [argument('ao')], DEPRECATED),
    method('GetAllClientsWithProperties', [], [argument('a{oa{sv}}')], DEPRECATED),
    method('RemoveClient', [argument('o', 'object_path')]),
  ],
  properties: [],
};

export const CLIENT: Interface = {
  name: `${SERVICE_NAME}.Client`,
  members: [
    signal('CheckerCompleted', [
      argument('n', 'exitcode'),
      argument('x', 'waitstatus'),
      argument('s', 'command'),
    ]),
    signal('CheckerStarted', [argument('s', 'command')]),
    signal('PropertyChanged', [argument('s', 'property'), argument('v', 'value')], DEPRECATED),
    signal('GotSecret'),
    signal('Rejected', [argument('s', 'reason')]),
    signal('NeedApproval', [argument('t', 'timeout'), argument('b', 'default')]),
    method('Approve', [argument('b', 'value')]),
    method('CheckedOK'),
    method('Enable', [], [], DEPRECATED),
    method('StartChecker', [], [], DEPRECATED),
    method('Disable', [], [], DEPRECATED),
    method('StopChecker', [], [], DEPRECATED),
  ],
  properties: [
    property('ApprovalDelay', 't', 'readwrite'),
    property('ApprovalDuration', 't', 'readwrite'),
    property('ApprovalPending', 'b', 'read'),
    property('ApprovedByDefault', 'b', 'readwrite'),
    property('CheckerRunning', 'b', 'readwrite'),
    property('Checker', 's', 'readwrite'),
    property('Created', 's', 'read', CONST),
    property('Enabled', 'b', 'readwrite'),
    property('Expires', 's', 'read'),
    property('ExtendedTimeout', 't', 'readwrite'),
    property('Fingerprint', 's', 'read', CONST),
    property('Host', 's', 'readwrite'),
    property('Interval', 't', 'readwrite'),
    property('KeyID', 's', 'read', CONST),
    property('LastApprovalRequest', 's', 'read'),
    property('LastCheckedOK', 's', 'readwrite'),
    property('LastCheckerStatus', 'n', 'read'),
    property('LastEnabled', 's', 'read'),
    property('Name', 's', 'read', CONST),
    property('ObjectPath', 'o', 'read', { ...CONST, ...DEPRECATED }),
    property('Secret', 'ay', 'write', emitsChanged('invalidates')),
    property('Timeout', 't', 'readwrite'),
  ],
};

export const LEGACY_MANDOS = legacy(MANDOS);
export const LEGACY_CLIENT = legacy(CLIENT);
