/** Names and addresses between bytes and text, compared with what Node makes of them. */
import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import test from 'node:test';
import fc from 'fast-check';
import {
  addressText,
  isLinkLocal,
  isUnicast,
  parseAddress,
  parseIpv4,
  parseIpv6,
  samePrefix,
} from '../../src/zeroconf/ip-address.ts';
import { label, labelText, nameKey, nameText, shortened } from '../../src/zeroconf/name.ts';
import { utf8Decode, utf8Encode } from '../../src/zeroconf/utf8.ts';

test('UTF-8 is written as Node writes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(utf8Encode(text), Buffer.from(text, 'utf8').toString('latin1'));
      assert.equal(utf8Decode(utf8Encode(text)), text.toWellFormed());
    }),
  );
});

test('what is no UTF-8 is not taken for text', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      let expected: string | null;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = null;
      }
      assert.equal(utf8Decode(Buffer.from(bytes).toString('latin1')), expected);
    }),
    { numRuns: 1000 },
  );
});

test('names are the same whatever the case of ASCII letters, and of no others', () => {
  assert.equal(nameKey(['Mandos', 'LOCAL']), nameKey(['mandos', 'local']));
  assert.notEqual(nameKey(['\xc9']), nameKey(['\xe9']));
  assert.notEqual(nameKey(['ab', 'c']), nameKey(['a', 'bc']));
});

test('a label holds 1 to 63 bytes', () => {
  assert.equal(label(''), null);
  assert.equal(label('ö'.repeat(31))?.length, 62);
  assert.equal(label('ö'.repeat(32)), null);
  assert.equal(shortened('aöö', 4), 'aö');
});

test('names are shown as text, and bytes that are none too', () => {
  assert.equal(nameText([utf8Encode('Räksmörgås. 1'), 'local']), 'Räksmörgås\\. 1.local');
  assert.equal(labelText('\xff\xfe'), '\xff\xfe');
});

test('IPv6 addresses are written as Node writes them, and read back', () => {
  const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 });
  const any = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.oneof(any, sparse.map(Uint8Array.from.bind(Uint8Array))), (bytes) => {
      const groups = Buffer.from(bytes)
        .toString('hex')
        .replace(/(....)(?!$)/g, '$1:');
      const text = addressText(bytes);
      assert.equal(text, new URL(`http://[${groups}]/`).hostname.slice(1, -1));
      assert.deepEqual(parseIpv6(text), bytes);
      assert.deepEqual(parseIpv6(groups.toUpperCase()), bytes);
    }),
  );
});

test('only addresses are read as addresses', () => {
  const characters = fc.string({ unit: fc.constantFrom(...'0129af:.:.::'), maxLength: 20 });
  fc.assert(
    fc.property(characters, (text) => {
      assert.equal(parseIpv6(text) !== null, isIPv6(text), text);
      assert.equal(parseIpv4(text) !== null, isIPv4(text), text);
    }),
    { numRuns: 3000 },
  );
  for (const text of ['::ffff:192.0.2.1', '1:2:3:4:5:6:7:8', '::', '1::']) {
    assert.notEqual(parseAddress(text), null, text);
  }
  for (const text of ['', '1:2:3:4:5:6:7', ':::', '1::2::3', '192.0.2.256', 'fe80::1%eth0']) {
    assert.equal(parseAddress(text), null, text);
  }
});

test('addresses are told apart by where they lead', () => {
  const of = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array();
  for (const text of ['fe80::1', 'febf::1', '169.254.1.1']) assert.ok(isLinkLocal(of(text)), text);
  for (const text of ['fec0::1', 'fd00::1', '10.0.0.1']) assert.ok(!isLinkLocal(of(text)), text);
  for (const text of ['fe80::1', '2001:db8::1', '10.0.0.1']) assert.ok(isUnicast(of(text)), text);
  const nobodys = ['::', '::1', '::ffff:10.0.0.1', 'ff02::1', '0.0.0.0', '127.0.0.1', '224.0.0.1'];
  for (const text of [...nobodys, '255.255.255.255']) assert.ok(!isUnicast(of(text)), text);
  assert.ok(samePrefix(of('192.0.2.1'), of('192.0.2.200'), 24));
  assert.ok(!samePrefix(of('192.0.2.1'), of('192.0.2.129'), 25));
  assert.ok(!samePrefix(of('192.0.2.1'), of('fe80::1'), 0));
});
