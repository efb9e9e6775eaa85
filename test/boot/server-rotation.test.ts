import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ServerAddress } from '../../src/boot/server-address.ts';
import { MAX_SERVERS, ServerRotation } from '../../src/boot/server-rotation.ts';
import { type Instant, instant } from '../../src/core/time.ts';

function server(number: number): ServerAddress {
  return { address: `2001:db8::${number}`, port: 4711, interface: null };
}

const at = (time: number): Instant => instant(time);

test('servers are asked in the order in which they became due', () => {
  const rotation = new ServerRotation();
  rotation.add(server(1), at(0));
  rotation.add(server(2), at(5));
  assert.deepEqual(rotation.take(at(10)), server(1));
  rotation.again(server(1), at(20));
  assert.deepEqual(rotation.take(at(20)), server(2));
  assert.deepEqual(rotation.take(at(20)), server(1));
  assert.equal(rotation.take(at(20)), undefined);
});

test('a server is not asked before its time, nor twice at once', () => {
  const rotation = new ServerRotation();
  rotation.add(server(1), at(10));
  assert.equal(rotation.take(at(9)), undefined);
  assert.equal(rotation.nextDue, 10);
  assert.deepEqual(rotation.take(at(10)), server(1));
  rotation.add(server(1), at(10));
  assert.equal(rotation.take(at(11)), undefined);
  assert.equal(rotation.nextDue, undefined);
});

test('a server that went while it was asked does not come back by its answer', () => {
  const rotation = new ServerRotation();
  rotation.add(server(1), at(0));
  rotation.take(at(0));
  rotation.remove(server(1));
  rotation.again(server(1), at(1));
  assert.equal(rotation.nextDue, undefined);
});

test('N6: no more than 64 servers are remembered', () => {
  const rotation = new ServerRotation();
  for (let number = 0; number < MAX_SERVERS; number++) {
    assert.equal(rotation.add(server(number), at(0)), true);
  }
  assert.equal(rotation.add(server(1000), at(0)), false);
  assert.equal(rotation.add(server(0), at(0)), true);
  rotation.remove(server(0));
  assert.equal(rotation.add(server(1000), at(0)), true);
});

test('N6: in a full rotation no server is asked twice before all were asked once', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: MAX_SERVERS }),
    fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 200, maxLength: 200 }),
    (count, pauses) => {
      const rotation = new ServerRotation();
      for (let number = 0; number < count; number++) rotation.add(server(number), at(0));
      const asked: string[] = [];
      let now = 0;
      for (const pause of pauses) {
        const next = rotation.take(at(now));
        if (next !== undefined) {
          asked.push(next.address);
          rotation.again(next, at(now + 100));
        }
        now += pause;
      }
      const firstRound = asked.slice(0, count);
      assert.equal(new Set(firstRound).size, firstRound.length);
    },
  );
  fc.assert(property);
});
