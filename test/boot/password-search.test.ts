import assert from 'node:assert/strict';
import test from 'node:test';
import type { Answer } from '../../src/boot/ask-for-password.ts';
import { MAX_ASKED_AT_ONCE, PasswordSearch } from '../../src/boot/password-search.ts';
import { parseServerAddress, type ServerAddress } from '../../src/boot/server-address.ts';
import type { Cancellation } from '../../src/core/cancellation.ts';
import { MandosError } from '../../src/core/error.ts';
import { Password } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import type { Signed } from '../../src/openpgp/open.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

const REFUSED: Answer = { kind: 'refused' };

interface Question {
  readonly server: ServerAddress;
  readonly end: Cancellation;
  readonly at: number;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
  readonly shown: () => void;
}

/** A search whose servers the test answers for. */
function searching(retry = 10) {
  const clock = new SimulatedClock();
  const log = new RecordingLog();
  const questions: Question[] = [];
  let always: (() => Answer) | null = null;
  const search = new PasswordSearch({
    clock,
    log,
    retry: seconds(retry),
    ask: (server, end, shown) =>
      new Promise((answer, fail) => {
        questions.push({ server, end, at: clock.now(), answer, fail, shown });
        if (always !== null) answer(always());
      }),
  });
  return {
    clock,
    log,
    questions,
    search,
    answerAllWith(answer: () => Answer): void {
      always = answer;
    },
  };
}

function server(number = 1): ServerAddress {
  return parseServerAddress(`192.0.2.${number}:4711`);
}

function opened(byte: number, signed: Signed = 'by-own-key') {
  const password = new Password(Uint8Array.of(byte));
  return { password, answer: { kind: 'opened', blob: { password, signed } } as const };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  for (let turn = 0; turn < 20; turn++) await null;
  const first = await Promise.race([promise.catch(() => null), Promise.resolve(pending)]);
  return first !== pending;
}

function question(questions: readonly Question[], index: number): Question {
  const found = questions[index];
  assert.ok(found, `question ${index} was not asked`);
  return found;
}

test('a server that refuses is asked again every --retry, for ever', async () => {
  const { search, clock, questions, answerAllWith } = searching(10);
  answerAllWith(() => REFUSED);
  search.add(server());
  await clock.advance(seconds(3600));
  assert.equal(questions.length, 361);
  assert.ok(questions.every(({ at }, index) => at === question(questions, 0).at + index * 10_000));
  assert.equal(await settled(search.found), false);
});

for (const code of ['network', 'protocol', 'deadline', 'blob-unusable'] as const) {
  test(`after the error "${code}" the server is asked again`, async () => {
    const { search, clock, questions } = searching();
    search.add(server());
    question(questions, 0).fail(new MandosError(code, 'it went wrong'));
    await clock.advance(seconds(10));
    const { password, answer } = opened(7);
    question(questions, 1).answer(answer);
    assert.equal(await search.found, password);
  });
}

test('an error that no other try can better ends the search', async () => {
  const { search, questions } = searching();
  const error = new MandosError('key-unusable', 'no key');
  search.add(server());
  question(questions, 0).fail(error);
  await assert.rejects(search.found, error);
});

test('the first signed password wins, and the other conversations end', async () => {
  const { search, clock, questions } = searching();
  search.add(server(1));
  search.add(server(2));
  const { password, answer } = opened(1);
  question(questions, 1).answer(answer);
  assert.equal(await search.found, password);
  assert.deepEqual([...password.bytes], [1]);
  assert.equal(question(questions, 0).end.aborted, true);
  assert.equal(clock.pending, 0);
});

test('a password that comes too late is wiped', async () => {
  const { search, questions } = searching();
  search.add(server(1));
  search.add(server(2));
  question(questions, 0).answer(opened(1).answer);
  await search.found;
  const late = opened(2);
  question(questions, 1).answer(late.answer);
  await settled(search.found);
  assert.throws(() => late.password.bytes, TypeError);
});

test('N6: at most eight servers are asked at once, the others in turn', async () => {
  const { search, clock, questions } = searching();
  for (let number = 1; number <= 20; number++) search.add(server(number));
  assert.equal(questions.length, MAX_ASKED_AT_ONCE);
  for (let index = 0; index < 20; index++) {
    question(questions, index).answer(REFUSED);
    await settled(search.found);
  }
  assert.equal(new Set(questions.map((asked) => asked.server.address)).size, 20);
  assert.equal(questions.length, 20);
  await clock.advance(seconds(10));
  assert.equal(questions.length, 20 + MAX_ASKED_AT_ONCE);
});

