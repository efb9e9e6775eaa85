/** plugin-runner as a key script: of the cryptsetup of old, and of today's by hand. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { it } from 'node:test';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { assertClean } from './boot-checks.ts';
import { ownClientWithTwoDisks } from './clients.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { startOwnServer } from './servers.ts';

/** The prompt of our password-prompt for a disk. */
const promptFor = (disk: string): RegExp =>
  new RegExp(`Unlocking the disk \\S+ \\(${disk}\\)\\nEnter passphrase: `);

/** What was in an image made for cryptsetup before 2.0.3; two disks, none marked as the root's. */
const TABLE = `target=second,source=/dev/vdb,key=none
target=cryptroot,source=/dev/vda,key=none
`;

/** An image with the ways of old cryptsetup behind what is in another one. */
async function oldImage(initrd: string, dir: TempDir): Promise<string> {
  const root = dir.join('root');
  for (const path of ['scripts/local-top', 'conf/conf.d']) {
    await mkdir(`${root}/${path}`, { recursive: true });
  }
  await copyFile(
    inRepository('test/vm/guest/old-cryptroot'),
    `${root}/scripts/local-top/cryptroot`,
  );
  await writeFile(`${root}/conf/conf.d/cryptroot`, TABLE);
  const image = dir.join('image');
  // The kernel takes one archive after the other; one that is not packed must begin at a multiple of 4.
  const command = '{ cat "$1"; cd "$2" && find . | cpio -o -H newc --quiet | zstd -q; } >"$3"';
  await succeed('/bin/sh', ['-c', command, 'sh', initrd, root, image]);
  return image;
}

it('with old cryptsetup, one disk opens by typing, and the next by a server that has come up', async () => {
  const installation = await ownClientWithTwoDisks();
  await using dir = await TempDir.create();
  await using lan = await Lan.make();
  await using machine = await Machine.start({
    installation: { ...installation, initrd: await oldImage(installation.initrd, dir) },
    lan,
    moreDisks: [installation.second],
  });
  await machine.typesPassword('something else', promptFor('second'));
  await machine.sees(/old cryptroot: bad password/);
  await machine.typesPassword(undefined, promptFor('second'));
  await machine.sees(promptFor('cryptroot'));
  await using server = await startOwnServer(await lan.addServer(), installation.section);
  const report = await machine.boots();
  assertClean(report, ['cryptroot', 'second']);
  assert.match(server.log, /sending secret to vm at fe80::/);
  assert.equal(report.console.match(/old cryptroot: bad password/g)?.length, 1);
});

it("with today's cryptsetup and plugin-runner in crypttab by hand, by Zeroconf", async () => {
  const { keyScript: installation, initrd: usual } = await ownClientWithTwoDisks();
  const growth = (await stat(installation.initrd)).size - (await stat(usual)).size;
  assert.ok(growth < 1_000_000, `the executable is in the image once: ${growth} bytes more`);
  await using lan = await Lan.make();
  await using server = await startOwnServer(await lan.addServer(), installation.section);
  await using machine = await Machine.start({ installation, lan });
  assertClean(await machine.boots());
  assert.match(server.log, /sending secret to vm at fe80::/);
});
