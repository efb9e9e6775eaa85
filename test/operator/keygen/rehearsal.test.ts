/** `mandos-keygen --test` as a program: real servers, ours and Debian's, and a real LUKS2 disk. */
import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import test from 'node:test';
import { Avahi } from '../../support/avahi.ts';
import { ClientKeys } from '../../support/client-keys.ts';
import { networkState } from '../../support/client-on-link.ts';
import { freePort } from '../../support/free-port.ts';
import { keygen, QUICK } from '../../support/keygen.ts';
import { makeLuksDisk } from '../../support/luks-disk.ts';
import { NetworkNamespaces } from '../../support/network-namespaces.ts';
import { OriginalServer } from '../../support/original-server.ts';
import { OriginalServerOnLink } from '../../support/original-server-on-link.ts';
import { RunningProgram, run } from '../../support/process.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { ServerHome } from '../../support/server-home.ts';
import { ServerProgram } from '../../support/server-program.ts';
import { TempDir } from '../../support/temp-dir.ts';

const PASSWORD = 'the secret of the disk';
const needs = requires('gnutls', 'gpg');

async function rehearsed(keys: ClientKeys, ...more: string[]) {
  return await keygen(['--dir', keys.directory, '--test', ...more]);
}

test(
  'the password of our server opens a real LUKS2 disk',
  requires('gnutls', 'gpg', 'cryptsetup'),
  async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create();
    const disk = await makeLuksDisk(dir, PASSWORD);
    await using server = await ServerProgram.start({
      clients: await keys.section('client', PASSWORD),
    });
    const { code, stdout, stderr } = await rehearsed(
      ...([keys, '--connect', server.address, '--device', disk] as const),
    );
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout.toString(), new RegExp(`key ID ${keys.keyId.toLowerCase()}`));
    assert.match(
      stdout.toString(),
      /the password opens '.*disk'\nfound a password, tried on its disk/,
    );
    assert.ok(!`${stdout.toString()}${stderr}`.includes(PASSWORD));
  },
);

test(
  "the password of Debian's server opens it, too",
  requires('original server', 'gnutls', 'gpg', 'cryptsetup'),
  async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create();
    const disk = await makeLuksDisk(dir, PASSWORD);
    await using server = await OriginalServer.start({
      clients: await keys.section('client', PASSWORD),
    });
    const { code, stderr } = await rehearsed(keys, '--connect', server.address, '--device', disk);
    assert.deepEqual([code, stderr], [0, '']);
  },
);

test(
  'a disk with another password, no disk and no device are told apart',
  requires('gnutls', 'gpg', 'cryptsetup'),
  async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create();
    const disk = await makeLuksDisk(dir, `${PASSWORD}\n`);
    await using server = await ServerProgram.start({
      clients: await keys.section('client', PASSWORD),
    });
    const cases = [
      [disk, 78, /the password does not open '.*disk'\n.*hint: .*newline/],
      [await dir.write('file', 'no disk'), 72, /cannot try .*not a valid LUKS device/],
      ['/nonexistent', 72, /cannot try .*does not exist/],
      // A name is never an option of cryptsetup.
      ['--help', 72, /cannot try the password on '--help': Device --help does not exist/],
    ] as const;
    for (const [device, status, said] of cases) {
      const { code, stderr } = await rehearsed(
        keys,
        '--connect',
        server.address,
        `--device=${device}`,
      );
      assert.equal(code, status, stderr);
      assert.match(stderr, said);
    }
  },
);

test('a machine without cryptsetup is told so', needs, async () => {
  await using keys = await ClientKeys.make();
  await using dir = await TempDir.create();
  await using server = await ServerProgram.start({
    clients: await keys.section('client', PASSWORD),
  });
  // Nothing of /sbin and /usr/sbin is there, where it is looked for besides.
  const { code, stderr } = await run('/usr/bin/unshare', [
    ...['--mount', '--map-root-user', '/bin/sh', '-c'],
    'mount --bind "$1" /usr/sbin && mount --bind "$1" /sbin && shift && exec "$@"',
    ...['sh', dir.path, inRepository('bin/mandos-keygen'), '--dir', keys.directory, '--test'],
    ...['--connect', server.address, '--device', '/dev/null'],
  ]);
  assert.equal(code, 72, stderr);
  assert.match(stderr, /cannot start cryptsetup \(ENOENT\)/);
});

test(
  'S4: the password is on the standard input of cryptsetup and nowhere else',
  needs,
  async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create();
    // A stand-in, to look at what the real one is given.
    const seen = dir.join('seen');
    const script = `#!/bin/sh\n{ tr '\\0' ' ' <"/proc/$$/cmdline"; env; cat; } >"${seen}"\n`;
    await dir.write('cryptsetup', script, 0o755);
    await using server = await ServerProgram.start({
      clients: await keys.section('client', PASSWORD),
    });
    const { code, stdout, stderr } = await keygen(
      ['--dir', keys.directory, '--test', '--connect', server.address, '--device', 'DISK'],
      { env: { PATH: `${dir.path}:/usr/bin:/bin` } },
    );
    assert.equal(code, 0, stderr);
    assert.ok(!`${stdout.toString()}${stderr}`.includes(PASSWORD));
    const { stdout: content } = await run('/bin/cat', [seen]);
    const [before, ...after] = content.toString().split(PASSWORD);
    assert.deepEqual(after, ['']);
    assert.match(before ?? '', /open --test-passphrase --key-file - -- DISK /);
  },
);

