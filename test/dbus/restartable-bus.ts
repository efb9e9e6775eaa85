import { RunningProgram } from '../support/process.ts';
import { TempDir } from '../support/temp-dir.ts';

const HEAD = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">`;

const OPEN = `<policy context="default">
  <allow user="*"/><allow own="*"/>
  <allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/>
</policy>`;

/** A message bus of a test's own that can be stopped and started again at the same address. */
export class RestartableBus implements AsyncDisposable {
  readonly address: string;
  readonly #dir: TempDir;
  #daemon: RunningProgram | null = null;

  private constructor(dir: TempDir) {
    this.#dir = dir;
    this.address = `unix:path=${dir.join('bus')}`;
  }

  /** @param policy the elements that say who may do what; everybody everything unless told */
  static async start(policy = OPEN): Promise<RestartableBus> {
    const dir = await TempDir.create(0o711);
    const bus = new RestartableBus(dir);
    await dir.write(
      'bus.conf',
      `${HEAD}<busconfig><type>system</type><listen>${bus.address}</listen>
       <auth>EXTERNAL</auth>${policy}</busconfig>`,
    );
    await bus.startAgain();
    return bus;
  }

  async startAgain(): Promise<void> {
    const config = `--config-file=${this.#dir.join('bus.conf')}`;
    const options = ['--nofork', '--nopidfile', '--print-address'];
    this.#daemon = RunningProgram.start('/usr/bin/dbus-daemon', [config, ...options]);
    await this.#daemon.waitForLine(/^unix:path=/);
  }

  async stop(): Promise<void> {
    await this.#daemon?.[Symbol.asyncDispose]();
    this.#daemon = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#dir[Symbol.asyncDispose]();
  }
}
