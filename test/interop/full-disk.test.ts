/** F2 with the whole daemon: its disk fills, it is killed, and there is room again. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { ask } from '../support/mandos-peer.ts';
import { RunningProgram, run } from '../support/process.ts';
import { requires } from '../support/requirements.ts';
import { type HomeStartOptions, ServerHome } from '../support/server-home.ts';
import { type TlsKey, tlsKey } from '../support/tls-keys.ts';

const [dying, alive] = [tlsKey(), tlsKey()];

function section(name: string, key: TlsKey, more: Readonly<Record<string, string>>): string {
  const secret = Buffer.from('the blob').toString('base64');
  return clientSection(name, {
    key_id: key.keyId,
    host: 'here',
    secret,
    interval: 'PT1S',
    ...more,
  });
}

/** A small disk that only programs see which are started `on` it. */
class SmallDisk implements AsyncDisposable {
  readonly #keeper: RunningProgram;
  readonly path: string;

  private constructor(keeper: RunningProgram, path: string) {
    this.#keeper = keeper;
    this.path = path;
  }

  /** @param path an existing folder */
  static async mount(path: string): Promise<SmallDisk> {
    const mount = 'mount -t tmpfs -o size=2m,mode=755 tmpfs "$0" && echo mounted && exec sleep 600';
    const keeper = RunningProgram.start('/usr/bin/unshare', ['--mount', 'sh', '-c', mount, path]);
    await keeper.waitForLine(/^mounted$/);
    return new SmallDisk(keeper, path);
  }

  readonly on: NonNullable<HomeStartOptions['command']> = (program, ...args) => [
    '/usr/bin/nsenter',
    [`--mount=/proc/${this.#keeper.pid}/ns/mnt`, program, ...args],
  ];

  async fill(): Promise<void> {
    const full = `head -c 4m /dev/zero > ${this.path}/filling; for n in 1 2 3 4; do
      head -c 4k /dev/zero >> ${this.path}/filling; done`;
    const { stderr } = await run(...this.on('/bin/sh', '-c', full));
    assert.match(stderr, /No space left/);
  }

  async empty(): Promise<void> {
    await run(...this.on('/bin/rm', `${this.path}/filling`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper[Symbol.asyncDispose]();
  }
}

async function served(server: { readonly port: number }, key: TlsKey): Promise<boolean> {
  return (await ask(server.port, key.privatePem)) !== null;
}

it(
  'F2: with its disk full it locks out, serves the living, and forgets neither in a crash',
  requires('namespaces'),
  async () => {
    await using home = await ServerHome.make('');
    const flag = home.path('up');
    await writeFile(flag, '');
    await home.write(
      section('dying', dying, { checker: `test -e ${flag}`, timeout: 'PT2S' }) +
        section('alive', alive, { checker: 'true', timeout: 'PT1H' }),
    );
    await home.makeFolder('disk');
    await using disk = await SmallDisk.mount(home.path('disk'));
    const start = { command: disk.on, options: ['--statedir', home.path('disk', 'state')] };
    const server = await home.start(start);
    await server.program.waitForLine(/checker for dying succeeded/);
    await server.program.waitForLine(/checker for alive succeeded/);
    await disk.fill();
    await rm(flag);
    await server.program.waitForLine(/cannot write to .*lock-outs and denials act all the same/);
    await server.program.waitForLine(/client dying is disabled/);
    assert.equal(await served(server, dying), false);
    assert.equal(await served(server, alive), true);
    await server.stop('SIGKILL');

    // It serves nobody before what it decided is stored.
    await using again = await home.attempt(start);
    await again.program.waitForLine(/cannot write to/);
    assert.doesNotMatch(again.log, /now listening/);
    await disk.empty();
    await again.program.waitForLine(/now listening/);
    assert.equal(await served(again, dying), false);
    assert.equal(await served(again, alive), true);
  },
);
