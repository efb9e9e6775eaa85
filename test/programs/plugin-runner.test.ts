/** The real runner as a child process, with shell scripts as plugins. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import test from 'node:test';
import { onATerminal } from '../support/on-a-terminal.ts';
import { type Outcome, RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const RUNNER = inRepository('bin/plugin-runner');

/** A folder of plugins; each is the body of a shell script. */
async function plugins(scripts: Readonly<Record<string, string>>): Promise<TempDir> {
  const dir = await TempDir.create(0o755);
  for (const [name, script] of Object.entries(scripts)) {
    await dir.write(name, `#!/bin/sh\n${script}\n`, 0o755);
  }
  return dir;
}

async function runner(dir: TempDir, ...args: string[]): Promise<Outcome> {
  return await run(RUNNER, ['--config-file=/nonexistent', `--plugin-dir=${dir.path}`, ...args]);
}

test('the first to succeed wins with exactly what it wrote', async () => {
  await using dir = await plugins({
    fails: 'echo nothing; exit 1',
    wins: "printf 'a\\0b\\377\\n\\n'",
    waits: "trap 'exit 3' TERM; while :; do sleep 0.05; done",
  });
  const { code, stdout, stderr } = await runner(dir);
  assert.deepEqual([code, stdout.toString('latin1'), stderr], [0, 'a\0b\xff\n\n', '']);
});

test('a password much larger than a pipe comes out whole', async () => {
  await using dir = await plugins({ wins: 'head -c 1000000 /dev/zero' });
  const { code, stdout } = await runner(dir);
  assert.deepEqual([code, stdout.equals(Buffer.alloc(1_000_000))], [0, true]);
});

test('a plugin sees its arguments, its environment and no descriptor of ours', async () => {
  await using dir = await plugins({
    shows: 'echo "$@" "$A" "$B" "$MANDOSPLUGINHELPERDIR"; ls /proc/self/fd | tr "\\n" " "; pwd',
  });
  // Descriptors without close-on-exec in the runner, one of them far up.
  const open = openSync('/dev/null', 'r');
  const args = [`--plugin-dir=${dir.path}`, '--config-file=/nonexistent', '-oshows:x,y', '-gz'];
  const { stdout } = spawnSync(
    '/bin/sh',
    [
      '-c',
      'exec 5<&3 9<&3; exec "$@"',
      'sh',
      RUNNER,
      ...args,
      '-GA=1',
      '-Eshows:B=2',
      '--plugin-helper-dir=/helpers',
    ],
    { stdio: ['ignore', 'pipe', 'inherit', open] },
  );
  closeSync(open);
  assert.equal(stdout.toString(), `x y z 1 2 /helpers\n0 1 2 3 ${process.cwd()}\n`);
});

test('plugins are 65534, or whom the options say', requires('root'), async () => {
  await using dir = await plugins({ shows: 'id -u; id -ru; id -G' });
  assert.equal((await runner(dir)).stdout.toString(), '65534\n65534\n65534\n');
  const { stdout } = await runner(dir, '--userid=12', '--groupid=34');
  assert.equal(stdout.toString(), '12\n12\n34\n');
  const largest = 2 ** 32 - 2;
  const most = await runner(dir, `--userid=${largest}`, `--groupid=${largest}`);
  assert.equal(most.stdout.toString(), `${largest}\n${largest}\n${largest}\n`);
});

test('options are read from the file, where # starts a comment', async () => {
  await using dir = await plugins({ shows: 'echo "$@"', other: 'echo wrong' });
  await using config = await TempDir.create();
  const file = await config.write('conf', '# a comment\n-o shows:a --disable=other # more\n');
  const args = [`--plugin-dir=${dir.path}`, `--config-file=${file}`, '-o', 'shows:b'];
  assert.equal((await run(RUNNER, args)).stdout.toString(), 'a b\n');
});

