import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import test from 'node:test';
import fc from 'fast-check';
import { ipFamily } from '../../src/boot/ip-address.ts';
import { formatServer, onInterface, parseServerAddress } from '../../src/boot/server-address.ts';
import { MandosError } from '../../src/core/error.ts';

const GOOD: readonly [string, string, number, string | null][] = [
  ['192.0.2.1:4711', '192.0.2.1', 4711, null],
  ['::1:4711', '::1', 4711, null],
  ['[::1]:4711', '::1', 4711, null],
  ['2001:db8::aede:48ff:fe71:f6f2:4711', '2001:db8::aede:48ff:fe71:f6f2', 4711, null],
  ['fe80::aede:48ff:fe71:f6f2:4711', 'fe80::aede:48ff:fe71:f6f2', 4711, null],
  ['fe80::1%eth0:4711', 'fe80::1', 4711, 'eth0'],
  ['[fe80::1%eth0]:65535', 'fe80::1', 65535, 'eth0'],
  ['::ffff:192.0.2.1:1', '::ffff:192.0.2.1', 1, null],
];

for (const [text, address, port, on] of GOOD) {
  test(`--connect=${text} is understood`, () => {
    assert.deepEqual(parseServerAddress(text), { address, port, interface: on });
  });
}

const BAD = [
  ...['', '192.0.2.1', '192.0.2.1:', ':4711', '192.0.2.1:0', '192.0.2.1:65536'],
  ...['192.0.2.1:-1', '192.0.2.1:http', '192.0.2.1:1.5', '192.0.2.1:0x50', 'localhost:1'],
  ...['192.0.2:1', '[::1:1', '::1%eth0:1', 'fe80::1%:1', 'fe80::1%eth 0:1', '192.0.2.1 :1'],
];

for (const text of BAD) {
  test(`--connect=${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseServerAddress(text), MandosError);
  });
}

test('an IP address is what Node takes for one', () => {
  const group = fc.integer({ min: 0, max: 0x1ffff }).map((value) => value.toString(16));
  const part = fc.oneof(group, fc.constantFrom('', '::', '1.2.3.4', '256.1.1.1', 'g', '%'));
  const almost = fc.array(part, { maxLength: 9 }).map((parts) => parts.join(':'));
  const text = fc.oneof(almost, fc.ipV4(), fc.ipV6(), fc.string());
  const property = fc.property(text, (candidate) => {
    fc.pre(!candidate.includes('%'));
    const expected = isIPv4(candidate) ? 'ipv4' : isIPv6(candidate) ? 'ipv6' : null;
    assert.equal(ipFamily(candidate), expected);
  });
  fc.assert(property, { numRuns: 2000 });
});

test('a link-local address takes the one interface named by --interface', () => {
  const server = parseServerAddress('fe80::1:4711');
  assert.equal(onInterface(server, ['eth0']).interface, 'eth0');
  assert.throws(() => onInterface(server, []), /fe80::1 is on no interface/);
  assert.throws(() => onInterface(server, ['eth0', 'eth1']), /fe80::1 is on no interface/);
});

test('an interface in the address counts more, and other addresses need none', () => {
  const scoped = parseServerAddress('fe80::1%eth1:4711');
  assert.equal(onInterface(scoped, ['eth0']).interface, 'eth1');
  assert.equal(onInterface(parseServerAddress('192.0.2.1:1'), ['eth0']).interface, null);
});

test('servers are shown with brackets where they need them', () => {
  assert.equal(formatServer(parseServerAddress('fe80::1%eth0:4711')), '[fe80::1%eth0]:4711');
  assert.equal(formatServer(parseServerAddress('192.0.2.1:4711')), '192.0.2.1:4711');
});
