import assert from 'node:assert/strict';
import { constants } from 'node:os';
import test from 'node:test';
import { latin1Text } from '../../../src/core/bytes.ts';
import { Blob } from '../../../src/core/secret.ts';
import { openBlob } from '../../../src/openpgp/open.ts';
import { blobOf, keygen } from '../../support/keygen.ts';
import { onATerminal, type Step } from '../../support/on-a-terminal.ts';
import { asOwnKey, makeOwnKey } from '../../support/own-key.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';

const files = await makeOwnKey();
const key = await asOwnKey(files);

async function keyDirectory(): Promise<TempDir> {
  const dir = await TempDir.create();
  await dir.write('seckey.txt', files.secretKey);
  await dir.write('pubkey.txt', files.publicKey);
  return dir;
}

/** The password that was sealed into a section, a character a byte. */
async function unsealed(section: string | Buffer): Promise<string> {
  return latin1Text((await openBlob(new Blob(blobOf(section)), key)).password.bytes);
}

async function prompt(dir: TempDir, steps: readonly Step[]) {
  const program = inRepository('bin/mandos-keygen');
  return await onATerminal([program, '--password', '--no-ssh', '--dir', dir.path], steps);
}

const FIRST: readonly Step[] = [{ echo: false }, { expect: 'Password: ' }];
const SECOND: Step = { expect: 'again: ' };

test('a password typed twice is sealed and never shown', requires('pseudo-terminal'), async () => {
  await using dir = await keyDirectory();
  const typed = { type: ' op\u00e9n \u0001sesame\r' };
  const { code, output, shown, echo } = await prompt(dir, [...FIRST, typed, SECOND, typed]);
  assert.equal(code, 0, shown);
  assert.equal(await unsealed(output), 'op\u00e9n \u0001sesame');
  assert.doesNotMatch(shown, /sesame/);
  assert.equal(echo, true, 'echo is on again');
});

test('what was mistyped can be corrected unseen', requires('pseudo-terminal'), async () => {
  await using dir = await keyDirectory();
  const { output } = await prompt(dir, [
    ...FIRST,
    { type: 'wrong\u0015rig\u00c3\u00a4\u007fhtx\u007f\r' },
    SECOND,
    { type: 'right\r' },
  ]);
  assert.equal(await unsealed(output), 'right');
});

test('two that differ are asked for again', requires('pseudo-terminal'), async () => {
  await using dir = await keyDirectory();
  const { code, output } = await prompt(dir, [
    ...FIRST,
    { type: 'one\r' },
    SECOND,
    { type: 'two\r' },
    { expect: 'not the same' },
    { expect: 'Password: ' },
    { type: 'three\r' },
    SECOND,
    { type: 'three\r' },
  ]);
  assert.equal(code, 0);
  assert.equal(await unsealed(output), 'three');
});

test(
  'a password longer than a terminal line can be typed',
  requires('pseudo-terminal'),
  async () => {
    await using dir = await keyDirectory();
    const long = 'abcdefghij'.repeat(600);
    const typed = { type: `${long}\r` };
    const { output } = await prompt(dir, [...FIRST, typed, SECOND, typed]);
    assert.equal(await unsealed(output), long);
  },
);

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${name} ends the prompt, with echo on again`, requires('pseudo-terminal'), async () => {
    await using dir = await keyDirectory();
    const number = constants.signals[name];
    const end = await prompt(dir, [...FIRST, { type: 'half' }, { signal: number }]);
    assert.equal(end.signal, name, end.shown);
    assert.equal(end.echo, true);
    assert.equal(end.output, '');
  });
}

test('Ctrl-C ends it as an interrupt does', requires('pseudo-terminal'), async () => {
  await using dir = await keyDirectory();
  const end = await prompt(dir, [...FIRST, { type: 'half\u0003' }]);
  assert.equal(end.signal, 'SIGINT', end.shown);
  assert.equal(end.echo, true);
});

test('Ctrl-D and a terminal that goes away end it', requires('pseudo-terminal'), async () => {
  await using dir = await keyDirectory();
  const end = await prompt(dir, [...FIRST, { type: '\u0004' }]);
  assert.equal(end.code, 1, end.shown);
  assert.equal(end.echo, true);
  const gone = await prompt(dir, [...FIRST, { hangup: true }]);
  assert.notEqual(gone.code, 0);
  assert.equal(gone.output, '');
});

test('without keys nobody is asked for a password', requires('pseudo-terminal'), async () => {
  await using dir = await TempDir.create();
  const { code, shown } = await prompt(dir, []);
  assert.notEqual(code, 0);
  assert.match(shown, /no OpenPGP key[\s\S]*mandos-keygen --dir/);
  assert.doesNotMatch(shown, /Password/);
});

test('a password can be piped in, once and once again', async () => {
  await using dir = await keyDirectory();
  for (const [input, password] of [
    ['one\none\n', 'one'],
    ['  x y \n\tx y\n', 'x y'],
    ['a\\b\na\\b', 'a\\b'],
    ['one\ntwo\nthree\nthree\n', 'three'],
  ] as const) {
    const { code, stdout, stderr } = await keygen(['-p', '-S', '-d', dir.path], { input });
    assert.equal(code, 0, stderr);
    assert.equal(await unsealed(stdout), password);
  }
});

test('a password piped in once, or none, is refused', async () => {
  await using dir = await keyDirectory();
  for (const input of ['', 'x', 'x\n', 'one\ntwo\n', '\n\n']) {
    const { code, stdout, stderr } = await keygen(['-p', '-S', '-d', dir.path], { input });
    assert.notEqual(code, 0);
    assert.equal(stdout.length, 0);
    assert.match(stderr, /hint: /);
  }
});

test('the bytes of a file are sealed as they are', async () => {
  await using dir = await keyDirectory();
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (const content of [all, new Uint8Array(), Buffer.from(' x \n'), new Uint8Array(100_000)]) {
    await dir.write('password', content);
    const { stdout } = await keygen(['-S', '-d', dir.path, '-F', dir.join('password')]);
    assert.equal(await unsealed(stdout), latin1Text(content));
  }
});

test('files with odd names, /dev/null and standard input are files too', async () => {
  await using dir = await keyDirectory();
  await dir.write('-password', 'dash');
  const cwd = dir.path;
  const read = async (args: readonly string[], input = '') =>
    await unsealed((await keygen(['-S', '-d', '.', ...args], { cwd, input })).stdout);
  assert.equal(await read(['--passfile', '-password']), 'dash');
  assert.equal(await read(['--passfile=-password', '--password']), 'dash');
  assert.equal(await read(['--passfile=/dev/null']), '');
  assert.equal(await read(['--passfile=-'], 'piped\n'), 'piped\n');
});

test('a file that is not there, or no file, is an error that names it', async () => {
  await using dir = await keyDirectory();
  for (const file of [dir.join('none'), dir.path]) {
    const { code, stdout, stderr } = await keygen(['-S', '-d', dir.path, '-F', file]);
    assert.notEqual(code, 0);
    assert.equal(stdout.length, 0);
    assert.ok(stderr.includes(file), stderr);
  }
});