for (const [why, args, status] of [
  ['an unknown option', ['--bogus'], 64],
  ['no plugin directory', ['--plugin-dir=/nonexistent'], 69],
] as const) {
  test(
    `${why}: a person is asked, and the status is ${status}`,
    requires('pseudo-terminal'),
    async () => {
      const { shown, output, code, echo } = await onATerminal(
        [RUNNER, ...args],
        [{ expect: 'Password: ' }, { echo: false }, { type: 'typed \xe5\r' }],
      );
      assert.deepEqual([output, code, echo], ['typed \xe5', status, true]);
      assert.doesNotMatch(shown, /typed/);
    },
  );
}

test('with nobody to ask it writes nothing and ends like the original', async () => {
  await using dir = await plugins({ fails: 'exit 1' });
  const { code, stdout } = await runner(dir);
  assert.deepEqual([code, stdout.length], [0, 0]);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} ends the plugins, then the runner by that signal`, async () => {
    await using dir = await plugins({
      waits: "trap 'echo told >&2; exit' TERM; echo up >&2; while :; do sleep 0.05; done",
    });
    await using program = RunningProgram.start(RUNNER, [`--plugin-dir=${dir.path}`]);
    await program.waitForLine(/^up$/);
    program.kill(signal);
    assert.deepEqual(await program.exit, { code: null, signal });
    assert.match(program.stderr, /^told$/m);
  });
}

test('a reader that has gone is an error, and the others are stopped', async () => {
  await using dir = await plugins({ wins: 'echo x' });
  const script = `"${RUNNER}" --config-file=/nonexistent --plugin-dir="${dir.path}" >/dev/full`;
  const { code, stderr } = await run('/bin/sh', ['-c', script]);
  assert.equal(code, 74);
  assert.match(stderr, /cannot write to standard output \(ENOSPC\)/);
});

test('password-prompt races in the runner itself', requires('pseudo-terminal'), async () => {
  await using dir = await plugins({ waits: 'while :; do sleep 0.05; done' });
  await symlink(inRepository('bin/password-prompt'), dir.join('password-prompt'));
  const { output, code, echo, shown } = await onATerminal(
    [
      RUNNER,
      '--config-file=/nonexistent',
      `--plugin-dir=${dir.path}`,
      '-E',
      'password-prompt:CRYPTTAB_NAME=root',
      '-o',
      'password-prompt:--prefix=host',
    ],
    [{ expect: 'host Unlocking the disk (root)' }, { echo: false }, { type: 'secret\r' }],
  );
  assert.deepEqual([output, code, echo], ['secret', 0, true]);
  assert.doesNotMatch(shown, /secret/);
});

test('C2: password-prompt asks whatever its options are', requires('pseudo-terminal'), async () => {
  await using dir = await plugins({ waits: 'while :; do sleep 0.05; done' });
  await symlink(inRepository('bin/password-prompt'), dir.join('password-prompt'));
  const command = [RUNNER, '--config-file=/nonexistent', `--plugin-dir=${dir.path}`];
  for (const option of ['--promt=x', '--version']) {
    const { output, shown } = await onATerminal(
      [...command, `--options-for=password-prompt:${option}`],
      [{ expect: 'Enter passphrase' }, { echo: false }, { type: 'secret\r' }],
    );
    assert.equal(output, 'secret');
    assert.match(shown, /plugin-runner: password-prompt asks /);
  }
});

test('C2: a text about a plugin is no password', async () => {
  await using dir = await plugins({});
  for (const name of ['mandos-client', 'plymouth']) {
    await symlink(inRepository(`bin/${name}`), dir.join(name));
  }
  for (const option of ['--help', '--usage', '--version']) {
    const { stdout, stderr } = await runner(dir, `--global-options=${option}`);
    assert.equal(stdout.toString(), '', option);
    assert.match(stderr, /no password came/);
  }
});

test('the echo is back when another plugin wins', requires('pseudo-terminal'), async () => {
  // Wins as soon as it sees that the echo is off.
  await using dir = await plugins({
    wins: "while stty -a | grep -q '[^-]echo '; do sleep 0.02; done; echo x",
  });
  await symlink(inRepository('bin/password-prompt'), dir.join('password-prompt'));
  const command = [RUNNER, '--config-file=/nonexistent', `--plugin-dir=${dir.path}`];
  const { output, echo } = await onATerminal(command, []);
  assert.deepEqual([output, echo], ['x\n', true]);
});
