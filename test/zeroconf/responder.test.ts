import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { MDNS_PORT } from '../../src/zeroconf/link.ts';
import { type Message, query, response } from '../../src/zeroconf/message.ts';
import { name } from '../../src/zeroconf/name.ts';
import { RecordType } from '../../src/zeroconf/record.ts';
import {
  ADDRESS,
  addressOf,
  announcement,
  ask,
  connectServer,
  HOST,
  INSTANCE,
  kinds,
  MANDOS_TYPE,
  mandosResponder,
  pointerTo,
  question,
  quietLan,
  SECOND,
  serviceOn,
} from './lan-fixtures.ts';
import { LanHost, type Seen, SimulatedLan } from './simulated-lan.ts';

const ASKER = 'fe80::b';

/** A network on which a server has long been announced, and nothing else was ever seen. */
async function longAnnounced() {
  const lan = quietLan();
  const server = connectServer(lan);
  await lan.clock.advance(minutes(60));
  lan.seen.length = 0;
  return { lan, server };
}

/** What was sent in answer to a message within `time`. */
async function answersTo(
  lan: SimulatedLan,
  message: Message,
  time = milliseconds(700),
  port = MDNS_PORT,
): Promise<readonly Seen[]> {
  const before = lan.seen.length;
  lan.forge(message, ASKER, port);
  await lan.clock.advance(time);
  return lan.seen.slice(before + 1);
}

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

test('who asks for the service gets all that it takes to connect, after 20 to 120 ms', async () => {
  const { lan } = await longAnnounced();
  const start = lan.clock.now();
  const [answer, ...more] = await answersTo(lan, ask(question(MANDOS_TYPE, RecordType.ptr)));
  assert.ok(answer !== undefined && more.length === 0);
  assert.ok(answer.at - start >= 20 && answer.at - start <= 120);
  assert.equal(answer.to, null);
  assert.deepEqual(answer.message.answers, [pointerTo(INSTANCE)]);
  assert.deepEqual(kinds(answer.message.additionals), ['srv', 'txt', 'aaaa', 'nsec', 'nsec']);
});

test('what only this machine can know is answered at once', async () => {
  const { lan } = await longAnnounced();
  const start = lan.clock.now();
  const [answer] = await answersTo(lan, ask(question(INSTANCE, RecordType.srv)));
  assert.equal(answer?.at, start);
  assert.deepEqual(answer?.message.answers, [serviceOn(INSTANCE, HOST)]);
});

test('the case of the letters in a question does not matter', async () => {
  const { lan } = await longAnnounced();
  const answers = await answersTo(lan, ask(question(name('_MANDOS._TCP.Local'), RecordType.ptr)));
  assert.equal(answers.length, 1);
});

test('nobody is answered who asks for other things', async () => {
  const { lan } = await longAnnounced();
  const others = [
    question(name('_ipp._tcp.local'), RecordType.ptr),
    question(MANDOS_TYPE, RecordType.srv),
    question(name('other.local'), RecordType.any),
    { ...question(MANDOS_TYPE, RecordType.ptr), questionClass: 3 },
  ];
  assert.deepEqual(await answersTo(lan, ask(...others)), []);
});

test('the service is among those that a link has', async () => {
  const { lan } = await longAnnounced();
  const all = question(name('_services._dns-sd._udp.local'), RecordType.ptr);
  const [answer] = await answersTo(lan, ask(all));
  assert.deepEqual(
    answer?.message.answers.map(({ data }) => data),
    [{ kind: 'ptr', target: MANDOS_TYPE }],
  );
});

test('that a name has nothing of a type is said too', async () => {
  const { lan } = await longAnnounced();
  const [answer] = await answersTo(lan, ask(question(HOST, RecordType.a)));
  assert.deepEqual(
    answer?.message.answers.map(({ data }) => data),
    [{ kind: 'nsec', next: HOST, types: [RecordType.aaaa] }],
  );
});

