import assert from 'node:assert/strict';
import { chown, readFile } from 'node:fs/promises';
import process from 'node:process';
import test from 'node:test';
import { findSshHostKey } from '../../../src/operator/keygen/ssh-host-key.ts';
import { freePort } from '../../support/free-port.ts';
import { keygen, optionOf } from '../../support/keygen.ts';
import { makeOwnKey } from '../../support/own-key.ts';
import { RunningProgram, run, succeed } from '../../support/process.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';

const files = await makeOwnKey();
const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIDjbmxAGXpvUTbcHcNwHq8Sa2eEqnQ3v7kA5nDHhOrb1';

/** A key directory, with an ssh-keyscan of this text beside it. */
async function withKeyscan(script: string): Promise<TempDir> {
  const dir = await TempDir.create(0o755);
  await dir.write('seckey.txt', files.secretKey);
  await dir.write('ssh-keyscan', `#!/bin/sh\n${script}`, 0o755);
  return dir;
}

const pathOf = (dir: TempDir): string => `${dir.path}:/usr/sbin:/usr/bin:/sbin:/bin`;

async function section(dir: TempDir, args: readonly string[] = []): Promise<string> {
  const all = ['--dir', dir.path, '--passfile=/dev/null', '--name=client', ...args];
  const { code, stdout, stderr } = await keygen(all, { env: { PATH: pathOf(dir) } });
  assert.equal(code, 0, stderr);
  return stdout.toString();
}

/** The checker command as a server runs it, for a client on `host`. */
function expanded(text: string, host: string): string {
  const quoted = `'${host.replaceAll("'", "'\\''")}'`;
  return (optionOf(text, 'checker') ?? '')
    .replaceAll(/%(%|\(ssh_fingerprint\)s)/g, (_, what) =>
      what === '%' ? '%' : (optionOf(text, 'ssh_fingerprint') ?? ''),
    )
    .replaceAll('%(host)s', () => quoted);
}

async function check(text: string, host: string, dir: TempDir): Promise<number | null> {
  return (await run('/bin/sh', ['-c', expanded(text, host)], { env: { PATH: pathOf(dir) } })).code;
}

const ANSWERS = {
  'an old ssh-keyscan, which talks on standard error':
    'echo "# $5:22 SSH-2.0-OpenSSH_9.2" >&2\necho "$5 ssh-ed25519 KEY"',
  'an ssh-keyscan since OpenSSH 9.8, which talks on standard output':
    'echo "# $5:22 SSH-2.0-OpenSSH_9.9"\necho "$5 ssh-ed25519 KEY"',
};

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`with ${name}, the section has a checker that works with it`, async () => {
    const script = answer.replaceAll('KEY', KEY);
    await using dir = await withKeyscan(`${script}\n`);
    const text = await section(dir);
    assert.equal(optionOf(text, 'ssh_fingerprint'), `ssh-ed25519 ${KEY}`);
    // As a server calls it: ssh-keyscan -t TYPE HOST.
    await using server = await withKeyscan(`${script.replaceAll('$5', '$3')}\n`);
    assert.equal(await check(text, 'client.example', server), 0);
    const otherKey = KEY.replace(/1$/, '2');
    const impostor = script.replaceAll('$5', '$3').replaceAll(KEY, otherKey);
    await using changed = await withKeyscan(`${impostor}\n`);
    assert.notEqual(await check(text, 'client.example', changed), 0);
    await using silent = await withKeyscan('exit 1\n');
    assert.notEqual(await check(text, 'client.example', silent), 0);
  });
}

test('a host of any name stays one argument of the checker', async () => {
  await using dir = await withKeyscan(`echo "$5 ssh-ed25519 ${KEY}"\n`);
  const text = await section(dir);
  await using server = await withKeyscan(`[ $# = 3 ] && echo "$3 ssh-ed25519 ${KEY}"\n`);
  for (const host of ['a b', '$(touch x)', "it's", '-x', 'a|b', '*', 'a"b']) {
    assert.equal(await check(text, host, server), 0, host);
  }
});

test('the best kind of key is asked for first, the others when it is not there', async () => {
  await using dir = await withKeyscan(`[ "$4" = rsa ] && echo "localhost ssh-rsa ${KEY}"\n`);
  const text = await section(dir);
  assert.match(optionOf(text, 'checker') ?? '', /^ssh-keyscan -t rsa /);
});

test('no answer, a broken one, --no-ssh: no checker', async () => {
  for (const script of ['exit 1', 'echo nonsense', 'echo "# localhost:22 SSH-2.0-OpenSSH_9.9"']) {
    await using dir = await withKeyscan(`${script}\n`);
    assert.doesNotMatch(await section(dir), /checker|ssh_fingerprint/);
  }
  await using dir = await withKeyscan(`echo "localhost ssh-ed25519 ${KEY}"\n`);
  assert.doesNotMatch(await section(dir, ['--no-ssh']), /checker|ssh_fingerprint/);
});

test('an ssh-keyscan that never ends is not waited for', async (context) => {
  await using dir = await withKeyscan('exec sleep 1000\n');
  const { PATH } = process.env;
  process.env.PATH = pathOf(dir);
  context.after(() => {
    process.env.PATH = PATH;
  });
  assert.equal(await findSshHostKey(new AbortController().signal, 100), undefined);
});

test(
  'the key of a real SSH server is found, and its checker finds it',
  requires('sshd'),
  async () => {
    await using keys = await TempDir.create(0o711);
    const hostKey = keys.join('host-key');
    await succeed('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
    const [type, key] = (await readFile(`${hostKey}.pub`, 'latin1')).split(' ');
    // As root it would want a user and a directory of its own.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
    if (nobody !== undefined) await chown(hostKey, nobody.uid, nobody.gid);
    const port = await freePort();
    await using server = RunningProgram.start(
      inRepository('.cache/originals/openssh-server/usr/sbin/sshd'),
      [
        ...['-D', '-e', '-f', '/dev/null', '-h', hostKey, '-p', String(port)],
        ...['-o', 'ListenAddress=127.0.0.1', '-o', 'UsePAM=no'],
      ],
      nobody,
    );
    await server.waitForLine(/Server listening/);
    // The real program, pointed at the port of the test; it then writes [HOST]:PORT.
    await using dir = await withKeyscan(
      `/usr/bin/ssh-keyscan -p ${port} "$@" | sed 's/^\\[\\(.*\\)\\]:${port} /\\1 /'\n`,
    );
    const text = await section(dir);
    assert.equal(optionOf(text, 'ssh_fingerprint'), `${type} ${key}`.trim());
    assert.equal(await check(text, 'localhost', dir), 0);
    assert.equal(await check(text, '127.0.0.1', dir), 0);
  },
);
