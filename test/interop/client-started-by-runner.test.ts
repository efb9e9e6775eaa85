/**
 * Our client as plugin-runner and password-agent start it at boot, from a plugin directory
 * with a link to it: root's privileges are its own to take up, and nothing is set-uid.
 */
import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readFile, symlink } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { behindSwitch, networkState } from '../support/client-on-link.ts';
import { NetworkNamespaces, type NetworkSide } from '../support/network-namespaces.ts';
import { PasswordAsker } from '../support/password-asker.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { ServerHome } from '../support/server-home.ts';
import { TempDir } from '../support/temp-dir.ts';

const PASSWORD = 'secret of the disk';
const USER = 65_534;
const needs = requires('gnutls', 'gpg', 'namespaces', 'python');

/** A plugin directory with a link to the client, and an empty folder of questions. */
async function bootDirectory(): Promise<TempDir> {
  const dir = await TempDir.create(0o755);
  await mkdir(dir.join('plugins.d'));
  await mkdir(dir.join('ask'));
  await symlink(inRepository('bin/mandos-client'), dir.join('plugins.d/mandos-client'));
  return dir;
}

/** Keys as in an initial RAM disk: only the unprivileged user may read them. */
async function userKeys(): Promise<ClientKeys> {
  const keys = await ClientKeys.make();
  await chown(keys.directory, USER, USER);
  for (const path of [keys.tlsPrivateKey, keys.openPgpSecretKey]) await chown(path, USER, USER);
  for (const path of [keys.tlsPublicKey, keys.openPgpPublicKey]) await chmod(path, 0o644);
  return keys;
}

const clientOptions = (keys: ClientKeys): readonly string[] => [
  ...['--debug', '--network-hook-dir=/nonexistent', ...keys.options],
];

function startRunner(side: NetworkSide, dir: TempDir, keys: ClientKeys): RunningProgram {
  const options = clientOptions(keys).map((option) => `--options-for=mandos-client:${option}`);
  return RunningProgram.start(
    ...side.command(
      ...[inRepository('bin/plugin-runner'), '--config-file=/nonexistent', '--debug'],
      ...[`--plugin-dir=${dir.join('plugins.d')}`, ...options],
    ),
  );
}

/** Real, effective and saved user of a process. */
async function usersOf(pid: number): Promise<readonly number[]> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return (/^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(status) ?? []).slice(1).map(Number);
}

describe('started by root from a plugin directory', { ...needs, concurrency: 1 }, () => {
  it('by plugin-runner: brings up the network, and gives the password', async () => {
    await using keys = await userKeys();
    await using dir = await bootDirectory();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await behindSwitch(network.left);
    await using _server = await home.start({ zeroconf: true, command: network.left.command });
    await using runner = startRunner(network.right, dir, keys);
    const { code } = await runner.exit;
    assert.deepEqual([code, runner.stdout.toString()], [0, PASSWORD], runner.stderr);
    assert.match(runner.stderr, /brought up interface right0/);
    assert.equal(await networkState(network.right), before);
  });

  it('by plugin-runner: is no longer root while it searches', async () => {
    await using keys = await userKeys();
    await using dir = await bootDirectory();
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await using runner = startRunner(network.right, dir, keys);
    const started = await runner.waitForLine(/plugin mandos-client is process (\d+)/);
    await runner.waitForLine(/brought up interface right0/);
    assert.deepEqual(await usersOf(Number(started[1])), [USER, USER, 0]);
    runner.kill('SIGTERM');
    await runner.exit;
    assert.equal(await networkState(network.right), before);
  });

  it('by password-agent: brings up the network, and answers the question', async () => {
    await using keys = await userKeys();
    await using dir = await bootDirectory();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await behindSwitch(network.left);
    await using _server = await home.start({ zeroconf: true, command: network.left.command });
    await using asker = await PasswordAsker.ask(dir.join('ask'), 'a', {});
    await using agent = RunningProgram.start(
      ...network.right.command(
        ...[inRepository('bin/password-agent'), `--agent-directory=${dir.join('ask')}`, '--'],
        ...[dir.join('plugins.d/mandos-client'), ...clientOptions(keys)],
      ),
    );
    assert.equal(await asker.answer(), `+${PASSWORD}\0`);
    await asker.takeAway();
    assert.deepEqual(await agent.exit, { code: 0, signal: null });
    assert.equal(await networkState(network.right), before);
  });
});
