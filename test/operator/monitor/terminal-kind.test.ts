import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../../src/core/error.ts';
import { charsetOf, terminalKind } from '../../../src/operator/monitor/terminal-kind.ts';

test('what has no screen is refused, with what to do', () => {
  for (const term of [undefined, '', 'dumb', 'unknown', 'emacs', 'adm3a', 'hp2648']) {
    assert.throws(
      () => terminalKind(term),
      (error) => error instanceof MandosError && error.hint !== undefined && error.exitCode === 69,
    );
  }
});

test('each kind is sent only what it has, and its opposite at the end', () => {
  const has = (term: string) => {
    const { enter, leave } = terminalKind(term);
    assert.deepEqual([enter.includes('?7l'), leave.includes('?7h')], [true, true]);
    assert.equal(enter.includes('?25l'), leave.includes('?25h'));
    assert.equal(enter.includes('?1049h'), leave.includes('?1049l'));
    return { cursor: enter.includes('?25l'), second: enter.includes('?1049h') };
  };
  for (const term of ['xterm', 'xterm-256color', 'screen', 'tmux-256color', 'rxvt', 'foot']) {
    assert.deepEqual(has(term), { cursor: true, second: true });
  }
  for (const term of ['linux', 'vt220', 'vt102+']) assert.equal(has(term).second, false);
  assert.deepEqual(has('vt100'), { cursor: false, second: false });
});

test('the locale tells the character set', () => {
  assert.equal(charsetOf({ LANG: 'de_DE.UTF-8' }), 'utf-8');
  assert.equal(charsetOf({ LC_ALL: 'C.utf8', LANG: 'C' }), 'utf-8');
  assert.equal(charsetOf({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }), 'ascii');
  assert.equal(charsetOf({ LC_ALL: '', LC_CTYPE: '', LANG: 'en_US.UTF-8' }), 'utf-8');
  assert.equal(charsetOf({}), 'ascii');
});
