/** L4: as a service, the server keeps of its capabilities only what its checkers need. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { bindTcp, closeDescriptor, listenTcp, tcpSocket } from '../../src/native/libc.ts';
import { freePort } from '../support/free-port.ts';
import { RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const CAP_NET_RAW = 1n << 13n;
const NOBODY = 65534;
const SETPRIV = '/usr/bin/setpriv';

const CLIENTS = `[web]
key_id = ${'01'.repeat(32)}
secfile = secret
host = localhost
interval = PT1S
`;

/** The capabilities of the threads of a process, by their names. */
function capabilities(pid: number, set: string): ReadonlyMap<string, bigint> {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  return new Map(
    threads.map((path) => {
      const status = readFileSync(`${path}/status`, 'latin1');
      const bits = new RegExp(`^${set}:\\s*(\\w+)$`, 'm').exec(status)?.[1] ?? '';
      return [`${readFileSync(`${path}/comm`, 'latin1').trim()} ${path}`, BigInt(`0x${bits}`)];
    }),
  );
}

/** What a server needs that reads what only root may read. */
class Home implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly #state: TempDir;

  private constructor(dir: TempDir, state: TempDir) {
    this.#dir = dir;
    this.#state = state;
  }

  static async create(): Promise<Home> {
    const dir = await TempDir.create(0o711);
    await dir.write('mandos.conf', '[DEFAULT]\n');
    await dir.write('clients.conf', CLIENTS.replace('= secret', `= ${dir.join('secret')}`));
    await dir.write('secret', 'sealed');
    const state = await TempDir.create();
    chownSync(state.path, NOBODY, NOBODY);
    return new Home(dir, state);
  }

  /** The arguments of setpriv(1) that start it as its unit does. */
  command(...options: readonly string[]): string[] {
    const given = '-all,+net_raw,+dac_read_search';
    return [
      ...['--reuid=nobody', '--regid=nogroup', '--clear-groups', '--no-new-privs'],
      ...[`--inh-caps=${given}`, `--ambient-caps=${given}`, `--bounding-set=${given}`],
      ...[inRepository('bin/mandos'), '--no-dbus', '--no-zeroconf'],
      ...['--configdir', this.#dir.path, '--statedir', this.#state.path, ...options],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
    await this.#state[Symbol.asyncDispose]();
  }
}

describe('mandos as its unit starts it', requires('setpriv'), () => {
  it('reads what only root may read, has that in no thread any more, and pings', async () => {
    await using home = await Home.create();
    const options = ['--foreground', '--debug', '--port', String(await freePort())];
    await using server = RunningProgram.start(SETPRIV, home.command(...options));
    await server.waitForLine(/now listening .* 1 clients/);
    await server.waitForLine(/checker for web succeeded/i);
    for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapAmb']) {
      const threads = capabilities(server.pid, set);
      assert.ok(threads.size > 2, 'the runtime has threads of its own');
      for (const [name, bits] of threads)
        assert.equal(bits & ~CAP_NET_RAW, 0n, `${set} of ${name}`);
      assert.equal(threads.get(`mandos /proc/${server.pid}/task/${server.pid}`), CAP_NET_RAW, set);
    }
  });

  it('keeps the socket that it was handed', async () => {
    await using home = await Home.create();
    const socket = tcpSocket('ipv4');
    const port = await freePort();
    bindTcp(socket, 'ipv4', '127.0.0.1', port, 0);
    listenTcp(socket, 16);
    const child = spawn(SETPRIV, home.command('--foreground', '--debug', '--socket=3'), {
      stdio: ['ignore', 'ignore', 'pipe', socket],
    });
    closeDescriptor(socket);
    let log = '';
    for await (const text of child.stderr?.setEncoding('utf8') ?? []) {
      log += String(text);
      if (/now listening/.test(log)) break;
    }
    child.kill();
    await once(child, 'exit');
    assert.match(log, new RegExp(`now listening on port ${port}`));
  });

  it('in the background, too, tells whoever started it why it does not serve', async () => {
    await using home = await Home.create();
    const socket = tcpSocket('ipv6');
    const port = await freePort();
    bindTcp(socket, 'ipv6', null, port, 0);
    listenTcp(socket, 16);
    const { code, stderr } = await run(SETPRIV, home.command('--port', String(port)));
    closeDescriptor(socket);
    assert.match(stderr, /cannot listen on/);
    assert.notEqual(code, 0);
  });
});
