/**
 * S4: no process that remains contains the password. While plugin-runner still waits for other
 * plugins to end, it has passed the password on and wiped it.
 */
import assert from 'node:assert/strict';
import { rm, symlink } from 'node:fs/promises';
import test from 'node:test';
import { countInMemory } from '../support/memory-search.ts';
import { onATerminal } from '../support/on-a-terminal.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const PASSWORD = 'correct-horse-battery-staple';
const RUNNER = inRepository('bin/plugin-runner');

/** A plugin that keeps the runner there until a file is removed. */
async function stayingPlugin(): Promise<TempDir> {
  const dir = await TempDir.create(0o755);
  await dir.write('stay', '', 0o644);
  const loop = `while [ -e ${dir.join('stay')} ]; do echo ready >&2; sleep 0.05; done`;
  const script = `#!/bin/sh\ntrap 'echo stays >&2' TERM\n${loop}\n`;
  await dir.write('stays', script, 0o755);
  return dir;
}

test('the password of a plugin is wiped', requires('root'), async () => {
  await using dir = await stayingPlugin();
  await dir.write('wins', `#!/bin/sh\nsleep 0.3\necho ${PASSWORD}\n`, 0o755);
  await using program = RunningProgram.start(RUNNER, [
    ...['--config-file=/nonexistent', `--plugin-dir=${dir.path}`],
  ]);
  await program.waitForLine(/^stays$/);
  await program.waitForLine(new RegExp(`^${PASSWORD}$`));
  try {
    // So that the search is known to find what is there.
    assert.ok(countInMemory(program.pid, Buffer.from(dir.path)) > 0);
    assert.equal(countInMemory(program.pid, Buffer.from(PASSWORD.slice(1))), 0);
  } finally {
    // It has the runner's standard error, which is waited for.
    await rm(dir.join('stay'));
  }
  assert.deepEqual(await program.exit, { code: 0, signal: null });
});

test('a password that is typed is wiped', requires('root', 'pseudo-terminal'), async () => {
  await using dir = await stayingPlugin();
  await using place = await TempDir.create();
  await symlink(inRepository('bin/password-prompt'), dir.join('password-prompt'));
  const output = place.join('output');
  const code = `import { countInMemory } from '${inRepository('test/support/memory-search.ts')}';
    const [, pid, ...texts] = process.argv;
    for (const text of texts) console.log(countInMemory(Number(pid), Buffer.from(text)) > 0);`;
  const search = `"${inRepository('scripts/node')}" --input-type=module -e "$CODE"`;
  const script = `exec 3<&0
    "${RUNNER}" --config-file=/nonexistent --plugin-dir="${dir.path}" <&3 >"${output}" & runner=$!
    until [ -s "${output}" ]; do sleep 0.05; done
    until [ ! -e /proc/$runner/fd/1 ]; do sleep 0.05; done
    ${search} $runner "${dir.path}" ${PASSWORD.slice(1)}
    rm "${dir.join('stay')}"; wait $runner; cat "${output}"`;
  const outcome = await onATerminal(
    ['/usr/bin/env', `CODE=${code}`, '/bin/sh', '-c', script],
    [
      ...[{ expect: 'unlock the disk: ' }, { echo: false }],
      // A plugin that has not yet heard of TERM would end, and the runner with it.
      ...[{ expect: 'ready' }, { type: `${PASSWORD}\r` }],
    ],
  );
  assert.match(outcome.output, /^true\nfalse\n/);
  assert.match(outcome.output, new RegExp(`${PASSWORD}$`));
});
