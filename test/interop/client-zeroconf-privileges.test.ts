/**
 * Our client with real interfaces, hooks, routes and users: started by an unprivileged user
 * with root's privileges, as plugin-runner and password-agent start it.
 */
import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { describe, it } from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { behindSwitch, networkState } from '../support/client-on-link.ts';
import { NetworkNamespaces, type NetworkSide } from '../support/network-namespaces.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { ServerHome } from '../support/server-home.ts';
import { TempDir } from '../support/temp-dir.ts';

const PASSWORD = 'secret of the disk';
const USER = 65_534;
const needs = requires('gnutls', 'gpg', 'namespaces');

/** Writes what a hook sees of itself into the file that it is given by name. */
const HOOK = `#!/bin/sh
echo "$MODE $1 $DEVICE $VERBOSITY $DELAY \${CONNECT-none} $MANDOSNETHOOKDIR" >> "$MANDOSNETHOOKDIR/../told"
id -ru >> "$MANDOSNETHOOKDIR/../told"
echo "this is no password"
`;

/** Real user and group unprivileged, effective ones root's. */
function start(side: NetworkSide, keys: ClientKeys, ...more: readonly string[]): RunningProgram {
  return RunningProgram.start(
    ...side.command(
      ...(['/usr/bin/setpriv', `--ruid=${USER}`, `--rgid=${USER}`, '--clear-groups'] as const),
      ...[process.execPath, '--disable-warning=ExperimentalWarning'],
      ...[inRepository('src/main.ts'), 'mandos-client', '--debug', ...keys.options, ...more],
    ),
  );
}

async function readableByUser(keys: ClientKeys): Promise<ClientKeys> {
  await chown(keys.directory, USER, USER);
  for (const path of [keys.tlsPrivateKey, keys.openPgpSecretKey]) await chown(path, USER, USER);
  for (const path of [keys.tlsPublicKey, keys.openPgpPublicKey]) await chmod(path, 0o644);
  return keys;
}

async function folderWithHook(dir: TempDir, mode: number): Promise<string> {
  await mkdir(dir.join('hooks'), { mode: 0o755 });
  await dir.write('hooks/hook', HOOK);
  await chmod(dir.join('hooks/hook'), mode);
  return dir.join('hooks');
}

/** The effective user of a process. */
async function effectiveUser(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]);
}

describe('started by a user with the privileges of root', { ...needs, concurrency: 1 }, () => {
  it('gets the password with hooks, and takes everything down again', async () => {
    await using keys = await readableByUser(await ClientKeys.make());
    await using dir = await TempDir.create();
    const hooks = await folderWithHook(dir, 0o755);
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await behindSwitch(network.left);
    await using _server = await home.start({ zeroconf: true, command: network.left.command });
    await using client = start(network.right, keys, `--network-hook-dir=${hooks}`, '--delay=1.5');
    await client.waitForLine(/brought up interface right0/);
    const { code } = await client.exit;
    assert.deepEqual([code, client.stdout.toString()], [0, PASSWORD], client.stderr);
    assert.equal(await networkState(network.right), before);
    const told = (await readFile(dir.join('told'), 'utf8')).split('\n');
    assert.deepEqual(told, [
      `start start  1 1.500000 none ${hooks}`,
      '0',
      `stop stop  1 1.500000 none ${hooks}`,
      '0',
      '',
    ]);
  });

  it('has no privileges while it searches, and ends in order by TERM', async () => {
    await using keys = await readableByUser(await ClientKeys.make());
    await using dir = await TempDir.create();
    const hooks = await folderWithHook(dir, 0o755);
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await using client = start(network.right, keys, `--network-hook-dir=${hooks}`);
    await client.waitForLine(/brought up interface right0/);
    assert.equal(await effectiveUser(client.pid), USER);
    client.kill('SIGTERM');
    assert.equal((await client.exit).signal, 'SIGTERM');
    assert.equal(await networkState(network.right), before);
    assert.match(await readFile(dir.join('told'), 'utf8'), /^stop stop /m);
  });

  it('L3: runs no hook that others may write', async () => {
    await using keys = await readableByUser(await ClientKeys.make());
    await using dir = await TempDir.create();
    const hooks = await folderWithHook(dir, 0o777);
    await using network = await NetworkNamespaces.make();
    await using client = start(network.right, keys, `--network-hook-dir=${hooks}`);
    await client.waitForLine(/not running network hook "hook": it is writable by others/);
    await client.waitForLine(/using interface right0/);
    await assert.rejects(readFile(dir.join('told')));
  });

  it('adds a route to a server of another network on the link, and deletes it', async () => {
    await using keys = await readableByUser(await ClientKeys.make());
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await left.ip('address', 'add', '2001:db8::1/64', 'dev', 'left0', 'nodad');
    const options = ['--address', '2001:db8::1'];
    await using server = await home.start({ zeroconf: true, command: left.command, options });
    await server.program.waitForLine(/announced by Zeroconf on left0/);
    const before = await networkState(right);
    await using client = start(right, keys, '--network-hook-dir=/nonexistent');
    const { code } = await client.exit;
    assert.deepEqual([code, client.stdout.toString()], [0, PASSWORD], client.stderr);
    assert.match(client.stderr, /added a route to 2001:db8::1 on right0/);
    assert.equal(await networkState(right), before);
  });
});
