/** A virtual machine, driven through its serial console. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RunningProgram, succeed } from '../support/process.ts';
import { TempDir } from '../support/temp-dir.ts';
import { accelerator, EMULATED } from './accelerator.ts';
import { DISK_PASSWORD, type Installation } from './debian.ts';
import type { Lan } from './lan.ts';

export interface MachineOptions {
  readonly installation: Installation;
  readonly lan: Lan;
  /** Added to the kernel's command line. */
  readonly kernelOptions?: readonly string[];
  /** What runs once the root file system is mounted: the test's report, or the system itself. */
  readonly init?: 'report' | 'system';
  /** Further disks; what is written to them is lost. */
  readonly moreDisks?: readonly string[];
  /** Files that are disks with these serial numbers, and keep what is written to them. */
  readonly files?: Readonly<Record<string, string>>;
  readonly megabytes?: number;
  /** Makes the clock of the machine count instructions, so that times repeat. */
  readonly counting?: boolean;
}

/** Emulated machines are ten to twenty times slower, and the processors may be shared. */
const PATIENCE = 600_000;

export class Machine implements AsyncDisposable {
  readonly #program: RunningProgram;
  readonly #dir: TempDir;
  /** How much of the console was there when something was answered. */
  #answered = 0;

  private constructor(program: RunningProgram, dir: TempDir) {
    this.#program = program;
    this.#dir = dir;
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const { installation, lan } = options;
    await using cleanup = new AsyncDisposableStack();
    const dir = cleanup.use(await TempDir.create());
    const tap = await lan.addMachine();
    const drives = await Promise.all(
      [installation.disk, ...(options.moreDisks ?? [])].map(async (disk, index) => {
        const overlay = dir.join(`disk${index}`);
        const backing = ['-b', disk, '-F', 'raw'];
        await succeed('/usr/bin/qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, overlay]);
        return drive(`disk${index}`, `format=qcow2,file=${overlay}`);
      }),
    );
    const files = Object.entries(options.files ?? {}).flatMap(([name, file]) =>
      drive(name, `format=raw,file=${file}`),
    );
    const program = RunningProgram.start(
      ...lan.command(
        '/usr/bin/qemu-system-x86_64',
        ...HARDWARE,
        // Only an emulated processor can count instructions.
        ...(options.counting ? EMULATED : await accelerator(installation)),
        ...[
          ...['-m', String(options.megabytes ?? 1024), ...drives.flat(), ...files],
          ...['-chardev', `stdio,id=console,signal=off,logfile=${dir.join('console')}`],
          ...(options.counting ? ['-icount', 'shift=0,sleep=on'] : []),
          ...['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`],
          ...['-device', 'virtio-net-pci,netdev=net0'],
          ...drive('report', `format=raw,file=${await dir.write('report', EMPTY_REPORT)}`),
          ...['-kernel', installation.kernel, '-initrd', installation.initrd],
          ...['-append', kernelCommandLine(options).join(' ')],
        ],
      ),
      { keepInputOpen: true },
    );
    cleanup.move();
    return new Machine(program, dir);
  }

  /** All that was on the console. */
  get console(): string {
    return this.#program.stdout.toString('utf8').replaceAll('\r', '');
  }

  /** Waits until the console shows something. */
  async sees(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#seesFrom(0, pattern);
  }

  /** Types a line once something asks for it that nothing was answered to yet. */
  async answers(question: RegExp, line: string): Promise<void> {
    await this.#seesFrom(this.#answered, question);
    // A prompt is written before its program reads without echo.
    await delay(500);
    this.#answered = this.console.length;
    this.#program.writeInput(`${line}\n`);
  }

  /** Types the password at the prompt of the disk. */
  async typesPassword(
    password = DISK_PASSWORD,
    prompt = /Please (unlock disk|enter passphrase)[^\n]*: ?/,
  ): Promise<void> {
    await this.answers(prompt, password);
  }

  /** Waits until the root file system is mounted, and returns what the machine tells then. */
  async boots(): Promise<Report> {
    return await this.report();
  }

  /**
   * Waits until the machine has told the test something (guest/tell-test).
   * @param patience in milliseconds
   */
  async report(patience = PATIENCE): Promise<Report> {
    const end = '\nthe end\n';
    for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(250)) {
      const [text = ''] = (await readFile(this.#dir.join('report'), 'utf8')).split('\0');
      if (text.endsWith(end)) return new Report(text, this.console);
    }
    throw new Error(`the machine told nothing; on its console is:\n${this.console}`);
  }

  async #seesFrom(start: number, pattern: RegExp): Promise<RegExpExecArray> {
    const look = (): RegExpExecArray | undefined =>
      pattern.exec(this.console.slice(start)) ?? undefined;
    return await this.#program.waitForOutput(look, String(pattern), PATIENCE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** What the machine told. */
export class Report {
  readonly text: string;
  readonly console: string;

  constructor(text: string, console: string) {
    this.text = text;
    this.console = console;
  }

  /** From the kernel's start to the root file system mounted. */
  get seconds(): number {
    return Number(this.lines('uptime')[0]);
  }

  /** The names of the network interfaces that are up, besides the loopback (systemd's doing). */
  get interfacesUp(): string[] {
    const IFF_UP = 1;
    return this.lines('interface')
      .map((line) => line.split(' '))
      .filter(([, flags]) => (Number(flags) & IFF_UP) !== 0)
      .map(([name = '']) => name)
      .filter((name) => name !== 'lo');
  }

  /** Lines that begin with a word, without it. */
  lines(word: string): string[] {
    const lines = this.text.matchAll(new RegExp(`^${word} (.*)$`, 'gm'));
    return Array.from(lines, ([, rest = '']) => rest.trim());
  }
}

const EMPTY_REPORT = new Uint8Array(65_536);

/** A disk that loses nothing but what is in it when this computer stops. */
function drive(name: string, what: string): string[] {
  return [
    ...['-drive', `if=none,id=${name},cache=unsafe,${what}`],
    ...['-device', `virtio-blk-pci,drive=${name},serial=${name}`],
  ];
}

const HARDWARE = [
  ...['-machine', 'q35', '-smp', '1', '-nodefaults', '-no-user-config', '-display', 'none'],
  ...['-serial', 'chardev:console'],
  ...['-device', 'virtio-rng-pci'],
];

function kernelCommandLine({ init = 'report', kernelOptions = [] }: MachineOptions): string[] {
  return [
    ...['console=ttyS0', 'root=/dev/mapper/cryptroot', 'ro', 'ignore_loglevel', 'net.ifnames=0'],
    ...(init === 'report' ? ['init=/usr/local/sbin/report'] : []),
    ...kernelOptions,
  ];
}