test('what the asker knows for half its time still is not said again', async () => {
  const { lan } = await longAnnounced();
  const questions = [question(MANDOS_TYPE, RecordType.ptr)];
  const known = query({ questions, answers: [pointerTo(INSTANCE, 2250)] });
  assert.deepEqual(await answersTo(lan, known), []);
  const old = query({ questions, answers: [pointerTo(INSTANCE, 2249)] });
  assert.equal((await answersTo(lan, old)).length, 1);
});

test('an asker with more known answers is waited for, 400 to 500 ms', async () => {
  const { lan } = await longAnnounced();
  const questions = [question(MANDOS_TYPE, RecordType.ptr)];
  const first = query({ questions, truncated: true });
  const start = lan.clock.now();
  const [answer] = await answersTo(lan, first);
  assert.ok(answer !== undefined && answer.at - start >= 400 && answer.at - start <= 500);
  await lan.clock.advance(SECOND);
  lan.forge(first, ASKER);
  await lan.clock.advance(milliseconds(100));
  assert.deepEqual(await answersTo(lan, query({ answers: [pointerTo(INSTANCE)] })), []);
});

test('a direct answer goes to the asker alone when all others have heard it lately', async () => {
  const { lan } = await longAnnounced();
  const wish = ask(question(INSTANCE, RecordType.srv, true));
  const first = await answersTo(lan, wish);
  assert.deepEqual(
    first.map(({ to }) => to),
    [ASKER, null],
  );
  await lan.clock.advance(seconds(20));
  assert.deepEqual(
    (await answersTo(lan, wish)).map(({ to }) => to),
    [ASKER],
  );
});

test('many who ask at once get one answer together', async () => {
  const { lan } = await longAnnounced();
  for (let i = 0; i < 50; i++) {
    lan.forge(ask(question(MANDOS_TYPE, RecordType.ptr)), `fe80::1:${i}`);
  }
  lan.seen.length = 0;
  await lan.clock.advance(seconds(5));
  assert.equal(lan.seen.length, 1);
});

test('no record is sent to all more often than once a second, and none is kept back', async () => {
  const { lan } = await longAnnounced();
  const start = lan.clock.now();
  for (let i = 0; i < 30; i++) {
    lan.forge(ask(question(INSTANCE, RecordType.srv)), ASKER);
    await lan.clock.advance(milliseconds(100));
  }
  await lan.clock.advance(SECOND);
  const times = lan.seen.filter(({ message }) => message.response).map(({ at }) => at - start);
  assert.deepEqual(times, [0, 1000, 2000, 3000]);
});

test('a resolver without multicast gets an answer that it understands', async () => {
  const { lan } = await longAnnounced();
  const one = query({ id: 4242, questions: [question(HOST, RecordType.aaaa)] });
  const [answer, ...more] = await answersTo(lan, one, SECOND, 40_000);
  assert.ok(answer !== undefined && more.length === 0);
  assert.equal(answer.to, ASKER);
  assert.equal(answer.message.id, 4242);
  assert.deepEqual(answer.message.questions, one.questions);
  assert.deepEqual(answer.message.answers, [{ ...addressOf(HOST, ADDRESS, 10), flush: false }]);
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

test('a record that somebody else takes back is said again', async () => {
  const { lan } = await longAnnounced();
  const [answer] = await answersTo(lan, response({ answers: [pointerTo(INSTANCE, 0)] }));
  assert.deepEqual(answer?.message.answers, [pointerTo(INSTANCE)]);
});

test('answers from a port other than that of multicast DNS are not believed', async () => {
  const { lan, server } = await longAnnounced();
  const claim = announcement(INSTANCE, name('evil.local'), 'fe80::bad');
  assert.deepEqual(await answersTo(lan, claim, seconds(5), 40_000), []);
  assert.equal(server.responder.name, 'Mandos');
});
