/** The interfaces of the D-Bus specification that objects have beside their own. */
import { argument, type Interface, method, signal } from './contract.ts';

export const INTROSPECTABLE: Interface = {
  name: 'org.freedesktop.DBus.Introspectable',
  members: [method('Introspect', [], [argument('s', 'xml_data')])],
  properties: [],
};

export const PROPERTIES: Interface = {
  name: 'org.freedesktop.DBus.Properties',
  members: [
    method(
      'Get',
      [argument('s', 'interface_name'), argument('s', 'property_name')],
      [argument('v', 'value')],
    ),
    method('Set', [
      argument('s', 'interface_name'),
      argument('s', 'property_name'),
      argument('v', 'value'),
    ]),
    method('GetAll', [argument('s', 'interface_name')], [argument('a{sv}', 'props')]),
    signal('PropertiesChanged', [
      argument('s', 'interface_name'),
      argument('a{sv}', 'changed_properties'),
      argument('as', 'invalidated_properties'),
    ]),
  ],
  properties: [],
};

export const OBJECT_MANAGER: Interface = {
  name: 'org.freedesktop.DBus.ObjectManager',
  members: [
    method(
      'GetManagedObjects',
      [],
      [argument('a{oa{sa{sv}}}', 'objpath_interfaces_and_properties')],
    ),
    signal('InterfacesAdded', [
      argument('o', 'object_path'),
      argument('a{sa{sv}}', 'interfaces_and_properties'),
    ]),
    signal('InterfacesRemoved', [argument('o', 'object_path'), argument('as', 'interfaces')]),
  ],
  properties: [],
};

/** Answered on every path, and in no introspection, as libdbus does it. */
export const PEER: Interface = {
  name: 'org.freedesktop.DBus.Peer',
  members: [method('Ping'), method('GetMachineId', [], [argument('s', 'machine_uuid')])],
  properties: [],
};
