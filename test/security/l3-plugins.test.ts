/** L3: plugins in folders or files writable by others are refused. No file of ours is set-uid. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import test from 'node:test';
import { type Outcome, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const PLUGIN = '#!/bin/sh\necho IT-RAN; echo IT-RAN >&2\n';

async function runner(directory: string): Promise<Outcome> {
  const options = ['--config-file=/nonexistent', `--plugin-dir=${directory}`];
  return await run(inRepository('bin/plugin-runner'), options);
}

async function directory(): Promise<TempDir> {
  const dir = await TempDir.create(0o755);
  await dir.write('plugin', PLUGIN, 0o755);
  return dir;
}

/** Something to start there is, so a refusal is one. */
async function assertRefused(path: string): Promise<void> {
  const { stdout, stderr } = await runner(path);
  assert.deepEqual([stdout.toString(), /IT-RAN/.test(stderr)], ['', false]);
  assert.match(stderr, /others may write to|belongs to user/);
}

test('a plugin of one’s own in a place of one’s own is started', async () => {
  await using dir = await directory();
  assert.equal((await runner(dir.path)).stdout.toString(), 'IT-RAN\n');
});

for (const mode of [0o775, 0o757, 0o777]) {
  test(`a plugin with mode ${mode.toString(8)} is refused`, async () => {
    await using dir = await directory();
    chmodSync(dir.join('plugin'), mode);
    await assertRefused(dir.path);
  });

  test(`a plugin folder with mode ${mode.toString(8)} is refused`, async () => {
    await using dir = await directory();
    chmodSync(dir.path, mode);
    await assertRefused(dir.path);
  });
}

test('a link out of the plugin folder is followed, and judged where it leads', async () => {
  await using dir = await TempDir.create(0o755);
  await using elsewhere = await directory();
  symlinkSync(elsewhere.join('plugin'), dir.join('plugin'));
  assert.equal((await runner(dir.path)).stdout.toString(), 'IT-RAN\n');
  chmodSync(elsewhere.path, 0o777);
  await assertRefused(dir.path);
});

test("a plugin that is another user's is refused", requires('root'), async () => {
  await using dir = await directory();
  chownSync(dir.join('plugin'), 65534, 65534);
  await assertRefused(dir.path);
});

test('a plugin with a name of ours gets no privileges by it', requires('root'), async () => {
  await using dir = await TempDir.create(0o755);
  for (const name of ['mandos-client', 'plymouth', 'splashy', 'usplash', 'askpass-fifo']) {
    await dir.write(
      name,
      '#!/bin/sh\n[ "$(id -u)$(id -ru)" = 6553465534 ] || echo "got $(id)" >&2\nexit 1\n',
      0o755,
    );
  }
  const { stderr } = await runner(dir.path);
  assert.doesNotMatch(stderr, /got/);
});

test('a configuration file that others may write to is ignored', async () => {
  await using dir = await directory();
  await using other = await TempDir.create();
  const config = await other.write('conf', '--disable=plugin');
  chmodSync(config, 0o666);
  const options = [`--config-file=${config}`, `--plugin-dir=${dir.path}`];
  const { stdout, stderr } = await run(inRepository('bin/plugin-runner'), options);
  assert.equal(stdout.toString(), 'IT-RAN\n');
  assert.match(stderr, /ignoring the configuration file: others may write to/);
});

test('no program of ours is set-user-ID or set-group-ID', () => {
  const names = readdirSync(inRepository('bin'));
  assert.ok(names.includes('mandos-client'));
  const raised = names.filter(
    (name) => (statSync(inRepository(`bin/${name}`)).mode & 0o6000) !== 0,
  );
  assert.deepEqual(raised, []);
});
