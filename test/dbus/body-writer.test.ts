/** What is written straight away is what the library writes from values. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BodyWriter } from '../../src/dbus/body-writer.ts';
import { CLIENT } from '../../src/dbus/mandos-interfaces.ts';
import { decodeMessage, encodeHeader, encodeMessage, Variant } from '../../src/dbus/wire.ts';
import {
  allPropertiesBody,
  interfacesAddedBody,
  managedObjectsBody,
} from '../../src/server/bus/managed-objects.ts';
import { makeClient } from './fake-model.ts';

const PATH = '/clients/foo';
const message = { type: 2, serial: 1, replySerial: 1 };

/** Decodes with the library what was written by hand, and lets it write the same again. */
function writtenAgain(signature: string, body: Uint8Array): Uint8Array {
  const header = encodeHeader({ ...message, signature }, body.length);
  const { body: values = [] } = decodeMessage(Buffer.concat([header, body]));
  const bytes = encodeMessage({ ...message, signature, body: values });
  return new Uint8Array(bytes.subarray(bytes.length - body.length));
}

const value = fc.oneof(
  fc.tuple(
    fc.constant('s'),
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  ),
  fc.tuple(fc.constant('b'), fc.boolean()),
  fc.tuple(fc.constant('n'), fc.integer({ min: -32768, max: 32767 })),
  fc.tuple(fc.constant('t'), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  fc.tuple(fc.constant('o'), fc.constant('/a/b')),
);

test('any dict is written as the library writes it', () => {
  const dict = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{0,9}$/), value), { maxLength: 20 });
  fc.assert(
    fc.property(dict, (entries) => {
      const writer = new BodyWriter();
      writer.dict(() => {
        for (const [name, [type, inner]] of entries) {
          writer.entry();
          writer.text(name);
          writer.variant(type, inner);
        }
      });
      const pairs = entries.map(([name, [type, inner]]) => [name, new Variant(type, inner)]);
      const whole = encodeMessage({ ...message, signature: 'a{sv}', body: [pairs] });
      const header = encodeHeader({ ...message, signature: 'a{sv}' }, writer.written.length);
      assert.deepEqual(Buffer.concat([header, writer.written]), whole);
    }),
  );
});

test('clients are written as the library writes them', () => {
  // Names of every length, so that everything comes to lie at every offset.
  const clients = Array.from({ length: 20 }, (_, length) => ({
    client: makeClient('x'.repeat(length)),
    path: PATH + 'x'.repeat(length),
  }));
  const managed = managedObjectsBody(clients).bytes;
  assert.deepEqual(writtenAgain('a{oa{sa{sv}}}', managed), new Uint8Array(managed));
  const all = allPropertiesBody(clients).bytes;
  assert.deepEqual(writtenAgain('a{oa{sv}}', all), new Uint8Array(all));
  for (const client of clients) {
    const added = interfacesAddedBody(client).bytes;
    assert.deepEqual(writtenAgain('oa{sa{sv}}', added), new Uint8Array(added));
  }
  assert.deepEqual(writtenAgain('a{oa{sv}}', allPropertiesBody([]).bytes), new Uint8Array(8));
});

test('every type of a property that can be read can be written', () => {
  const types = new Set(
    CLIENT.properties.flatMap(({ type, access }) => (access === 'write' ? [] : [type])),
  );
  for (const type of types) new BodyWriter().value(type, type === 'o' || type === 's' ? '/' : 1);
  assert.throws(() => new BodyWriter().value('ay', []), TypeError);
});
