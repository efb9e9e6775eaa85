import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { RecordType } from '../../src/zeroconf/record.ts';
import {
  ADDRESS,
  addressOf,
  answersTo,
  ask,
  connectServer,
  HOST,
  INSTANCE,
  kinds,
  longAnnounced,
  MANDOS_TYPE,
  mandosResponder,
  question,
  quietLan,
  serviceOn,
} from './lan-fixtures.ts';
import { LanHost, SimulatedLan } from './simulated-lan.ts';

test('a name is probed for three times, 250 ms apart, before it is announced twice', async () => {
  const lan = quietLan();
  const start = lan.clock.now();
  const { host } = connectServer(lan);
  await lan.clock.advance(minutes(10));
  const probes = lan.seen.filter(({ message }) => !message.response);
  const announcements = lan.seen.filter(({ message }) => message.response);
  const [first, second, third] = probes.map(({ at }) => at);
  assert.equal(probes.length, 3);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.ok(first >= start && first <= start + 250);
  assert.deepEqual([second - first, third - second], [250, 250]);
  assert.deepEqual(
    announcements.map(({ at }) => at - third),
    [250, 1250],
  );
  assert.deepEqual(
    host.effects.map(({ kind }) => kind),
    ['announced'],
  );
});

test('a probe asks for everything at both names and says what they will be', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(milliseconds(300));
  const probe = lan.seen[0]?.message;
  assert.deepEqual(probe?.questions, [
    question(INSTANCE, RecordType.any, true),
    question(HOST, RecordType.any, true),
  ]);
  assert.deepEqual(kinds(probe?.authorities ?? []), ['srv', 'txt', 'aaaa']);
  assert.ok(probe?.authorities.every(({ flush }) => !flush));
});

test('an announcement says where the service is, with the times to live of RFC 6762', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(seconds(5));
  const said = lan.seen.find(({ message }) => message.response)?.message.answers ?? [];
  assert.deepEqual(
    said.map(({ data, ttl, flush }) => [data.kind, ttl, flush]),
    [
      ['ptr', 4500, false],
      ['ptr', 4500, false],
      ['srv', 120, true],
      ['txt', 4500, true],
      ['aaaa', 120, true],
    ],
  );
  assert.deepEqual(said[2], serviceOn(INSTANCE, HOST));
  assert.deepEqual(said[4], addressOf(HOST, ADDRESS));
});

test('nothing is answered while a name is still probed for', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(milliseconds(400));
  assert.deepEqual(
    await answersTo(lan, ask(question(MANDOS_TYPE, RecordType.ptr)), milliseconds(0)),
    [],
  );
});

test('who stops says goodbye to all, once, and is silent from then on', async () => {
  const { lan, server } = await longAnnounced();
  server.stop();
  await lan.clock.advance(seconds(2));
  assert.equal(lan.seen.length, 1);
  const said = lan.seen[0]?.message.answers ?? [];
  assert.ok(said.every(({ ttl }) => ttl === 0));
  assert.deepEqual(kinds(said), ['ptr', 'srv', 'txt', 'aaaa']);
  assert.deepEqual(await answersTo(lan, ask(question(INSTANCE, RecordType.any))), []);
});

test('a name that was never announced is not taken back', async () => {
  const lan = quietLan();
  const server = connectServer(lan);
  await lan.clock.advance(milliseconds(300));
  lan.seen.length = 0;
  server.stop();
  assert.deepEqual(lan.seen, []);
});

test('new addresses are announced without another probe', async () => {
  const { lan, server } = await longAnnounced();
  server.host.attach([{ interface: 'eth0', address: 'fe80::aa', lan }]);
  await lan.clock.advance(seconds(10));
  assert.deepEqual(
    lan.seen.map(({ message }) => message.response),
    [true, true],
  );
  const told = lan.seen[0]?.message.answers.find(({ data }) => data.kind === 'aaaa');
  assert.deepEqual(told, addressOf(HOST, 'fe80::aa'));
});

test('each network hears only the addresses that the machine has on it', async () => {
  const one = quietLan();
  const other = new SimulatedLan(one.clock);
  const lans = [
    { interface: 'eth0', address: 'fe80::10', lan: one },
    { interface: 'eth1', address: 'fe80::20', lan: other },
  ];
  new LanHost(one, mandosResponder(), lans);
  await one.clock.advance(seconds(10));
  for (const { lan, address } of lans) {
    const said = lan.seen.at(-1)?.message.answers.filter(({ data }) => data.kind === 'aaaa');
    assert.deepEqual(said, [addressOf(HOST, address)]);
  }
});

test('an interface that goes and comes back is probed anew', async () => {
  const { lan, server } = await longAnnounced();
  server.host.attach([]);
  assert.equal(server.responder.next, null);
  server.host.attach([{ interface: 'eth0', address: ADDRESS, lan }]);
  await lan.clock.advance(seconds(5));
  assert.deepEqual(
    lan.seen.map(({ message }) => message.response),
    [false, false, false, true, true],
  );
});