test(
  'an unknown client, one locked out, and one whose blob is for another key',
  needs,
  async () => {
    await using keys = await ClientKeys.make();
    await using others = await ClientKeys.make();
    const disabled = await keys.section('client', PASSWORD, { enabled: 'no' });
    const mixed = await others.section('other', PASSWORD, { key_id: keys.keyId });
    for (const [clients, status] of [
      [await others.section('other', PASSWORD), 77],
      [disabled, 77],
      [mixed, 65],
    ] as const) {
      await using server = await ServerProgram.start({ clients });
      const { code, stderr } = await rehearsed(keys, '--connect', server.address);
      assert.equal(code, status, stderr);
      assert.match(stderr, /^mandos-keygen: .+\nmandos-keygen: hint: .+\n$/);
    }
  },
);

test('keys that are missing, unreadable or mixed up', async () => {
  await using dir = await TempDir.create();
  await using other = await TempDir.create();
  const attempt = async () => {
    const { code, stderr } = await keygen([
      '--dir',
      dir.path,
      '--test',
      '--connect',
      '127.0.0.1:1',
    ]);
    assert.equal(code, 66, stderr);
    return stderr;
  };
  assert.match(await attempt(), /there is no file '.*seckey\.txt'\n.*hint: mandos-keygen makes/);
  for (const { path } of [dir, other]) await keygen(['--dir', path, ...QUICK]);
  await run('/bin/cp', [other.join('tls-pubkey.pem'), dir.path]);
  assert.match(await attempt(), /do not belong together/);
});

test('keys of root are told as such to others', requires('root'), async () => {
  await using dir = await TempDir.create();
  await keygen(['--dir', dir.path, ...QUICK]);
  await chmod(dir.path, 0o755);
  const args = ['--dir', dir.path, '--test', '--connect', '127.0.0.1:1'];
  const { code, stderr } = await keygen(args, { uid: 65_534, gid: 65_534 });
  assert.equal(code, 66, stderr);
  assert.match(stderr, /EACCES.*\n.*hint: only root may read the keys; run it as root/);
});

test('no server is there', needs, async () => {
  await using keys = await ClientKeys.make();
  const { code, stderr } = await rehearsed(keys, '--connect', `127.0.0.1:${await freePort()}`);
  assert.equal(code, 69);
  assert.match(stderr, /no answer from .*ECONNREFUSED/);
});

test('options that do not go together make nothing', async () => {
  await using dir = await TempDir.create();
  for (const args of [
    ['--test', '--password'],
    ['--test', '--passfile=/dev/null'],
    ['--test', '--force'],
    ['--test', '--connect=nowhere'],
    ['--test', '--wait=soon'],
    ['--device=/dev/null'],
    ['--connect=127.0.0.1:1'],
    ['--server=127.0.0.1:1'],
    ['--wait=1'],
  ]) {
    const { code, stdout, stderr } = await keygen(['--dir', dir.join('keys'), ...args]);
    assert.deepEqual([code, stdout.length], [1, 0], args.join(' '));
    assert.match(stderr, /^mandos-keygen: .+\nmandos-keygen: hint: /);
  }
});

test('TERM while a server keeps it waiting ends it by that signal', needs, async () => {
  await using keys = await ClientKeys.make();
  const waits = { approval_delay: '1h', approved_by_default: 'no' };
  await using server = await ServerProgram.start({
    clients: await keys.section('client', PASSWORD, waits),
  });
  await using program = RunningProgram.start(inRepository('bin/mandos-keygen'), [
    ...['--dir', keys.directory, '--test', '--connect', server.address],
  ]);
  await program.waitForLine(/keeps this client waiting, perhaps for an approval/);
  program.kill('SIGTERM');
  assert.deepEqual(await program.exit, { code: null, signal: 'SIGTERM' });
});

test(
  'on a link of link-local addresses it finds our server and changes nothing',
  requires('gnutls', 'gpg', 'namespaces'),
  async () => {
    await using keys = await ClientKeys.make();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await right.ip('link', 'add', 'spare0', 'type', 'veth', 'peer', 'name', 'spare1');
    await using server = await home.start({ zeroconf: true, command: left.command });
    await server.program.waitForLine(/announced by Zeroconf on left0/);
    const before = await networkState(right);
    const { code, stdout, stderr } = await run(
      ...right.command(inRepository('bin/mandos-keygen'), '--dir', keys.directory, '--test'),
    );
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout.toString(), /searching by Zeroconf on right0\nasking \[fe80::/);
    assert.equal(await networkState(right), before);
  },
);

test(
  "on a link it finds Debian's server",
  requires('original server', 'avahi', 'private bus', 'gnutls', 'gpg', 'namespaces'),
  async () => {
    await using keys = await ClientKeys.make();
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await using avahi = await Avahi.start(left);
    const section = await keys.section('client', PASSWORD);
    await using _server = await OriginalServerOnLink.start(left, avahi.busAddress, section);
    const { code, stderr } = await run(
      ...right.command(inRepository('bin/mandos-keygen'), '--dir', keys.directory, '--test'),
    );
    assert.deepEqual([code, stderr], [0, '']);
  },
);

test(
  'on a link without a server it says so when the time is up',
  requires('gnutls', 'gpg', 'namespaces'),
  async () => {
    await using keys = await ClientKeys.make();
    await using network = await NetworkNamespaces.make();
    const { code, stderr } = await run(
      ...network.right.command(
        ...[inRepository('bin/mandos-keygen'), '--dir', keys.directory, '--test', '--wait', '2'],
      ),
    );
    assert.equal(code, 69);
    assert.match(stderr, /no Mandos server was found\n.*multicast DNS/);
  },
);
