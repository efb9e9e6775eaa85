import assert from 'node:assert/strict';
import test from 'node:test';
import { runAgent } from '../../../src/boot/agent/run-agent.ts';
import { MandosError } from '../../../src/core/error.ts';
import { milliseconds, seconds } from '../../../src/core/time.ts';
import { settle } from '../../support/simulated-clock.ts';
import { SimulatedMachine } from './simulated-machine.ts';

/** Runs the agent; `outcome` is null while it runs. */
function start(machine: SimulatedMachine) {
  const running: { outcome: string | null } = { outcome: null };
  runAgent(machine).then(
    () => {
      running.outcome = 'done';
    },
    (error: unknown) => {
      running.outcome = error instanceof MandosError ? error.code : String(error);
    },
  );
  return running;
}

const failed = { kind: 'failed', why: 'no server' } as const;

test('a question gets the password as it is, between a plus sign and a NUL', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  const running = start(machine);
  machine.client.gives('pa\0ss\n\xff');
  await settle();
  assert.deepEqual(machine.arrived, ['/sck.a: +pa\0ss\n\xc3\xbf\0']);
  machine.takeAway('a');
  await settle();
  assert.equal(running.outcome, 'done');
  assert.equal(machine.clock.pending, 0);
});

test('once all have it, neither the password nor a packet is left in memory', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  start(machine);
  const { client } = machine;
  client.gives('secret');
  await settle();
  assert.throws(() => client.password?.bytes, TypeError);
  assert.ok(machine.packetsAreWiped);
});

test('several questions get it, also those that came while the client searched', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  machine.ask('b');
  start(machine);
  machine.ask('c');
  await settle();
  assert.equal(machine.clients.length, 1);
  machine.client.gives('pw');
  await settle();
  assert.deepEqual(machine.arrived, ['/sck.a: +pw\0', '/sck.b: +pw\0', '/sck.c: +pw\0']);
});

test('an asker that leaves its file lying is waited for only briefly', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  const running = start(machine);
  machine.client.gives('pw');
  await machine.clock.advance(milliseconds(2999));
  assert.equal(running.outcome, null);
  await machine.clock.advance(milliseconds(1));
  assert.equal(running.outcome, 'done');
  assert.deepEqual(machine.arrived.length, 1);
});

test('a question that comes after the answer is a new search', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  start(machine);
  machine.client.gives('pw');
  await settle();
  machine.ask('b', { pid: 200 });
  await settle();
  assert.equal(machine.clients.length, 2);
  machine.client.gives('pw');
  await settle();
  assert.deepEqual(machine.arrived, ['/sck.a: +pw\0', '/sck.b: +pw\0']);
});

test('when a person was faster, the client is asked to end, and the agent ends with it', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  const running = start(machine);
  machine.takeAway('a');
  await settle();
  assert.deepEqual(machine.client.signals, ['SIGTERM']);
  assert.equal(running.outcome, null);
  machine.client.ends(failed);
  await settle();
  assert.equal(running.outcome, 'done');
});

test('a client that does not end is killed', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  start(machine);
  machine.takeAway('a');
  await machine.clock.advance(milliseconds(14_999));
  assert.deepEqual(machine.client.signals, ['SIGTERM']);
  await machine.clock.advance(milliseconds(1));
  assert.deepEqual(machine.client.signals, ['SIGTERM', 'SIGKILL']);
});

test('a password that comes after the last question has gone goes to nobody and is wiped', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  const running = start(machine);
  machine.takeAway('a');
  await settle();
  const { client } = machine;
  client.gives('late');
  await settle();
  assert.deepEqual([machine.arrived, running.outcome], [[], 'done']);
  assert.throws(() => client.password?.bytes, TypeError);
});

test('a question that comes while the client is ending starts the next one after it', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  start(machine);
  machine.takeAway('a');
  await settle();
  machine.ask('b');
  await settle();
  assert.equal(machine.clients.length, 1);
  machine.client.ends(failed);
  await settle();
  assert.equal(machine.clients.length, 2);
});

test('a client that fails is started again, less and less often, for as long as it is asked', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  const running = start(machine);
  for (const pause of [1, 2, 4, 8, 10, 10]) {
    const before = machine.clients.length;
    machine.client.ends(failed);
    await machine.clock.advance(milliseconds(pause * 1000 - 1));
    assert.equal(machine.clients.length, before, `before ${pause} s`);
    await machine.clock.advance(milliseconds(1));
    assert.equal(machine.clients.length, before + 1, `after ${pause} s`);
  }
  machine.client.gives('pw');
  await settle();
  assert.deepEqual(machine.arrived, ['/sck.a: +pw\0']);
  assert.equal(running.outcome, null);
});

test('when the question goes during a pause, the agent ends', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  const running = start(machine);
  machine.client.ends(failed);
  await settle();
  machine.takeAway('a');
  await settle();
  assert.deepEqual([running.outcome, machine.clients.length], ['done', 1]);
});

test('an asker that asks again is left to the person, in this run and in the next', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a', { pid: 7, id: 'cryptsetup:/dev/x' });
  start(machine);
  machine.client.gives('wrong');
  await settle();
  machine.takeAway('a');
  machine.ask('b', { pid: 7, id: 'cryptsetup:/dev/x' });
  await settle();
  assert.deepEqual([machine.arrived.length, machine.clients.length], [1, 1]);

  const next = new SimulatedMachine();
  next.record.push(...machine.record);
  next.ask('b', { pid: 7, id: 'cryptsetup:/dev/x' });
  const running = start(next);
  await next.clock.advance(seconds(3600));
  assert.deepEqual([next.clients.length, running.outcome], [0, null]);
  assert.match(next.log.at('warning').join(), /please type it/);
});

