import assert from 'node:assert/strict';
import test from 'node:test';
import { FoundServers } from '../../src/boot/found-servers.ts';
import { formatServer } from '../../src/boot/server-address.ts';
import type { FoundServer } from '../../src/zeroconf/found-server.ts';

function found(id: string, ...addresses: string[]): FoundServer {
  return { id, name: 'Mandos', interface: 'eth0', host: 'host.local', port: 4711, addresses };
}

/** What the search would be told. */
function watched() {
  const told: string[] = [];
  const servers = new FoundServers({
    add: (server, pause) => told.push(`+${formatServer(server)} after ${pause}`),
    remove: (server) => told.push(`-${formatServer(server)}`),
  });
  return { told, servers };
}

test('every address of a server is asked, one soon after the other', () => {
  const { told, servers } = watched();
  servers.found(found('a', 'fe80::1%eth0', '2001:db8::1', '192.0.2.1'));
  assert.deepEqual(told, [
    '+[fe80::1%eth0]:4711 after 0',
    '+[2001:db8::1]:4711 after 200',
    '+192.0.2.1:4711 after 400',
  ]);
  const second = { address: '2001:db8::1', port: 4711, interface: null };
  assert.equal(servers.interfaceOf(second), 'eth0');
  assert.deepEqual(servers.idsAt(second), ['a']);
});

test('addresses come and go with what is heard', () => {
  const { told, servers } = watched();
  servers.found(found('a', '192.0.2.1'));
  servers.found(found('a', '192.0.2.1', '192.0.2.2'));
  servers.found(found('a', '192.0.2.2'));
  servers.gone('a');
  assert.deepEqual(told, [
    '+192.0.2.1:4711 after 0',
    '+192.0.2.2:4711 after 200',
    '-192.0.2.1:4711',
    '-192.0.2.2:4711',
  ]);
});

test('N3: a false announcement of an address that goes does not take the true one along', () => {
  const { told, servers } = watched();
  servers.found(found('true', '192.0.2.1'));
  servers.found(found('false', '192.0.2.1', '192.0.2.9'));
  servers.gone('false');
  assert.deepEqual(told, [
    '+192.0.2.1:4711 after 0',
    '+192.0.2.9:4711 after 200',
    '-192.0.2.9:4711',
  ]);
});

test('of an address that nobody announced nothing is known', () => {
  const { servers } = watched();
  const server = { address: '192.0.2.1', port: 4711, interface: null };
  assert.deepEqual(servers.idsAt(server), []);
  assert.equal(servers.interfaceOf(server), null);
  servers.gone('nobody');
});
