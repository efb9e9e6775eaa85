/**
 * L2: names, hosts and key IDs come from outside. They are words for the shell and text for
 * people, whatever is in them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import test from 'node:test';
import fc from 'fast-check';
import { shellQuoted } from '../../src/core/checker-command.ts';
import { ClientKeys, clientSection } from '../support/client-keys.ts';
import { keygen } from '../support/keygen.ts';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { ServerHome } from '../support/server-home.ts';
import { TempDir } from '../support/temp-dir.ts';

const KEY_ID = 'ab'.repeat(32);
const EVIL_NAME = 'desk\u001b[2J\u001b]0;title\u0007\u202ereversed';
const EVIL_HOST = `'; touch "$OUT.broken"; echo '$(touch "$OUT.broken")\`touch "$OUT.broken"\` -rf *`;

/** Whether a terminal would do anything but show it. */
function isHarmless(text: string): boolean {
  return /^[^\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u.test(text.replaceAll('\n', ''));
}

function section(name: string, more: Readonly<Record<string, string>>): string {
  return clientSection(name, { key_id: KEY_ID, secret: 'aGVsbG8=', ...more });
}

test('what a shell makes of a quoted text is the text', () => {
  const anything = fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((text) => !text.includes('\0'));
  const property = fc.property(fc.array(anything, { maxLength: 5 }), (texts) => {
    const script = `printf '%s\\0' ${texts.map(shellQuoted).join(' ')}`;
    const { stdout } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
    const words = texts.length === 0 ? [''] : texts;
    assert.deepEqual(stdout.split('\0').slice(0, -1), words);
  });
  fc.assert(property, { numRuns: 50 });
});

test('a host is one word to its checker, and starts nothing', async () => {
  await using dir = await TempDir.create(0o777);
  const out = dir.join('out');
  const host = EVIL_HOST.replaceAll('$OUT', out).replaceAll('%', '%%');
  const checker = `printf %%%%s %%(host)s >${out}`;
  const text = `${section('desk', { checker, interval: 'PT1S' })}host = ${host}\n`;
  await using home = await ServerHome.make(text);
  await using server = await home.start();
  await server.program.waitForLine(/checker for desk succeeded/);
  assert.equal(readFileSync(out, 'utf8'), host.replaceAll('%%', '%'));
  const { stdout } = await run('/bin/ls', [dir.path]);
  assert.equal(stdout.toString(), 'out\n');
});

test('a name reaches no terminal by the log or the ledger', async () => {
  const more = {
    host: `x${EVIL_NAME}`,
    checker: `false %%(host)s`,
    interval: 'PT1S',
    timeout: 'PT3S',
  };
  await using home = await ServerHome.make(section(EVIL_NAME, more));
  await using server = await home.start();
  await server.program.waitForLine(/is disabled/);
  await server.stop();
  assert.match(server.log, /desk\\x1b\[2J/);
  assert.ok(isHarmless(server.log), server.log);
  const { code, stdout } = await run(inRepository('bin/mandos-ledger'), [
    `--statedir=${home.state()}`,
  ]);
  assert.equal(code, 0);
  assert.match(stdout.toString(), /locked out \(expired\)/);
  assert.ok(isHarmless(stdout.toString()), stdout.toString());
});

test('what a stranger sends reaches no terminal by the log', async () => {
  await using home = await ServerHome.make('');
  await using server = await home.start();
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.on('error', () => undefined);
  socket.end(`${EVIL_NAME}\r\n`);
  await server.program.waitForLine(/127\.0\.0\.1/);
  assert.ok(isHarmless(server.log), server.log);
});

test(
  'mandos-keygen makes no section that would be read otherwise',
  requires('gpg', 'gnutls'),
  async () => {
    await using keys = await ClientKeys.make();
    for (const name of ['a]\n[b', 'a\nkey_id = 1', EVIL_NAME, 'DEFAULT', ' a', '']) {
      const { code, stdout, stderr } = await keygen(
        ['--dir', keys.directory, '--passfile=-', '--no-ssh', `--name=${name}`],
        { input: 'password' },
      );
      assert.deepEqual([code, stdout.length], [64, 0], stderr);
      assert.ok(isHarmless(stderr), stderr);
    }
  },
);

test('a file name reaches no terminal by a message', async () => {
  await using dir = await TempDir.create();
  const { stderr } = await keygen(['--dir', dir.join(EVIL_NAME), '--test']);
  assert.match(stderr, /desk\\x1b/);
  assert.ok(isHarmless(stderr), stderr);
});
