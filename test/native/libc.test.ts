import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import {
  bindTcp,
  bindToInterface,
  bootTime,
  closeDescriptor,
  describeSocket,
  interfaceIndex,
  listenTcp,
  SystemCallError,
  tcpSocket,
} from '../../src/native/libc.ts';

describe('the boot-time clock', () => {
  it('agrees with the uptime that the kernel shows', () => {
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    assert.ok(Math.abs(bootTime() - uptime) < 1000);
  });
});

describe('a TCP socket', () => {
  it('listens where it was told, and Node takes it over', async () => {
    const socket = tcpSocket('ipv6');
    bindTcp(socket, 'ipv6', '::1', 0, 0);
    assert.deepEqual(describeSocket(socket), { tcp: true, listening: false });
    listenTcp(socket, 16);
    assert.deepEqual(describeSocket(socket), { tcp: true, listening: true });
    const server = createServer().listen({ fd: socket });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address?.address === '::1' && address.port > 0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('says which call failed and why', () => {
    const socket = tcpSocket('ipv4');
    try {
      assert.throws(() => bindTcp(socket, 'ipv4', 'fe80::1', 0, 0), RangeError);
      assert.throws(
        () => bindTcp(socket, 'ipv4', '192.0.2.1', 0, 0),
        (error) => error instanceof SystemCallError && error.call === 'bind' && error.errno === 99,
      );
      assert.throws(() => bindToInterface(socket, 'no-such-link'), SystemCallError);
    } finally {
      closeDescriptor(socket);
    }
    assert.throws(() => describeSocket(socket), SystemCallError);
  });

  it('refuses a name with a NUL in it', () => {
    assert.throws(() => bindToInterface(-1, 'lo\0x'), RangeError);
  });
});

describe('an interface name', () => {
  it('has an index, or 0 when there is no such interface', () => {
    assert.ok(interfaceIndex('lo') > 0);
    assert.equal(interfaceIndex('no-such-link'), 0);
  });
});
