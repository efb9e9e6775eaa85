import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ServerAddress } from '../../src/boot/server-address.ts';
import { MAX_ADDRESSES, ServerRotation } from '../../src/boot/server-rotation.ts';
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
  rotation.again(server(1), at(15));
  assert.deepEqual(rotation.take(at(10)), server(2));
  rotation.again(server(2), at(12));
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

test('N6: no more addresses are remembered than 64 servers have', () => {
  const rotation = new ServerRotation();
  for (let number = 0; number < MAX_ADDRESSES; number++) {
    assert.equal(rotation.add(server(number), at(0)), true);
  }
  assert.equal(rotation.add(server(1000), at(0)), false);
  assert.equal(rotation.add(server(0), at(0)), true);
  rotation.remove(server(0));
  assert.equal(rotation.add(server(1000), at(0)), true);
});

test('N6: servers that went while they were asked take no room from those that came', () => {
  const rotation = new ServerRotation();
  for (let number = 0; number < MAX_ADDRESSES; number++) rotation.add(server(number), at(0));
  const asked = Array.from({ length: 8 }, () => rotation.take(at(0)) ?? server(-1));
  for (const gone of asked) rotation.remove(gone);
  for (let number = 1000; number < 1008; number++) {
    assert.equal(rotation.add(server(number), at(0)), true);
  }
  assert.equal(rotation.add(server(1008), at(0)), false);
});

test('N6: in a full rotation new servers come first, but for every fifth place', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 64 }),
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
      const firstRound = asked.slice(0, Math.ceil((count * 5) / 4));
      assert.equal(new Set(firstRound).size, Math.min(count, new Set(asked).size));
    },
  );
  fc.assert(property);
});

/** Eight that are asked from 0 on and do not answer. */
function fullRotation(): ServerRotation {
  const rotation = new ServerRotation();
  for (let number = 1; number <= 8; number++) {
    rotation.add(server(number), at(number));
    rotation.take(at(number));
  }
  return rotation;
}

test('nobody gives way as long as nobody waits', () => {
  assert.equal(fullRotation().giveWay(at(100_000)), undefined);
});

test('whoever has been asked longest gives way to one that nobody has asked yet', () => {
  const rotation = fullRotation();
  rotation.add(server(9), at(10));
  assert.deepEqual(rotation.giveWay(at(10)), { at: 101 });
  assert.deepEqual(rotation.giveWay(at(101)), { server: server(1) });
  // One at a time.
  assert.equal(rotation.giveWay(at(300)), undefined);
  rotation.again(server(1), at(300));
  // The first waits again now; it was asked before.
  assert.deepEqual(
    new Set([rotation.take(at(300)), rotation.take(at(300))]),
    new Set([server(9), server(1)]),
  );
});

test('where the connection was taken, one that nobody has asked yet waits longer', () => {
  const rotation = fullRotation();
  for (let number = 1; number <= 8; number++) rotation.connected(server(number));
  rotation.add(server(9), at(10));
  assert.deepEqual(rotation.giveWay(at(10)), { at: 251 });
  assert.deepEqual(rotation.giveWay(at(251)), { server: server(1) });
});

test('N6: servers that were removed while they are asked give way as well', () => {
  const rotation = fullRotation();
  for (let number = 1; number <= 8; number++) {
    rotation.shown(server(number));
    rotation.remove(server(number));
  }
  rotation.add(server(9), at(10));
  assert.deepEqual(rotation.giveWay(at(10)), { at: 1001 });
  assert.deepEqual(rotation.giveWay(at(1001)), { server: server(1) });
  rotation.again(server(1), at(1001));
  assert.deepEqual(rotation.take(at(1001)), server(9));
  assert.equal(rotation.take(at(5000)), undefined);
});

test('a server that comes back while it is asked is asked again afterwards, and not before', () => {
  const rotation = new ServerRotation();
  rotation.add(server(1), at(0));
  rotation.take(at(0));
  rotation.remove(server(1));
  rotation.add(server(1), at(1));
  assert.equal(rotation.take(at(2)), undefined);
  rotation.again(server(1), at(3));
  assert.deepEqual(rotation.take(at(3)), server(1));
});

test('who gave way may take longer the next time', () => {
  const rotation = fullRotation();
  rotation.add(server(9), at(10));
  let now = 251;
  const turns: number[] = [];
  for (let round = 0; round < 60; round++) {
    const way = rotation.giveWay(at(now));
    assert.ok(way !== undefined);
    if ('at' in way) {
      now = way.at;
      continue;
    }
    turns.push(now);
    rotation.again(way.server, at(now));
    rotation.take(at(now));
  }
  const gaps = turns.slice(1).map((turn, index) => turn - (turns[index] ?? 0));
  assert.ok(Math.max(...gaps.slice(0, 8)) <= 250);
  assert.ok(Math.max(...gaps) > 1000);
});

test('a server that has shown itself keeps its place longer, but not for ever', () => {
  const rotation = fullRotation();
  rotation.shown(server(1));
  rotation.add(server(9), at(10));
  assert.deepEqual(rotation.giveWay(at(300)), { server: server(2) });
  rotation.again(server(2), at(300));
  for (let number = 3; number <= 8; number++) rotation.shown(server(number));
  // The ninth is new, and waits for a second from the start of the first.
  assert.deepEqual(rotation.giveWay(at(300)), { at: 1001 });
  rotation.remove(server(9));
  // The second is not.
  assert.deepEqual(rotation.giveWay(at(300)), { at: 10_001 });
  assert.deepEqual(rotation.giveWay(at(10_001)), { server: server(1) });
});

test('after a change of the network whoever was unreachable is due', () => {
  const rotation = new ServerRotation();
  for (const number of [1, 2]) {
    rotation.add(server(number), at(0));
    rotation.take(at(0));
  }
  rotation.again(server(1), at(10_000), true);
  rotation.again(server(2), at(10_000));
  rotation.hurry(at(5));
  assert.deepEqual(rotation.take(at(5)), server(1));
  assert.equal(rotation.take(at(5)), undefined);
});

test('N6: among new servers without end, who was asked before has every fifth place', () => {
  const rotation = new ServerRotation();
  rotation.add(server(0), at(0));
  rotation.take(at(0));
  rotation.again(server(0), at(1));
  for (let number = 1; number <= 10; number++) rotation.add(server(number), at(0));
  const taken = Array.from({ length: 6 }, () => rotation.take(at(10)));
  // The very first place was that of a new server, too.
  assert.deepEqual(taken, [1, 2, 3, 0, 4, 5].map(server));
});
