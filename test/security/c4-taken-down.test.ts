/** C4: what it brought up (interfaces, routes, hooks) it takes down again, also on TERM. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { behindSwitch, networkState, startClientOnLink } from '../support/client-on-link.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { succeed } from '../support/process.ts';
import { requires } from '../support/requirements.ts';
import { ServerHome } from '../support/server-home.ts';
import { TempDir } from '../support/temp-dir.ts';

const needs = requires('gnutls', 'gpg', 'namespaces');

/** Makes a bridge at the start and removes it at the end; its start may never end. */
const HOOK = `#!/bin/sh
case $1 in
start)
  ip link add hook0 type bridge && ip link set hook0 up
  echo "$$" > "$MANDOSNETHOOKDIR/pid"
  [ ! -e "$MANDOSNETHOOKDIR/hang" ] || sleep 1000
  ;;
stop) ip link del hook0 ;;
esac
`;

async function hookFolder(hangs: boolean): Promise<TempDir> {
  const dir = await TempDir.create(0o755);
  await dir.write('bridge', HOOK);
  await chmod(dir.join('bridge'), 0o755);
  // Not executable, and so no hook.
  if (hangs) await mkdir(dir.join('hang'));
  return dir;
}

const MOMENTS: readonly [string, RegExp, boolean][] = [
  ['while a hook runs that never ends', /running network hook bridge start/, true],
  ['as soon as its interface is up', /brought up interface right0/, false],
  ['while it asks a server', /asking \[fe80/, false],
  ['while a server makes it wait', /negotiated/, false],
];

describe('TERM', { ...needs, concurrency: 1 }, () => {
  for (const [when, line, hangs] of MOMENTS) {
    it(`leaves nothing behind ${when}`, async () => {
      await using keys = await ClientKeys.make();
      await using hooks = await hookFolder(hangs);
      const waiting = { approved_by_default: 'no', approval_delay: '1h' };
      await using home = await ServerHome.make(await keys.section('client', 'secret', waiting));
      await using network = await NetworkNamespaces.make(false);
      const before = await networkState(network.right);
      await behindSwitch(network.left);
      const { command } = network.left;
      await using _server = await home.start({ zeroconf: true, command });
      const options = [`--network-hook-dir=${hooks.path}`];
      await using client = startClientOnLink(network.right, keys, ...options);
      await client.waitForLine(line);
      client.kill('SIGTERM');
      // A second one changes nothing.
      client.kill('SIGTERM');
      const { signal } = await client.exit;
      assert.equal(signal, 'SIGTERM', client.stderr);
      assert.equal(await networkState(network.right), before);
      assert.doesNotMatch(await network.right.ip('-o', 'link'), /hook0/);
      assert.equal(client.stdout.length, 0);
      if (!hangs) return;
      const pid = (await readFile(hooks.join('pid'), 'latin1').catch(() => '')).trim();
      if (pid !== '') await assert.rejects(readFile(`/proc/${pid}/stat`));
    });
  }

  it('leaves nothing behind of an interface that was renamed or removed meanwhile', async () => {
    await using keys = await ClientKeys.make();
    await using network = await NetworkNamespaces.make(false);
    const { left, right } = network;
    const settings = '/proc/sys/net/ipv6/neigh/$0/retrans_time_ms';
    const retransmission = async (name: string): Promise<string> =>
      (await succeed(...right.command('/bin/sh', '-c', `cat ${settings}`, name))).toString();
    const before = await retransmission('right0');
    await left.ip(
      ...['link', 'add', 'left1', 'type', 'veth'],
      ...['peer', 'name', 'right1', 'netns', right.name],
    );
    for (const name of ['left0', 'left1']) await left.ip('link', 'set', name, 'up');
    await using client = startClientOnLink(right, keys);
    await client.waitForLine(/brought up interface right1/);
    await right.ip('link', 'set', 'right0', 'name', 'lan0');
    await client.waitForLine(/interface right0 is now lan0/);
    await left.ip('link', 'del', 'left1');
    client.kill('SIGTERM');
    const { signal } = await client.exit;
    assert.equal(signal, 'SIGTERM', client.stderr);
    assert.doesNotMatch(await right.ip('-o', 'link', 'show', 'up'), /lan0/);
    assert.equal(await retransmission('lan0'), before);
  });
});
