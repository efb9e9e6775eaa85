/** What is measured of a boot: from the start of plugin-runner to the password. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Avahi } from '../test/support/avahi.ts';
import type { CommandLine, NetworkSide } from '../test/support/network-namespaces.ts';
import { OriginalServerOnLink } from '../test/support/original-server-on-link.ts';
import { requires } from '../test/support/requirements.ts';
import { ServerHome } from '../test/support/server-home.ts';
import { BootMachine, CONFINEMENT, PASSWORD } from './boot-machine.ts';
import { type Figure, median } from './figure.ts';
import { processTree } from './process-tree.ts';

const LOOK_MILLISECONDS = 5;

/** By both servers, one after the other; `runs` is how often each. */
export async function measureBoot(who: 'ours' | 'original', runs: number): Promise<Figure[]> {
  const { skip } = requires('namespaces', 'gnutls', 'gpg', 'python', 'original client');
  if (skip !== undefined) {
    process.stderr.write(`no boot is measured: ${skip}\n`);
    return [];
  }
  await using machine = await BootMachine.make();
  const command = await machine[who]();
  const section = await machine.keys.section('client', PASSWORD);
  const figures: Figure[] = [];
  {
    await using home = await ServerHome.make(section);
    await using server = await home.start({ zeroconf: true, command: machine.server.command });
    await server.program.waitForLine(/announced by Zeroconf/);
    figures.push(...(await boots('boot by our server', machine, command, runs)));
  }
  const original = requires('original server', 'avahi', 'private bus').skip;
  if (original === undefined) {
    await using _servers = await originalServer(machine.server, section);
    figures.push(...(await boots("boot by Debian's server", machine, command, runs)));
  }
  return figures;
}

async function originalServer(side: NetworkSide, section: string): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const avahi = stack.use(await Avahi.start(side));
  stack.use(await OriginalServerOnLink.start(side, avahi.busAddress, section));
  return stack.move();
}

async function boots(
  name: string,
  machine: BootMachine,
  command: CommandLine,
  runs: number,
): Promise<Figure[]> {
  // The first fills caches, and is not counted.
  await boot(machine, command);
  const before = childrenCpu();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await boot(machine, command));
  const cpu = (childrenCpu() - before) / runs;
  const most = { memory: 0, processes: 0 };
  await boot(machine, command, (pid) => {
    const { own, processes } = processTree(pid);
    most.memory = Math.max(most.memory, own);
    most.processes = Math.max(most.processes, processes - CONFINEMENT);
  });
  return [
    { name: `${name}: to the password`, unit: 'ms', value: median(times), better: 'less' },
    { name: `${name}: slowest of ${runs}`, unit: 'ms', value: Math.max(...times), better: 'less' },
    { name: `${name}: CPU`, unit: 'ms', value: cpu, better: 'less' },
    { name: `${name}: memory but files`, unit: 'MB', value: most.memory / 1e6, better: 'less' },
    { name: `${name}: processes`, unit: '', value: most.processes, better: 'less' },
  ];
}

/** One start; the milliseconds to the password. Throws when none comes. */
async function boot(
  { terminal }: BootMachine,
  [program, args]: CommandLine,
  look?: (pid: number) => void,
): Promise<number> {
  const start = performance.now();
  const child = spawn(program, args, {
    stdio: [terminal.descriptor, 'pipe', 'ignore'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    timeout: 60_000,
  });
  const timer = look && setInterval(() => look(child.pid ?? 0), LOOK_MILLISECONDS);
  const pieces: Buffer[] = [];
  let time = Number.NaN;
  child.stdout?.on('data', (piece: Buffer) => {
    time = performance.now() - start;
    pieces.push(piece);
  });
  await once(child, 'close');
  clearInterval(timer);
  const got = Buffer.concat(pieces).toString('latin1');
  if (got !== PASSWORD) throw new Error(`${args.join(' ')} gave ${JSON.stringify(got)}`);
  return time;
}

/** CPU time of this process's children that have ended and what they waited for, in milliseconds. */
function childrenCpu(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // cutime and cstime, fields 16 and 17 of which two are cut off, in hundredths of a second.
  return fields.slice(13, 15).reduce((sum, field) => sum + Number(field) * 10, 0);
}