test('the same asker with another disk, and another asker for the same disk, are answered', async () => {
  for (const [pid, id] of [
    [7, 'cryptsetup:/dev/y'],
    [8, 'cryptsetup:/dev/x'],
  ] as const) {
    const machine = new SimulatedMachine();
    machine.record.push('7 cryptsetup%3A%2Fdev%2Fx');
    machine.ask('a', { pid, id });
    start(machine);
    assert.equal(machine.clients.length, 1, `${pid} ${id}`);
  }
});

for (const [what, question] of [
  ['of another program', { id: 'tpm2-pin' }],
  ['that is malformed', { raw: '[Ask]\n' }],
  ['that has expired', { notAfter: 1 }],
  ['whose asker is gone', { pid: 66 }],
] as const) {
  test(`a question ${what} gets nothing, and the agent stays until it goes`, async () => {
    const machine = new SimulatedMachine();
    machine.gone.add(66);
    machine.ask('a', question);
    const running = start(machine);
    await machine.clock.advance(seconds(60));
    assert.deepEqual([machine.clients.length, running.outcome], [0, null]);
    assert.equal(machine.log.lines.length, 1);
    machine.takeAway('a');
    await settle();
    assert.equal(running.outcome, 'done');
  });
}

test('a question that expires or is orphaned while the client searches ends the search', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a', { notAfter: machine.monotonic() + 700_000 });
  start(machine);
  await machine.clock.advance(milliseconds(699));
  assert.deepEqual(machine.client.signals, []);
  await machine.clock.advance(milliseconds(1));
  assert.deepEqual(machine.client.signals, ['SIGTERM']);

  const other = new SimulatedMachine();
  other.ask('a', { pid: 66 });
  start(other);
  await settle();
  other.gone.add(66);
  await other.clock.advance(seconds(1));
  assert.deepEqual(other.client.signals, ['SIGTERM']);
});

test('a full socket is tried again until it takes the answer; others do not wait for it', async () => {
  const machine = new SimulatedMachine();
  machine.sockets.set('/sck.a', 'later');
  machine.ask('a');
  machine.ask('b');
  start(machine);
  machine.client.gives('pw');
  await machine.clock.advance(seconds(2));
  assert.deepEqual(machine.arrived, ['/sck.b: +pw\0']);
  machine.sockets.delete('/sck.a');
  await machine.clock.advance(milliseconds(100));
  assert.deepEqual(machine.arrived, ['/sck.b: +pw\0', '/sck.a: +pw\0']);
});

test('a socket that can never take it is told once, and the agent searches no more', async () => {
  const machine = new SimulatedMachine();
  machine.sockets.set('/sck.a', 'never');
  machine.ask('a');
  const running = start(machine);
  const { client } = machine;
  client.gives('pw');
  await machine.clock.advance(seconds(60));
  assert.deepEqual([machine.clients.length, running.outcome], [1, null]);
  assert.equal(machine.log.at('warning').length, 1);
  assert.throws(() => client.password?.bytes, TypeError);
});

test('no question at the start, no directory, no client: told as errors', async () => {
  const empty = start(new SimulatedMachine());
  const nowhere = new SimulatedMachine();
  nowhere.files = null;
  const lost = start(nowhere);
  const powerless = new SimulatedMachine();
  powerless.ask('a');
  powerless.unstartable = true;
  const refused = start(powerless);
  const broken = new SimulatedMachine();
  broken.ask('a');
  const ended = start(broken);
  broken.client.ends({ kind: 'unstartable', why: 'ENOENT' });
  await settle();
  const outcomes = [empty, lost, refused, ended].map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['file-missing', 'file-missing', 'privileges', 'program']);
});

test('a directory that goes away holds no questions', async () => {
  const machine = new SimulatedMachine();
  machine.ask('a');
  start(machine);
  machine.files = null;
  await machine.clock.advance(seconds(1));
  assert.deepEqual(machine.client.signals, ['SIGTERM']);
});

test('stopped, it takes the client along, whatever that still says', async () => {
  for (const say of ['nothing', 'a password'] as const) {
    const machine = new SimulatedMachine();
    machine.ask('a');
    const running = start(machine);
    await settle();
    machine.stop.abort('told to stop');
    await settle();
    assert.deepEqual([machine.client.signals, running.outcome], [['SIGTERM'], null]);
    const { client } = machine;
    if (say === 'nothing') client.ends(failed);
    else client.gives('late');
    await settle();
    assert.deepEqual([running.outcome, machine.arrived], ['told to stop', []]);
    assert.throws(() => {
      if (client.password === null) throw new TypeError();
      return client.password.bytes;
    }, TypeError);
    assert.equal(machine.clock.pending, 0);
  }
});

test('nothing that is logged holds the message or the password', async () => {
  const machine = new SimulatedMachine();
  for (const [name, options] of Object.entries({ a: {}, b: { id: 'x' }, c: { notAfter: 1 } })) {
    machine.ask(name, options);
  }
  machine.sockets.set('/sck.a', 'never');
  start(machine);
  machine.client.gives('SeCrEt');
  await machine.clock.advance(seconds(5));
  assert.ok(machine.log.lines.length >= 3);
  assert.doesNotMatch(JSON.stringify(machine.log.lines), /Hush|SeCrEt/);
});
