/** The machine that boots in the benchmark: keys, plugins, and a link without addresses. */
import { chmod, chown, copyFile, mkdir, symlink } from 'node:fs/promises';
import { ClientKeys } from '../test/support/client-keys.ts';
import { behindSwitch } from '../test/support/client-on-link.ts';
import {
  type CommandLine,
  NetworkNamespaces,
  type NetworkSide,
} from '../test/support/network-namespaces.ts';
import { originalFolder } from '../test/support/original-client.ts';
import { inRepository } from '../test/support/repository.ts';
import { TempDir } from '../test/support/temp-dir.ts';
import { QuietTerminal } from './terminal.ts';

export const PASSWORD = 'secret of the disk';

/** As whom plugins run; keys in an initial RAM disk belong to it. */
const USER = 65_534;
const PLUGINS = ['mandos-client', 'password-prompt'] as const;

/** The original leaves a key ring and a gpg-agent behind; both end with these namespaces. */
const CONFINED = [
  ...['/usr/bin/unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c'],
  'mount -t tmpfs tmpfs /run && mkdir -m 1777 /run/tmp && "$@"; exit $?',
  'sh',
] as const;

/** Processes of `CONFINED`, which are none of the subject's. */
export const CONFINEMENT = 2;

export class BootMachine implements AsyncDisposable {
  readonly keys: ClientKeys;
  readonly terminal: QuietTerminal;
  /** Where servers are. */
  readonly server: NetworkSide;
  readonly #client: NetworkSide;
  readonly #dir: TempDir;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    stack: AsyncDisposableStack,
    parts: { keys: ClientKeys; terminal: QuietTerminal; network: NetworkNamespaces; dir: TempDir },
  ) {
    this.#stack = stack;
    this.keys = parts.keys;
    this.terminal = parts.terminal;
    this.server = parts.network.left;
    this.#client = parts.network.right;
    this.#dir = parts.dir;
  }

  static async make(): Promise<BootMachine> {
    await using stack = new AsyncDisposableStack();
    const keys = stack.use(await ClientKeys.make('ed25519', 'rsa4096'));
    await chown(keys.directory, USER, USER);
    const { tlsPrivateKey, tlsPublicKey, openPgpSecretKey, openPgpPublicKey } = keys;
    for (const path of [tlsPrivateKey, tlsPublicKey, openPgpSecretKey, openPgpPublicKey]) {
      await chown(path, USER, USER);
    }
    const network = stack.use(await NetworkNamespaces.make(false));
    await behindSwitch(network.left);
    const terminal = stack.use(await QuietTerminal.open());
    const dir = stack.use(await TempDir.create(0o755));
    await mkdir(dir.join('hooks'));
    return new BootMachine(stack.move(), { keys, terminal, network, dir });
  }

  /** Our plugin-runner with our plugins. */
  async ours(): Promise<CommandLine> {
    await mkdir(this.#dir.join('ours'));
    for (const name of PLUGINS) {
      await symlink(inRepository(`bin/${name}`), this.#dir.join('ours', name));
    }
    return this.#runner(inRepository('bin/plugin-runner'), 'ours', '/nonexistent');
  }

  /** Debian's plugin-runner with its plugins, of which some are set-user-ID root. */
  async original(): Promise<CommandLine> {
    await mkdir(this.#dir.join('original'));
    const folder = originalFolder();
    for (const name of PLUGINS) {
      const plugin = this.#dir.join('original', name);
      await copyFile(`${folder}/plugins.d/${name}`, plugin);
      await chmod(plugin, name === 'mandos-client' ? 0o4755 : 0o755);
    }
    // Its helper runs as the plugins' user, who does not get into Debian's folder.
    await mkdir(this.#dir.join('helpers'));
    const helper = this.#dir.join('helpers/mandos-client-iprouteadddel');
    await copyFile(`${folder}/plugin-helpers/mandos-client-iprouteadddel`, helper);
    await chmod(helper, 0o755);
    return this.#runner(`${folder}/plugin-runner`, 'original', this.#dir.join('helpers'));
  }

  #runner(program: string, plugins: string, helpers: string): CommandLine {
    const options = [`--network-hook-dir=${this.#dir.join('hooks')}`, ...this.keys.options];
    return this.#client.command(
      ...CONFINED,
      ...[program, '--config-file=/nonexistent', `--plugin-dir=${this.#dir.join(plugins)}`],
      `--plugin-helper-dir=${helpers}`,
      ...options.map((option) => `--options-for=mandos-client:${option}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}
