import { RunningProgram } from './process.ts';
import { TempDir } from './temp-dir.ts';

const DOCTYPE =
  '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" ' +
  '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">';

/** Everybody may do everything, whoever they are: the bus belongs to one test. */
const OPEN_POLICY = `<policy context="default">
  <allow user="*"/><allow own="*"/>
  <allow send_type="method_call"/><allow send_type="signal"/>
  <allow send_type="method_return"/><allow send_type="error"/>
  <allow receive_type="method_call"/><allow receive_type="signal"/>
  <allow receive_type="method_return"/><allow receive_type="error"/>
</policy>`;

/** A D-Bus system bus of a test's own. Programs find it by DBUS_SYSTEM_BUS_ADDRESS. */
export class PrivateBus implements AsyncDisposable {
  readonly address: string;
  readonly #dir: TempDir;
  readonly #daemon: RunningProgram;

  private constructor(address: string, dir: TempDir, daemon: RunningProgram) {
    this.address = address;
    this.#dir = dir;
    this.#daemon = daemon;
  }

  /** @param policy the bus's `<policy>` elements; open to everybody unless told */
  static async start(policy = OPEN_POLICY): Promise<PrivateBus> {
    const dir = await TempDir.create(0o711);
    const address = `unix:path=${dir.join('bus')}`;
    const config = `${DOCTYPE}
<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  ${policy}
</busconfig>
`;
    const path = await dir.write('bus.conf', config);
    const daemon = RunningProgram.start('/usr/bin/dbus-daemon', [
      `--config-file=${path}`,
      '--nofork',
      '--nopidfile',
      '--print-address',
    ]);
    await daemon.waitForLine(/^unix:path=/);
    return new PrivateBus(address, dir, daemon);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
