/** Standard descriptors that are closed or full: an error that is told, never a success. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseKeyId } from '../../src/core/key-id.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { QUICK } from '../support/keygen.ts';
import { startServer } from '../support/mandos-server.ts';
import { type Outcome, run, succeed } from '../support/process.ts';
import { fromSource, inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

/**
 * Runs `bin/NAME ARGS` by the shell, with redirections such as `>&-`. Only the wrappers can tell a
 * descriptor that is closed: in the executable the runtime has opened /dev/null in its place
 * before anything of ours runs.
 */
async function redirected(
  how: string,
  name: string,
  args: readonly string[],
  input = '',
): Promise<Outcome> {
  const script = `exec "$@" ${how}`;
  const program = how.endsWith('&-') ? fromSource(`bin/${name}`) : inRepository(`bin/${name}`);
  return await run('/bin/sh', ['-c', script, 'sh', program, ...args], { input });
}

describe('standard output', () => {
  for (const name of ['mandos', 'mandos-client', 'mandos-keygen']) {
    for (const option of ['--help', '--version']) {
      for (const how of ['>/dev/full', '>&-']) {
        it(`cannot take what ${name} ${option} prints: ${how}`, async () => {
          const { code, stderr } = await redirected(how, name, [option]);
          assert.equal(code, 74);
          assert.match(stderr, /^[^\n]*: cannot write to standard output \(ENOSPC\)\n$/);
        });
      }
    }
  }

  it('that is closed does not swallow a password', requires('gnutls', 'gpg'), async () => {
    await using keys = await ClientKeys.make();
    const parsed = parseKeyId(keys.keyId);
    assert.ok(parsed.kind === 'key-id');
    const secret = await keys.seal('password');
    await using server = await startServer({ clients: [{ keyId: parsed.keyId, secret }] });
    const args = [`--connect=127.0.0.1:${server.port}`, ...keys.options];
    const { code, stderr } = await redirected('>&-', 'mandos-client', args);
    assert.equal(code, 74);
    assert.match(stderr, /cannot write to standard output/);
  });
});

describe('standard input', () => {
  for (const option of ['--passfile=-', '--password']) {
    it(`that is closed is no empty password: ${option}`, async () => {
      await using dir = await TempDir.create();
      await succeed(inRepository('bin/mandos-keygen'), [...QUICK, '--dir', dir.path]);
      const args = ['--dir', dir.path, '--no-ssh', option];
      const { code, stdout, stderr } = await redirected('<&-', 'mandos-keygen', args);
      assert.deepEqual([code, stdout.length], [66, 0]);
      assert.match(stderr, /cannot read standard input \(EISDIR\)/);
    });
  }
});

describe('standard error', () => {
  for (const how of ['2>&-', '2>/dev/full']) {
    it(`that takes nothing does not change how a program ends: ${how}`, async () => {
      const noKeys = ['--no-ssh', '--dir=/nonexistent', '--passfile=/dev/null'];
      assert.equal((await redirected(how, 'mandos-keygen', noKeys)).code, 66);
      assert.equal((await redirected(how, 'mandos-client', ['--frobnicate'])).code, 64);
      assert.equal((await redirected(how, 'mandos', ['--frobnicate'])).code, 2);
      const { code, stdout } = await redirected(how, 'mandos-keygen', ['--version']);
      assert.equal(code, 0);
      assert.match(stdout.toString(), /\d/);
    });
  }
});

it('descriptors that are open go through, also those beyond the three', async () => {
  await using dir = await TempDir.create();
  const file = await dir.write('file', '');
  const program = await dir.write('program.js', "require('fs').writeSync(9, 'nine')");
  const node = inRepository('scripts/node');
  await succeed('/bin/sh', ['-c', '"$1" "$2" 9>"$3"', 'sh', node, program, file]);
  assert.equal(readFileSync(file, 'latin1'), 'nine');
});
