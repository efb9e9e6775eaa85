/** The single executable that `npm run build` makes: its names, its bytes, what it listens to. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { type ProgramOptions, RunningProgram, run, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const NAMES = readdirSync(inRepository('src/programs')).map((file) => basename(file, '.ts'));

/** Builds the executable from a copy of the sources. */
async function buildIn(root: string): Promise<string> {
  mkdirSync(root);
  for (const name of ['src', 'scripts', 'package.json', 'tsconfig.json']) {
    cpSync(inRepository(name), join(root, name), { recursive: true });
  }
  symlinkSync(inRepository('node_modules'), join(root, 'node_modules'));
  const script = join(root, 'scripts/build.ts');
  await succeed(inRepository('scripts/node'), [script], { timeout: 100_000 });
  return join(root, 'build');
}

describe('the executable', requires('strip'), () => {
  let dir: TempDir;
  let build: string;

  before(async () => {
    dir = await TempDir.create(0o711);
    build = await buildIn(dir.join('one'));
  });

  after(async () => {
    await dir[Symbol.asyncDispose]();
  });

  /** What a program prints about its version. */
  async function version(path: string, args: readonly string[], options: ProgramOptions = {}) {
    const { code, stdout, stderr } = await run(path, args, options);
    return { code, stdout: stdout.toString().split(' ')[0], stderr };
  }

  it('is the same, byte by byte, wherever it is built', async () => {
    const other = await buildIn(dir.join('somewhere-else'));
    const bytes = readFileSync(join(build, 'mandos'));
    assert.equal(bytes.compare(readFileSync(join(other, 'mandos'))), 0);
  });

  it('is every program by its name', async () => {
    assert.deepEqual(readdirSync(join(build, 'bin')).toSorted(), NAMES.toSorted());
    for (const name of ['mandos', 'mandos-client', 'mandos-keygen', 'plugin-runner']) {
      const expected = { code: name === 'mandos-client' ? 64 : 0, stdout: name, stderr: '' };
      assert.deepEqual(await version(join(build, 'bin', name), ['--version']), expected);
    }
  });

  it('takes the name as its first argument when it has none of its own', async () => {
    symlinkSync(join(build, 'mandos'), dir.join('everything'));
    const expected = { code: 64, stdout: 'mandos-client', stderr: '' };
    const everything = dir.join('everything');
    assert.deepEqual(await version(everything, ['mandos-client', '--version']), expected);
    const { code, stderr } = await run(everything, ['frobnicate']);
    assert.equal(code, 64);
    assert.match(stderr, /no program named 'frobnicate'; there are: .*mandos-client/);
  });

  it('takes no option of Node from its command line or environment', async () => {
    const program = join(build, 'bin/mandos-client');
    for (const option of ['--inspect', '--require=/nonexistent', '--eval=process.exit(9)']) {
      const { code, stdout } = await run(program, [option]);
      assert.deepEqual([code, stdout.length], [64, 0], option);
    }
    const env = {
      NODE_OPTIONS: '--require=/nonexistent --inspect=127.0.0.1:0 --trace-exit',
      OPENSSL_CONF: await dir.write('openssl.cnf', 'nodejs_conf = broken\n[broken\n', 0o644),
    };
    assert.deepEqual(await version(program, ['--version'], { env }), {
      code: 64,
      stdout: 'mandos-client',
      stderr: '',
    });
  });

  it('reads no configuration of OpenSSL and no script', requires('strace'), async () => {
    const trace = dir.join('trace');
    const strace = ['-f', '-o', trace, '-e', 'trace=open,openat,access,execve'];
    const program = join(build, 'bin/mandos');
    await succeed('/usr/bin/strace', [...strace, program, '--check'], {
      env: { OPENSSL_CONF: '/etc/hostname' },
    });
    const opened = Array.from(
      readFileSync(trace, 'latin1').matchAll(/(?:open|openat|access)\(.*?"([^"]+)"/g),
      ([, path = '']) => path,
    );
    assert.ok(opened.includes('/dev/null'), 'the trace has what is opened in their place');
    const odd = opened.filter(
      (path) =>
        !/^\/(?:proc|sys|dev|lib|lib64|usr\/lib)\//.test(path) &&
        !/^\/etc\/ld\.so\.\w+$/.test(path) &&
        path !== join(build, 'mandos'),
    );
    assert.deepEqual(odd, []);
    assert.deepEqual(
      opened.filter((path) => /\.cnf|\.[cm]?js$|\.ts$|ssl/.test(path)),
      [],
    );
  });

  it('is called by its name in ps, and opens no inspector on SIGUSR1', async () => {
    await dir.write('mandos.conf', '[DEFAULT]\n');
    const where = ['--configdir', dir.path, '--statedir', dir.join('state')];
    await using server = RunningProgram.start(join(build, 'bin/mandos'), [
      ...['--debug', '--no-dbus', '--no-zeroconf', '--port', String(await freePort()), ...where],
    ]);
    await server.waitForLine(/now listening/);
    const status = readFileSync(`/proc/${server.pid}/status`, 'latin1');
    assert.match(status, /^Name:\tmandos$/m);
    const caught = Number.parseInt(/^SigCgt:\s*\w*?(\w{8})$/m.exec(status)?.[1] ?? '', 16);
    assert.notEqual(caught & (1 << (constants.signals.SIGTERM - 1)), 0);
    assert.equal(caught & (1 << (constants.signals.SIGUSR1 - 1)), 0);
  });

  it('passes the self-tests of the server: TLS and clocks through foreign functions', async () => {
    const report = (await succeed(join(build, 'bin/mandos'), ['--check'])).toString();
    assert.match(report, /^(?:ok: .*\n)+$/);
  });
});
