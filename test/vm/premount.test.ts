/** The script that starts the search, run in the unpacked image as the kernel's options want. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { succeed } from '../support/process.ts';
import { TempDir } from '../support/temp-dir.ts';
import { ownClient } from './clients.ts';

interface Prepared {
  /** plugin-runner's configuration, as it is when the script has run. */
  readonly configuration: string;
  /** The table of old versions of cryptsetup. */
  readonly cryptroot: string;
  readonly said: string;
}

/**
 * @param cryptroot the table of old versions of cryptsetup, so that nothing is started
 * @param device DEVICE in initramfs.conf
 */
async function prepare(commandLine: string, cryptroot: string, device = ''): Promise<Prepared> {
  const { initrd } = await ownClient();
  await using dir = await TempDir.create();
  const root = dir.join('root');
  await mkdir(root);
  await succeed('/bin/sh', ['-c', 'zstd -dc "$1" | cpio -idm --quiet -D "$2"', 'sh', initrd, root]);
  // As /init would make them.
  for (const directory of ['proc', 'tmp']) {
    await mkdir(join(root, directory), { recursive: true });
  }
  await writeFile(`${root}/proc/cmdline`, `${commandLine}\n`);
  await writeFile(`${root}/conf/conf.d/cryptroot`, cryptroot);
  await writeFile(`${root}/conf/conf.d/device`, `DEVICE=${device}\n`);
  const output = await succeed('/usr/bin/unshare', [
    ...['--mount', '--net', '--pid', '--fork', '--kill-child', 'chroot', root],
    ...['/bin/sh', '-c', 'quiet=n; export quiet; exec /scripts/init-premount/mandos 2>&1'],
  ]);
  return {
    configuration: await readFile(`${root}/conf/conf.d/mandos/plugin-runner.conf`, 'utf8'),
    cryptroot: await readFile(`${root}/conf/conf.d/cryptroot`, 'utf8'),
    said: output.toString(),
  };
}

const SCRIPT = ',keyscript=/lib/mandos/plugin-runner';

it('cryptsetup before 2.0.3 gets plugin-runner as the key script of the root disk', async () => {
  const { cryptroot } = await prepare(
    'quiet',
    'target=a,source=/dev/a,rootdev,key=none\ntarget=b,source=/dev/b,key=none\n',
  );
  assert.equal(
    cryptroot,
    `target=a,source=/dev/a,rootdev,key=none${SCRIPT}\ntarget=b,source=/dev/b,key=none\n`,
  );
});

it('or of all disks where none is marked, but those that have one or are for resuming', async () => {
  const { cryptroot } = await prepare(
    'quiet',
    'target=a,key=none\ntarget=b,keyscript=/lib/x\ntarget=c,resumedev,key=none\n',
  );
  assert.equal(
    cryptroot,
    `target=a,key=none${SCRIPT}\ntarget=b,keyscript=/lib/x\ntarget=c,resumedev,key=none\n`,
  );
});

it('mandos=off among other words leaves everything as it is', async () => {
  const { configuration, cryptroot } = await prepare(
    'mandos=connect:192.0.2.1:4711,off ip=:::::eth7',
    'target=a,key=none\n',
  );
  assert.equal(cryptroot, 'target=a,key=none\n');
  assert.doesNotMatch(configuration, /--connect|--interface/);
});

it('the address in mandos=connect: and the device in ip= go behind the configuration', async () => {
  const { configuration, said } = await prepare(
    'mandos=strange,connect:192.0.2.1:4711 ip=192.0.2.2::192.0.2.1:255.255.255.0::eth7:off',
    '',
    'eth1',
  );
  assert.match(configuration, /userid[\s\S]*interface=eth7\n[\s\S]*connect=192\.0\.2\.1:4711\n$/);
  assert.doesNotMatch(configuration, /eth1/);
  assert.match(said, /unknown word in mandos=: strange/);
});

it('the device in initramfs.conf goes before the configuration', async () => {
  const { configuration } = await prepare('quiet', '', 'eth1');
  assert.match(configuration, /^\n--options-for=mandos-client:--interface=eth1\n[\s\S]*userid/);
});
