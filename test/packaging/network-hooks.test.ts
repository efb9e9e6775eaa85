/** The examples of network hooks: what they bring up, and that they take it down again. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

/**
 * Stand-ins for programs that need hardware, a peer or a kernel that knows them. They write down how
 * they were called; those that stay write down their process where they are told to.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  modprobe: '',
  wg: '',
  wpa_supplicant: 'sleep 1000 >/dev/null 2>&1 & echo $! >"$3"',
  openvpn: `sleep 1000 >/dev/null 2>&1 & echo $! >"$3"
ip tuntap add dev "$5" mode tun && ip link set "$5" up`,
  ip: `case "$*" in
*' type wireguard') set -- link add "$3" type veth peer name "$3-peer" ;;
esac
exec /usr/sbin/ip "$@"`,
};

/** Runs a hook for each mode, as mandos-client does, and shows what there is after each. */
const STORY = `mount -t tmpfs tmpfs /run
mount -t proc proc /proc
for mode; do
  MODE=$mode sh "$MANDOSNETHOOKDIR/$HOOK" "$mode"
  ip -o link show up | cut -d ' ' -f 2 | sed 's/[:@].*//; s/^/up /'
  ip -o address | grep -v ' lo ' | while read -r _ name _ address _; do echo "address $name $address"; done
  ip route | sed 's/^/route /; s/ *$//'
  for file in /run/*.pid; do
    [ ! -e "$file" ] || ! kill -0 "$(cat "$file")" || echo "running $file"
  done
  echo ==
done`;

interface Told {
  /** What there is after each mode, line by line. */
  readonly after: readonly (readonly string[])[];
  /** The stand-ins that were called, with their arguments. */
  readonly calls: readonly string[];
}

/**
 * @param settings instead of those of the example's file
 * @param device what mandos-client is told to use
 */
async function run(
  hook: string,
  settings: Readonly<Record<string, string>>,
  modes: readonly string[],
  device = '',
): Promise<Told> {
  await using dir = await TempDir.create();
  await using network = await NetworkNamespaces.make(false);
  const { left, right } = network;
  await left.ip('link', 'set', 'left0', 'up');
  await right.ip('link', 'set', 'lo', 'down');
  await right.ip('link', 'set', 'right0', 'addrgenmode', 'none');
  const examples = inRepository('packaging/network-hooks.d');
  await copyFile(`${examples}/${hook}`, dir.join(hook));
  const lines = Object.entries(settings).map(([key, value]) => `${key}='${value}'`);
  const example = await readFile(`${examples}/${hook}.conf`, 'utf8');
  await dir.write(`${hook}.conf`, `${example}\n${lines.join('\n')}\n`);
  await mkdir(dir.join('bin'));
  for (const [program, body] of Object.entries(STAND_INS)) {
    const record = program === 'ip' ? '' : `echo "${program} $*" >>'${dir.join('calls')}'`;
    await dir.write(`bin/${program}`, `#!/bin/sh\n${record}\n${body}\n`, 0o700);
  }
  const output = await succeed(
    ...right.command(
      ...['/usr/bin/env', '-i', `PATH=${dir.path}/bin:/usr/sbin:/usr/bin:/sbin:/bin`],
      ...[`MANDOSNETHOOKDIR=${dir.path}`, `DEVICE=${device}`, `HOOK=${hook}`],
      ...['unshare', '--mount', '--pid', '--fork', '--kill-child'],
      ...['/bin/sh', '-eu', '-c', STORY, 'sh', ...modes],
    ),
  );
  const calls = await readFile(dir.join('calls'), 'utf8').catch(() => '');
  const parts = output.toString().split('==\n');
  return {
    after: modes.map((_, index) => linesOf(parts[index] ?? '')),
    calls: linesOf(calls),
  };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const BOTH = ['start', 'stop'] as const;

describe('the network hook', requires('namespaces'), () => {
  it('bridge puts its ports into a bridge', async () => {
    const { after } = await run('bridge', { PORTS: 'right0' }, BOTH);
    const [started = [], stopped] = after;
    assert.deepEqual(
      started.filter((line) => line.startsWith('up ')),
      ['up right0', 'up br0'],
    );
    assert.deepEqual(stopped, []);
  });

  it('wireguard makes the tunnel and the way to its peer', async () => {
    const { after, calls } = await run('wireguard', { LINK: 'right0' }, BOTH);
    assert.deepEqual(calls, ['wg setconf wg0 /etc/wireguard/boot.conf']);
    const [started = [], stopped] = after;
    for (const line of [
      'up wg0',
      'address wg0 198.51.100.10/32',
      'address right0 192.0.2.10/24',
      'route default via 192.0.2.1 dev right0',
      'route 198.51.100.1 dev wg0 scope link linkdown',
    ]) {
      assert.ok(started.includes(line), `${line}\n${started.join('\n')}`);
    }
    assert.deepEqual(stopped, []);
  });

  it('openvpn waits for the tunnel, and ends the program that keeps it up', async () => {
    const { after, calls } = await run('openvpn', { LINK: 'right0', GATEWAY: '' }, BOTH);
    assert.deepEqual(calls, [
      'openvpn --daemon --writepid /run/mandos-openvpn.pid --dev tun0 --config /etc/openvpn/boot.conf',
    ]);
    const [started = [], stopped] = after;
    assert.ok(started.includes('running /run/mandos-openvpn.pid'), started.join('\n'));
    assert.ok(started.includes('address right0 192.0.2.10/24'), started.join('\n'));
    // The interface goes with the real program.
    assert.deepEqual(stopped, ['up tun0']);
  });

  it('wireless loads the driver and joins the network, and leaves it', async () => {
    const { after, calls } = await run('wireless', { INTERFACE: 'right0' }, BOTH);
    assert.deepEqual(calls, [
      ...['iwlwifi', 'ccm', 'ctr', 'cmac'].map((module) => `modprobe -q ${module}`),
      'wpa_supplicant -B -P /run/mandos-wireless.pid -i right0 -c /etc/wpa_supplicant/boot.conf -D nl80211,wext',
    ]);
    const [started, stopped] = after;
    assert.deepEqual(started, ['up right0', 'running /run/mandos-wireless.pid']);
    assert.deepEqual(stopped, []);
  });

  for (const [hook, own] of [
    ['bridge', 'br0'],
    ['wireguard', 'wg0'],
    ['openvpn', 'tun0'],
    ['wireless', 'wlan0'],
  ] as const) {
    it(`${hook} does nothing where only other interfaces than ${own} are wanted`, async () => {
      const { after, calls } = await run(hook, { LINK: 'right0' }, BOTH, `eth7,x${own}`);
      assert.deepEqual([after, calls], [[[], []], []]);
    });
  }
});
