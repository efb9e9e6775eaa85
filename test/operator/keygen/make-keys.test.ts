import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { KEY_FILES } from '../../../src/operator/keygen/key-directory.ts';
import { keygen, optionOf, QUICK } from '../../support/keygen.ts';
import { run } from '../../support/process.ts';
import { inRepository } from '../../support/repository.ts';
import { TempDir } from '../../support/temp-dir.ts';

async function contents(directory: string): Promise<Record<string, string>> {
  const entries = (await readdir(directory)).sort();
  const texts = entries.map(
    async (name) => [name, await readFile(`${directory}/${name}`, 'latin1')] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}

test('four private files in a private directory that need not exist', async () => {
  await using dir = await TempDir.create();
  const directory = dir.join('keys', 'mandos');
  const { code, stdout, stderr } = await keygen([...QUICK, '--dir', directory]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.length, 0);
  assert.deepEqual((await readdir(directory)).sort(), [...KEY_FILES].sort());
  assert.equal((await stat(directory)).mode & 0o7777, 0o700);
  for (const name of KEY_FILES) {
    assert.equal((await stat(`${directory}/${name}`)).mode & 0o7777, 0o600, name);
  }
});

test('the defaults are RSA-4096 and Ed25519', async () => {
  await using dir = await TempDir.create();
  assert.equal((await keygen(['--dir', dir.path], { timeout: 110_000 })).code, 0);
  // The modulus of a 4096 bit key does not fit into a file of fewer characters.
  assert.ok((await stat(dir.join('seckey.txt'))).size > 6000);
  assert.match(await readFile(dir.join('tls-pubkey.pem'), 'latin1'), /^MCowBQYDK2VwAyEA/m);
});

for (const name of KEY_FILES) {
  test(`without --force keys are not made where there is a ${name}`, async () => {
    await using dir = await TempDir.create();
    await dir.write(name, 'precious');
    const { code, stderr } = await keygen([...QUICK, '--dir', dir.path]);
    assert.notEqual(code, 0);
    assert.ok(stderr.includes(name), stderr);
    assert.match(stderr, /--force/);
    assert.deepEqual(await contents(dir.path), { [name]: 'precious' });
  });
}

test('with --force old keys are kept as numbered backups, private too', async () => {
  await using dir = await TempDir.create();
  for (const name of KEY_FILES) await writeFile(dir.join(name), `old ${name}`, { mode: 0o644 });
  await dir.write('seckey.txt.~7~', 'very old');
  assert.equal((await keygen([...QUICK, '--dir', dir.path, '--force'])).code, 0);
  const after = await contents(dir.path);
  assert.equal(after['seckey.txt.~7~'], 'very old');
  assert.equal(after['seckey.txt.~8~'], 'old seckey.txt');
  for (const name of KEY_FILES.slice(1)) assert.equal(after[`${name}.~1~`], `old ${name}`);
  assert.equal(Object.keys(after).length, 9);
  for (const name of Object.keys(after)) {
    assert.equal((await stat(dir.join(name))).mode & 0o7777, 0o600, name);
  }
});

test('a directory that others may write to is refused', async () => {
  await using dir = await TempDir.create();
  await mkdir(dir.join('wide'));
  await chmod(dir.join('wide'), 0o777);
  const { code, stderr } = await keygen([...QUICK, '--dir', dir.join('wide')]);
  assert.notEqual(code, 0);
  assert.match(stderr, /other users may write[\s\S]*chmod go-w/);
  assert.deepEqual(await readdir(dir.join('wide')), []);
});

test('what cannot be made is refused before anything is written', async () => {
  await using dir = await TempDir.create();
  const directory = dir.join('keys');
  for (const [args, message] of [
    [['--type', 'DSA'], /no longer made[\s\S]*RSA or ed25519/],
    [['--subtype', 'ELG-E'], /no longer made/],
    [['--length', '512'], /1024 to 8192/],
    [['--expire', 'tomorrow'], /cannot be understood/],
    [['--tls-keytype', 'dsa'], /TLS 1\.3[\s\S]*ed25519/],
    [['--tls-keytype', 'x'], /unknown TLS key type/],
    [['--bogus'], /bogus/],
    [['--pass'], /--password, --passfile/],
    [['operand'], /operand/],
    [['--dir'], /--dir/],
  ] as const) {
    const { code, stderr } = await keygen(['--dir', directory, ...args]);
    assert.equal(code === 0, false, args.join(' '));
    assert.match(stderr, message);
    await assert.rejects(stat(directory), { code: 'ENOENT' });
  }
});

test('long options may be abbreviated and joined to their values', async () => {
  await using dir = await TempDir.create();
  const args = [`--di=${dir.path}`, '--ty=ed25519', '-ntest', '--tls=ed448', '-fx2d'];
  assert.equal((await keygen(args)).code, 0);
  const section = (await keygen(['-S', '-d', dir.path, '--passf=/dev/null', '-nx'])).stdout;
  assert.match(optionOf(section, 'key_id') ?? '', /^[0-9a-f]{64}$/);
  assert.match(optionOf(section, 'fingerprint') ?? '', /^[0-9A-F]{40}$/);
});

test('--help and --version answer on standard output', async () => {
  const help = await keygen(['--help']);
  assert.equal(help.code, 0);
  for (const option of ['--dir', '--tls-keytype', '--passfile', '--no-ssh', '--force']) {
    assert.ok(help.stdout.includes(option), option);
  }
  assert.match((await keygen(['-v'])).stdout.toString(), /^mandos-keygen \d+\.\d+\.\d+\n$/);
});

test('a section that cannot be written is an error, not a trace', async () => {
  const { code, stderr } = await run('/bin/sh', [
    '-c',
    '"$0" --help >/dev/full',
    inRepository('bin/mandos-keygen'),
  ]);
  assert.notEqual(code, 0);
  assert.equal(stderr, 'mandos-keygen: cannot write to standard output (ENOSPC)\n');
});
