import { avahiDaemonScript } from '../support/avahi-daemon.ts';
import { RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';

const BROWSE = inRepository('.cache/originals/avahi-utils/usr/bin/avahi-browse');

/** A bridge to nowhere is enough for Avahi to announce on. */
const NETWORK = `ip link set lo up && ip link add mandos0 type bridge &&
  ip link set mandos0 up multicast on && ip addr add 192.0.2.1/24 dev mandos0`;

/** avahi-daemon on a bus of a test's own, in a network namespace with nothing else in it. */
export class AvahiHost implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly #busAddress: string;
  #daemon: RunningProgram | null = null;

  private constructor(dir: TempDir, busAddress: string) {
    this.#dir = dir;
    this.#busAddress = busAddress;
  }

  static async start(busAddress: string): Promise<AvahiHost> {
    const dir = await TempDir.create(0o711);
    await dir.write(
      'avahi.conf',
      `[server]
host-name=test
use-ipv4=yes
use-ipv6=yes
enable-dbus=yes
ratelimit-interval-usec=0
`,
    );
    const host = new AvahiHost(dir, busAddress);
    await host.startAgain();
    return host;
  }

  async startAgain(): Promise<void> {
    const daemon = await avahiDaemonScript(this.#dir, this.#dir.join('avahi.conf'));
    const script = `${NETWORK} && ${daemon}`;
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child'];
    this.#daemon = RunningProgram.start('/usr/bin/unshare', [...namespaces, 'sh', '-c', script], {
      env: { DBUS_SYSTEM_BUS_ADDRESS: this.#busAddress },
    });
    await this.#daemon.waitForLine(/Server startup complete/);
  }

  async stop(): Promise<void> {
    await this.#daemon?.[Symbol.asyncDispose]();
    this.#daemon = null;
  }

  /** The services on the network as avahi-browse finds them: name, port and kind of IP. */
  async browse(): Promise<{ name: string; port: number; ip: string }[]> {
    const { stdout } = await run(BROWSE, ['-rpt', '_mandos._tcp'], {
      env: { DBUS_SYSTEM_BUS_ADDRESS: this.#busAddress },
    });
    return stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('='))
      .map((line) => {
        const [, , ip = '', name = '', , , , , port] = line.split(';');
        // DNS labels are escaped: \032 is a blank.
        const plain = name.replaceAll(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code)));
        return { name: plain, port: Number(port), ip };
      });
  }

  /** avahi-browse as it keeps watching: a line with `+` for what comes, with `-` for what goes. */
  watch(): RunningProgram {
    return RunningProgram.start(BROWSE, ['-p', '_mandos._tcp'], {
      env: { DBUS_SYSTEM_BUS_ADDRESS: this.#busAddress },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#dir[Symbol.asyncDispose]();
  }
}
