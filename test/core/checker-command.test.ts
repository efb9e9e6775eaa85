import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type CheckerAttributes,
  expandChecker,
  shellQuoted,
} from '../../src/core/checker-command.ts';
import { milliseconds, minutes, seconds, wallTime } from '../../src/core/time.ts';

const attributes: CheckerAttributes = {
  approval_delay: seconds(0),
  approval_duration: seconds(1),
  created: wallTime(Date.UTC(2026, 10, 23, 18, 39, 42, 349)),
  enabled: true,
  expires: wallTime(Date.UTC(2026, 10, 23, 18, 39, 44)),
  key_id: '788CD77115CD0BB7B2D5E0AE8496F6B48149D5E712C652076B1FD2D957EF7C1F',
  fingerprint: '',
  host: 'foo.example.org',
  interval: minutes(2),
  last_approval_request: null,
  last_checked_ok: null,
  last_enabled: wallTime(Date.UTC(2026, 10, 23, 18, 39, 42, 7)),
  name: 'foo bar',
  timeout: minutes(2 * 24 * 60 + 3 * 60 + 4),
  dbus_object_path: '/clients/foo_bar',
};

function expanded(checker: string, changes: Partial<CheckerAttributes> = {}): string {
  const result = expandChecker(checker, { ...attributes, ...changes });
  assert.equal(result.kind, 'command', result.kind === 'problem' ? result.problem : '');
  return result.kind === 'command' ? result.command : '';
}

function problem(checker: string, changes: Partial<CheckerAttributes> = {}): string {
  const result = expandChecker(checker, { ...attributes, ...changes });
  assert.equal(result.kind, 'problem', result.kind === 'command' ? result.command : '');
  return result.kind === 'problem' ? result.problem : '';
}

/** What a shell prints for the command. */
function shell(command: string): string {
  return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', stdio: 'pipe' });
}

/** Texts with everything that a shell might take for something else. */
const anyHost = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'\'"\\$`!*?[]{}()<>|&;#~%= \t\n\r\u0081\u0088\u00a0aé') }),
  )
  .filter((host) => !host.includes('\0'));

describe('a checker for one run', () => {
  it('names the host', () => {
    assert.equal(expanded('fping -q -- %(host)s'), 'fping -q -- foo.example.org');
    assert.equal(expanded('echo 100%% %%(host)s'), 'echo 100% %(host)s');
    assert.equal(expanded('true'), 'true');
    assert.equal(expanded(''), '');
  });

  it('knows every attribute of the manual page, in the words of the original', () => {
    const words: Record<keyof CheckerAttributes, string> = {
      approval_delay: '0:00:00',
      approval_duration: '0:00:01',
      created: "'2026-11-23 18:39:42.349000'",
      enabled: 'True',
      expires: "'2026-11-23 18:39:44'",
      key_id: attributes.key_id,
      fingerprint: "''",
      host: 'foo.example.org',
      interval: '0:02:00',
      last_approval_request: 'None',
      last_checked_ok: 'None',
      last_enabled: "'2026-11-23 18:39:42.007000'",
      name: "'foo bar'",
      timeout: "'2 days, 3:04:00'",
      dbus_object_path: '/clients/foo_bar',
    };
    for (const [name, word] of Object.entries(words)) assert.equal(expanded(`%(${name})s`), word);
  });

  it('writes lengths of time as the original does', () => {
    const cases: [number, string][] = [
      [500, '0:00:00.500000'],
      [59_999, '0:00:59.999000'],
      [86_400_000, "'1 day, 0:00:00'"],
      [10 * 86_400_000 + 36_000_001, "'10 days, 10:00:00.001000'"],
    ];
    for (const [count, word] of cases) {
      assert.equal(expanded('%(interval)s', { interval: milliseconds(count) }), word);
    }
  });

  it('survives any moment', () => {
    for (const time of [-1e300, -1, 0.5, 1e300]) {
      assert.match(expanded('%(created)s', { created: wallTime(time) }), /^'.*\d\d:\d\d:\d\d/);
    }
  });

  it('pads to a width outside the quotes', () => {
    assert.equal(expanded('[%(name)12s]', { name: 'a b' }), "[       'a b']");
    assert.equal(expanded('[%(name)-12ls]', { name: 'a é' }), "['a é'       ]");
  });

  it('names what is wrong with a bad format', () => {
    assert.match(problem('fping %s'), /lone '%'/);
    assert.match(problem('fping %(host'), /lone '%'/);
    assert.match(problem('50% done'), /lone '%'/);
    assert.match(problem('fping %(host)'), /only the form %\(host\)s/);
    assert.match(problem('fping %'), /lone '%'/);
    assert.match(problem('fping %(hast)s'), /no attribute 'hast'/);
    assert.match(problem('fping %(HOST)s'), /no attribute/);
    assert.match(problem('fping %()s'), /no attribute/);
    assert.match(problem('fping %(toString)s'), /no attribute/);
    assert.match(problem('fping %(secret)s'), /no attribute 'secret'/);
    assert.match(problem('%(host)99999s'), /width is too large/);
    for (const type of ['r', 'a', 'c', 'd', 'x', '.3s', '*s', '%']) {
      assert.match(problem(`fping %(host)${type}`), /only the form %\(host\)s/);
    }
    assert.match(problem('%(dbus_object_path)s', { dbus_object_path: null }), /no attribute/);
  });

  it('refuses what no command line can hold', () => {
    assert.match(problem('fping %(host)s', { host: 'a\0b' }), /NUL/);
    assert.match(problem('fping %(host)s', { host: '\ud800' }), /broken character/);
  });
});

describe('L2: a host is one word of the shell', () => {
  it('whatever it is', () => {
    fc.assert(
      fc.property(anyHost, (host) => {
        assert.equal(shell(expanded("printf '%%s' %(host)s", { host })), host);
      }),
      { numRuns: 150 },
    );
  });

  it('also beside others, with a width, and when it is empty', () => {
    fc.assert(
      fc.property(fc.array(anyHost, { minLength: 1, maxLength: 4 }), (hosts) => {
        const words = hosts.map((host) => expanded('%(host)10s', { host })).join(' ');
        const wanted = hosts.map((host) => `<${host}>`).join('');
        assert.equal(shell(`printf '<%s>' ${words}`), wanted);
      }),
      { numRuns: 100 },
    );
  });

  it('also in the middle of a word', () => {
    assert.equal(shell(`printf %s a${shellQuoted("'; exit 1; '")}b`), "a'; exit 1; 'b");
  });

  it('and no expansion ever throws', () => {
    const piece = fc.constantFrom('%', '(', ')', 's', 'host', 'name', '%%', '5', '.', '-', ' ');
    fc.assert(
      fc.property(fc.array(piece), fc.string(), (pieces, host) => {
        expandChecker(pieces.join(''), { ...attributes, host });
      }),
    );
  });
});