test('N6: a password that is not signed waits --retry for one that is', async () => {
  const { search, clock, questions } = searching(10);
  search.add(server(1));
  search.add(server(2));
  const unsigned = opened(1, 'not');
  question(questions, 0).answer(unsigned.answer);
  await clock.advance(seconds(9));
  assert.equal(await settled(search.found), false);
  const signed = opened(2);
  question(questions, 1).answer(signed.answer);
  assert.equal(await search.found, signed.password);
  assert.throws(() => unsigned.password.bytes, TypeError);
});

for (const signed of ['not', 'otherwise'] as const) {
  test(`N6: a password signed "${signed}" is used when no better one came`, async () => {
    const { search, clock, log, questions } = searching(10);
    search.add(server());
    const unsigned = opened(1, signed);
    question(questions, 0).answer(unsigned.answer);
    await clock.advance(seconds(9.9));
    assert.equal(await settled(search.found), false);
    await clock.advance(seconds(0.1));
    assert.equal(await search.found, unsigned.password);
    assert.deepEqual([...unsigned.password.bytes], [1]);
    assert.ok(log.at('warning').some((line) => line.includes('not signed')));
  });
}

test('N6: the only server is asked once more while its unsigned password waits', async () => {
  const { search, clock, questions } = searching(10);
  search.add(server());
  const unsigned = opened(1, 'not');
  question(questions, 0).answer(unsigned.answer);
  await clock.advance(seconds(5));
  const signed = opened(2);
  question(questions, 1).answer(signed.answer);
  assert.equal(await search.found, signed.password);
  assert.throws(() => unsigned.password.bytes, TypeError);
});

test('ending the search ends every conversation and alarm, and wipes what was held', async () => {
  const { search, clock, questions } = searching();
  search.add(server(1));
  search.add(server(2));
  const unsigned = opened(1, 'not');
  question(questions, 0).answer(unsigned.answer);
  await settled(search.found);
  const reason = new Error('TERM');
  search.fail(reason);
  await assert.rejects(search.found, reason);
  assert.equal(question(questions, 1).end.reason, reason);
  assert.throws(() => unsigned.password.bytes, TypeError);
  question(questions, 1).fail(reason);
  await clock.advance(seconds(60));
  assert.equal(questions.length, 2);
  assert.equal(clock.pending, 0);
});

test('C2: --retry=0 still leaves a pause', async () => {
  const { search, clock, questions, answerAllWith } = searching(0);
  answerAllWith(() => REFUSED);
  search.add(server());
  await clock.advance(seconds(1));
  assert.equal(questions.length, 11);
});

test('a server that has gone is not asked again', async () => {
  const { search, clock, questions, answerAllWith } = searching();
  answerAllWith(() => REFUSED);
  search.add(server());
  search.remove(server());
  await clock.advance(seconds(60));
  assert.equal(questions.length, 1);
});

test('the same trouble with the same server is told once', async () => {
  const { search, clock, log, answerAllWith } = searching();
  answerAllWith(() => REFUSED);
  search.add(server());
  await clock.advance(seconds(100));
  assert.equal(log.at('warning').length, 1);
  assert.match(log.at('warning')[0] ?? '', /192\.0\.2\.1:4711/);
});

for (const shown of [false, true]) {
  const who = shown ? 'that show themselves and stay silent' : 'that never answer';
  test(`N6: eight servers ${who} do not keep a new one waiting`, async () => {
    const { search, clock, questions } = searching();
    for (let number = 1; number <= 8; number++) search.add(server(number));
    if (shown) for (const asked of questions) asked.shown();
    for (const { end, fail } of questions) {
      end.addEventListener('abort', () => fail(new MandosError('network', 'ended')));
    }
    await clock.advance(seconds(5));
    search.add(server(9));
    await settled(search.found);
    const { password, answer } = opened(1);
    question(questions, 8).answer(answer);
    assert.equal(await search.found, password);
    assert.equal(question(questions, 0).end.aborted, true);
  });
}

test('ten that never answer delay the eleventh by a quarter of a second', async () => {
  const { search, clock, questions } = searching();
  for (let number = 1; number <= 11; number++) search.add(server(number));
  for (const { end, fail } of questions) {
    end.addEventListener('abort', () => fail(new MandosError('network', 'ended')));
  }
  await clock.advance(seconds(0.25));
  assert.ok(questions.some((asked) => asked.server.address === '192.0.2.11'));
});

test('a server that could not be reached is asked at once when the network changes', async () => {
  const { search, clock, questions } = searching();
  search.add(server());
  question(questions, 0).fail(new MandosError('unreachable', 'cannot connect (ENETUNREACH)'));
  await clock.advance(seconds(1));
  search.hurry();
  await settled(search.found);
  assert.equal(questions.length, 2);
});

test('a server that goes and comes back is not asked twice at once', async () => {
  const { search, clock, questions } = searching();
  search.add(server());
  search.remove(server());
  search.add(server());
  await clock.advance(seconds(60));
  assert.equal(questions.length, 1);
});
