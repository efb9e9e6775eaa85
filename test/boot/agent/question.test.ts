import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseQuestion } from '../../../src/boot/agent/question.ts';
import { judge, type Surroundings } from '../../../src/boot/agent/standing.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** As systemd 252 writes it. */
const REAL = `[Ask]
PID=412
Socket=/run/systemd/ask-password/sck.9d2e8ec8a1b2c3d4
AcceptCached=1
Echo=0
NotAfter=90012345
Silent=0
Message=Please enter passphrase for disk root (vda5_crypt):
Icon=drive-harddisk
Id=cryptsetup:/dev/disk/by-uuid/0b8c-11
`;

const QUESTION = {
  socket: '/run/systemd/ask-password/sck.9d2e8ec8a1b2c3d4',
  pid: 412,
  notAfter: 90_012_345,
  id: 'cryptsetup:/dev/disk/by-uuid/0b8c-11',
};

test('a question of systemd is read, and its message is not kept', () => {
  assert.deepEqual(parseQuestion(bytes(REAL)), { kind: 'question', question: QUESTION });
});

test('white space, comments, other sections, unknown lines and repetitions do no harm', () => {
  const text = REAL.replaceAll('=', ' = ')
    .replace('PID', '# PID = 1\n; PID = 2\nPID = 3\nbroken\nPID')
    .replaceAll('\n', '\r\n');
  const parsed = parseQuestion(bytes(`PID=9\n${text}\n[Other]\nPID=7\nSocket=/other\n`));
  assert.deepEqual(parsed, { kind: 'question', question: QUESTION });
});

for (const [why, text] of [
  ['nothing at all', ''],
  ['no section', 'PID=1\nSocket=/s\n'],
  ['another section', '[ask]\nPID=1\nSocket=/s\n'],
  ['no socket', '[Ask]\nPID=1\n'],
  ['a relative socket', '[Ask]\nPID=1\nSocket=sck\n'],
  ['a NUL in the socket', '[Ask]\nPID=1\nSocket=/s\0x\n'],
  ['no PID', '[Ask]\nSocket=/s\n'],
  ['a PID that is no number', '[Ask]\nPID=-1\nSocket=/s\n'],
  ['a NotAfter that is no number', '[Ask]\nPID=1\nSocket=/s\nNotAfter=soon\n'],
] as const) {
  test(`malformed: ${why}`, () => {
    assert.equal(parseQuestion(bytes(text)).kind, 'malformed');
  });
}

test('any bytes are a question or malformed, and never anything else', () => {
  const lines = fc.constantFrom('[Ask]', 'PID=', 'Socket=/', 'NotAfter=', '=', '[', '\n', '\xff');
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          lines,
          fc.uint8Array().map((part) => Buffer.from(part).toString('latin1')),
        ),
      ),
      (parts) => {
        const parsed = parseQuestion(Buffer.from(parts.join(''), 'latin1'));
        if (parsed.kind === 'malformed') return;
        assert.match(parsed.question.socket, /^\/[^\0\n]*$/);
        assert.ok(parsed.question.pid >= 0 && parsed.question.notAfter >= 0);
      },
    ),
  );
});

const CALM: Surroundings = { monotonic: 1000, isAlive: () => true, wasAnswered: () => false };

function standing(change: (text: string) => string, surroundings: Partial<Surroundings> = {}) {
  const content = bytes(change(REAL));
  return judge({ kind: 'read', name: 'ask.x', content }, { ...CALM, ...surroundings });
}

test('a question of cryptsetup is open', () => {
  assert.deepEqual(
    standing((text) => text),
    {
      kind: 'open',
      question: { ...QUESTION, name: 'ask.x' },
    },
  );
});

test('a question expires at its very microsecond', () => {
  const at = (monotonic: number) => standing((text) => text, { monotonic }).kind;
  assert.deepEqual([at(90_012_344), at(90_012_345), at(90_012_346)], ['open', 'left', 'left']);
});

test('NotAfter=0, none, or the largest number there is: it does not expire', () => {
  for (const line of ['NotAfter=0\n', '', 'NotAfter=18446744073709551615\n']) {
    const { kind } = standing((text) => text.replace(/NotAfter.*\n/, line), { monotonic: 2e12 });
    assert.equal(kind, 'open', line);
  }
});

for (const id of ['', 'cryptenroll:/dev/vda5', 'tpm2-pin', 'x-cryptsetup:y', 'Cryptsetup:/dev/x']) {
  test(`a question with the id "${id}" is left to others, without a warning`, () => {
    const found = standing((text) => text.replace(/Id=.*/, `Id=${id}`));
    assert.deepEqual([found.kind, found.kind === 'left' && found.warn], ['left', false]);
  });
}

test('a question without an id is left to others', () => {
  assert.equal(standing((text) => text.replace(/Id=.*\n/, '')).kind, 'left');
});

test('a question whose asker is gone is left, one whose asker is unknown is not', () => {
  const isAlive = (pid: number): boolean => pid !== 412;
  assert.equal(standing((text) => text, { isAlive }).kind, 'left');
  assert.equal(standing((text) => text.replace('412', '0'), { isAlive: () => false }).kind, 'open');
});

test('an asker that had an answer before is left to the person, who is told', () => {
  const found = standing((text) => text, {
    wasAnswered: ({ pid, id }) => pid === QUESTION.pid && id === QUESTION.id,
  });
  assert.deepEqual([found.kind, found.kind === 'left' && found.warn], ['left', true]);
});

test('what is said about a question never holds its message', () => {
  for (const broken of ['[Ask]', 'PID=412', 'Socket=/', 'NotAfter=', 'Id=cryptsetup']) {
    const found = standing((text) => text.replace(broken, 'x'));
    assert.doesNotMatch(JSON.stringify(found), /passphrase/);
  }
});
