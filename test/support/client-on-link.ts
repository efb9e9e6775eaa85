import type { ClientKeys } from './client-keys.ts';
import type { NetworkSide } from './network-namespaces.ts';
import { RunningProgram, succeed } from './process.ts';
import { inRepository } from './repository.ts';

/** Starts our mandos-client as at boot, on one machine of a test's network. */
export function startClientOnLink(
  side: NetworkSide,
  keys: Pick<ClientKeys, 'options'>,
  ...more: readonly string[]
): RunningProgram {
  return RunningProgram.start(
    ...side.command(
      ...[inRepository('bin/mandos-client'), '--debug', '--network-hook-dir=/nonexistent'],
      ...[...keys.options, ...more],
    ),
  );
}

/** What is up or routed on a machine besides what always is, for comparison. */
export async function networkState(side: NetworkSide): Promise<string> {
  const links = await side.ip('-o', 'link', 'show', 'up');
  const names = links.split('\n').map((line) => line.split(':')[1]?.trim());
  const routes = [await side.ip('route'), await side.ip('-6', 'route')];
  return JSON.stringify({ names, routes });
}

/**
 * Puts a switch between a machine and the cable to the other, as in a real network: whether
 * the other is up or down, the machine has its address and never loses its link.
 * @returns the name of the machine's interface
 */
export async function behindSwitch(side: NetworkSide): Promise<string> {
  const { ip, interface: cable } = side;
  await ip('link', 'add', 'switch0', 'type', 'bridge');
  await ip('link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'server0');
  const quiet =
    'for i in switch0 port0 "$1"; do echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6; done';
  await succeed(...side.command('/bin/sh', '-c', quiet, 'sh', cable));
  for (const port of ['port0', cable]) await ip('link', 'set', port, 'master', 'switch0');
  for (const name of ['switch0', 'port0', cable, 'server0']) await ip('link', 'set', name, 'up');
  return 'server0';
}
