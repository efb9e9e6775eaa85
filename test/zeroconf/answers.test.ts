import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds } from '../../src/core/time.ts';
import { query, response } from '../../src/zeroconf/message.ts';
import { name } from '../../src/zeroconf/name.ts';
import { RecordType } from '../../src/zeroconf/record.ts';
import {
  ADDRESS,
  ASKER,
  addressOf,
  announcement,
  answersTo,
  ask,
  HOST,
  INSTANCE,
  kinds,
  longAnnounced,
  MANDOS_TYPE,
  pointerTo,
  question,
  SECOND,
  serviceOn,
} from './lan-fixtures.ts';

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
