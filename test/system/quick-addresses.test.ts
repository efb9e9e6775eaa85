import assert from 'node:assert/strict';
import { mkdir, readFile, rename } from 'node:fs/promises';
import test from 'node:test';
import { quickenAddresses } from '../../src/system/quick-addresses.ts';
import { TempDir } from '../support/temp-dir.ts';

/** As /proc/sys/net/ipv6 is, for eth0. */
async function settings(dir: TempDir) {
  for (const part of ['conf', 'neigh']) await mkdir(dir.join(part, 'eth0'), { recursive: true });
  await dir.write('conf/eth0/router_solicitation_delay', '1\n');
  await dir.write('neigh/eth0/retrans_time_ms', '1000\n');
  return async () => [
    (await readFile(dir.join('conf/eth0/router_solicitation_delay'), 'utf8')).trim(),
    (await readFile(dir.join('neigh/eth0/retrans_time_ms'), 'utf8')).trim(),
  ];
}

test('addresses are checked in a tenth of a second, and afterwards as before', async () => {
  await using dir = await TempDir.create();
  const read = await settings(dir);
  const undo = quickenAddresses('eth0', dir.path);
  assert.deepEqual(await read(), ['0', '100']);
  undo('eth0');
  assert.deepEqual(await read(), ['1', '1000']);
});

test('what somebody else has set meanwhile stays', async () => {
  await using dir = await TempDir.create();
  const read = await settings(dir);
  const undo = quickenAddresses('eth0', dir.path);
  await dir.write('neigh/eth0/retrans_time_ms', '500');
  undo('eth0');
  assert.deepEqual(await read(), ['1', '500']);
});

test('an interface without such settings is left as it is', async () => {
  await using dir = await TempDir.create();
  quickenAddresses('eth1', dir.path)('eth1');
});

test('the settings of an interface that has another name by then are put back', async () => {
  await using dir = await TempDir.create();
  await settings(dir);
  const undo = quickenAddresses('eth0', dir.path);
  for (const part of ['conf', 'neigh'])
    await rename(dir.join(part, 'eth0'), dir.join(part, 'lan0'));
  undo('lan0');
  const delay = await readFile(dir.join('conf/lan0/router_solicitation_delay'), 'utf8');
  assert.equal(delay.trim(), '1');
});
