/** Machines that restart themselves, and boot with an image that they have made themselves. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { assertClean, assertNoShell } from './boot-checks.ts';
import { ownClient } from './clients.ts';
import type { Installation } from './debian.ts';
import { ownClientInDracutImages } from './dracut-client.ts';
import { Lan } from './lan.ts';
import { Machine, type Report } from './machine.ts';
import { startOwnServer } from './servers.ts';

const MEGABYTE = 2 ** 20;
/** To make an image takes an emulated machine minutes. In milliseconds. */
const PATIENCE = 1_000_000;
const SECRETS = /sending secret to vm at fe80::/g;

/** Has systemd unpack a disk and run what is in there. */
const RUN_STORY = [
  'systemd.run="/bin/sh -c \'tar -x -C /dev/shm -f /dev/disk/by-id/virtio-story && /dev/shm/story\'"',
  'systemd.run_success_action=none',
  'systemd.run_failure_action=none',
];

/**
 * Boots the whole system, which may restart itself, and waits for what it tells in the end.
 * @param kernelOptions what the story is to do
 * @param files what it needs beside it
 */
async function tells(
  { installation, lan }: { readonly installation: Installation; readonly lan: Lan },
  image: string,
  kernelOptions: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Report> {
  await using dir = await TempDir.create();
  const story = await archive(dir, { story: 'test/vm/stories/restarts', ...files });
  await using machine = await Machine.start({
    installation,
    lan,
    files: { image, story },
    init: 'system',
    megabytes: 2048,
    kernelOptions: [...RUN_STORY, ...kernelOptions],
  });
  const report = await machine.report(PATIENCE);
  assertNoShell(report.console);
  return report;
}

/** Boots with the image that the machine itself has made. */
async function bootsWithOwnImage(installation: Installation): Promise<Report> {
  await using dir = await TempDir.create();
  const image = await dir.write('image', '');
  await truncate(image, 256 * MEGABYTE);
  await using lan = await Lan.make();
  await using server = await startOwnServer(await lan.addServer(), installation.section);
  const report = await tells({ installation, lan }, image, ['vm.image=yes']);
  const size = Number(report.lines('image')[0]);
  assert.ok(size > 30 * MEGABYTE, report.text);
  await truncate(image, size);
  await using machine = await Machine.start({
    installation: { ...installation, initrd: image },
    lan,
  });
  assertClean(await machine.boots());
  assert.equal(server.log.match(SECRETS)?.length, 2);
  return report;
}

/** An archive of files of the repository, which the virtual machine unpacks. */
async function archive(dir: TempDir, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = dir.join('story');
  for (const [name, file] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(inRepository(file), join(folder, name));
  }
  const path = dir.join('story.tar');
  await succeed('/bin/tar', ['-c', '-C', folder, '-f', path, '.']);
  return path;
}

it('restarts twice as an operator has it restart, and reaches a server through WireGuard', async () => {
  const installation = await ownClient();
  await using dir = await TempDir.create();
  await using lan = await Lan.make();
  await using server = await startOwnServer(await lan.addServer(), installation.section);
  const report = await tells(
    { installation, lan },
    await dir.write('image', 'none'),
    ['vm.restarts=2'],
    {
      more: 'test/vm/stories/wireguard',
      'hooks/wireguard': 'packaging/network-hooks.d/wireguard',
      'hooks/wireguard.conf': 'packaging/network-hooks.d/wireguard.conf',
    },
  );
  assert.deepEqual(report.lines('starts'), ['3']);
  assert.equal(server.log.match(SECRETS)?.length, 3);
  assert.deepEqual(report.lines('tunnelled'), ['a password'], report.text);
  const left = report.lines('link').map((line) => /^\d+: (\w+)/.exec(line)?.[1]);
  assert.deepEqual(left, ['lo', 'eth0'], 'the tunnel is gone');
  assert.deepEqual(report.lines('route'), []);
});

it('boots with what update-initramfs makes of only what the machine needs (MODULES=dep)', async () => {
  const report = await bootsWithOwnImage(await ownClient());
  assert.match(report.lines('made').join('\n'), /update-initramfs: Generating/);
});

it('boots with what dracut makes when it looks for itself at the machine', async () => {
  const report = await bootsWithOwnImage(await ownClientInDracutImages());
  assert.doesNotMatch(report.lines('made').join('\n'), /mandos: left out/);
});
