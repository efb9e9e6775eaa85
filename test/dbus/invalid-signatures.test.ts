/**
 * The library that reads messages trusts the bus to let no invalid signature through: it would
 * read an array for ever whose elements have no size. This holds the bus to it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import test from 'node:test';
import { encodeHeader, encodeMessage } from '../../src/dbus/wire.ts';
import { PrivateBus } from '../support/private-bus.ts';
import { requires } from '../support/requirements.ts';

const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

async function said(socket: Socket): Promise<Buffer> {
  const [bytes] = await once(socket, 'data');
  return bytes;
}

/** A connection that has greeted the bus and has a name there. */
async function connected(bus: PrivateBus): Promise<Socket> {
  const socket = connect(bus.address.replace('unix:path=', ''));
  const user = Buffer.from(String(process.getuid?.())).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
  assert.match((await said(socket)).toString('latin1'), /^OK /);
  socket.write('BEGIN\r\n');
  socket.write(encodeMessage({ type: 1, serial: 1, ...BUS, member: 'Hello' }));
  await said(socket);
  return socket;
}

/** A call whose only argument is a variant of this signature, with `value` behind it. */
function callWith(signature: string, value: Uint8Array): Buffer {
  const body = Buffer.concat([
    Buffer.from([signature.length]),
    Buffer.from(`${signature}\0`, 'latin1'),
    value,
  ]);
  const call = { type: 1, serial: 2, ...BUS, member: 'NameHasOwner', signature: 'v' };
  return Buffer.concat([encodeHeader(call, body.length), body]);
}

for (const [signature, value] of [
  ['ar', [0, 0, 0, 1, 0, 0, 0, 120]],
  ['a()', [1, 0, 0, 0, 0, 0, 0, 0]],
  ['a{}', [1, 0, 0, 0, 0, 0, 0, 0]],
  ['()', [0, 0, 0, 0]],
  ['a', [1, 0, 0, 0, 0]],
] as const) {
  test(
    `the bus ends a connection that sends a variant of '${signature}'`,
    requires('private bus'),
    async () => {
      await using bus = await PrivateBus.start();
      const socket = await connected(bus);
      const closed = once(socket, 'close');
      socket.resume();
      socket.write(callWith(signature, Uint8Array.from(value)));
      await closed;
    },
  );
}

test('the bus answers the same call with a valid one', requires('private bus'), async () => {
  await using bus = await PrivateBus.start();
  const socket = await connected(bus);
  const answer = said(socket);
  socket.write(callWith('y', Uint8Array.of(1)));
  assert.match((await answer).toString('latin1'), /org\.freedesktop\.DBus/);
  socket.destroy();
});
