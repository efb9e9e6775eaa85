/**
 * C2, C4: a console that takes nothing more (stopped, or a serial line with nobody at its other
 * end) keeps neither the password nor the prompt nor the end of a program from anybody.
 */
import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { networkState } from '../support/client-on-link.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { onATerminal } from '../support/on-a-terminal.ts';
import { PasswordAsker } from '../support/password-asker.ts';
import { RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { ServerProgram } from '../support/server-program.ts';
import { TempDir } from '../support/temp-dir.ts';

const PASSWORD = 'correct horse';

/** Starts a program whose standard error is a pipe that is full and that nobody reads. */
function deaf(dir: TempDir, program: string, ...args: readonly string[]) {
  const script = 'mkfifo "$0" && exec 3<>"$0" && head -c 65536 /dev/zero >&3 && exec "$@" 2>"$0"';
  return ['/bin/sh', '-c', script, dir.join('console'), inRepository(program), ...args] as const;
}

test('mandos-client gives the password', requires('gnutls', 'gpg'), async () => {
  await using keys = await ClientKeys.make();
  await using dir = await TempDir.create();
  await using server = await ServerProgram.start({ clients: await keys.section('a', PASSWORD) });
  const options = [`--connect=${server.address}`, '--interface=none', ...keys.options];
  const [shell, ...args] = deaf(dir, 'bin/mandos-client', '--debug', ...options);
  const { code, stdout } = await run(shell, args);
  assert.deepEqual([code, stdout.toString()], [0, PASSWORD]);
});

test(
  'mandos-client ends by TERM, and takes its interface down',
  requires('gnutls', 'gpg', 'namespaces'),
  async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create();
    await using network = await NetworkNamespaces.make(false);
    const { right } = network;
    const before = await networkState(right);
    const options = ['--network-hook-dir=/nonexistent', ...keys.options];
    const command = right.command(...deaf(dir, 'bin/mandos-client', '--debug', ...options));
    await using client = RunningProgram.start(...command);
    while (!/right0/.test(await right.ip('-o', 'link', 'show', 'up')));
    client.kill('SIGTERM');
    assert.equal((await client.exit).signal, 'SIGTERM');
    assert.equal(await networkState(right), before);
  },
);

test('plugin-runner takes what is typed', requires('pseudo-terminal'), async () => {
  await using dir = await TempDir.create(0o755);
  await symlink(inRepository('bin/password-prompt'), dir.join('password-prompt'));
  const options = ['--debug', '--config-file=/nonexistent', `--plugin-dir=${dir.path}`];
  const { output, code, echo } = await onATerminal(deaf(dir, 'bin/plugin-runner', ...options), [
    { expect: 'Enter passphrase to unlock the disk: ' },
    { echo: false },
    { type: `${PASSWORD}\r` },
  ]);
  assert.deepEqual({ output, code, echo }, { output: PASSWORD, code: 0, echo: true });
});

test('password-agent answers', requires('root', 'python'), async () => {
  await using dir = await TempDir.create(0o755);
  const client = await dir.write('client', `#!/bin/sh\nprintf '${PASSWORD}'\n`, 0o755);
  // Not the folder itself: what was answered is noted beside it.
  const questions = dir.join('questions');
  await mkdir(questions);
  // It has something to say about this one.
  await dir.write('questions/ask.bad', 'no question');
  await using asker = await PasswordAsker.ask(questions, 'a', {});
  const options = [`--agent-directory=${questions}`, client];
  const [shell, ...args] = deaf(dir, 'bin/password-agent', ...options);
  await using _agent = RunningProgram.start(shell, args);
  assert.equal(await asker.answer(), `+${PASSWORD}\0`);
});
