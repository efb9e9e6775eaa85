/** One executable, many programs: the name it is called by picks one. */
import { programCall } from './system/own-program.ts';
import { nameProcess } from './system/process-name.ts';

/** A program: its arguments in (without the program's name), its exit status out. */
type Program = (args: readonly string[]) => Promise<number>;

const PROGRAMS: Readonly<Record<string, () => Promise<{ readonly main: Program }>>> = {
  'askpass-fifo': () => import('./programs/askpass-fifo.ts'),
  mandos: () => import('./programs/mandos.ts'),
  'mandos-client': () => import('./programs/mandos-client.ts'),
  'mandos-ctl': () => import('./programs/mandos-ctl.ts'),
  'mandos-keygen': () => import('./programs/mandos-keygen.ts'),
  'mandos-ledger': () => import('./programs/mandos-ledger.ts'),
  'mandos-monitor': () => import('./programs/mandos-monitor.ts'),
  'password-agent': () => import('./programs/password-agent.ts'),
  'password-prompt': () => import('./programs/password-prompt.ts'),
  'plugin-runner': () => import('./programs/plugin-runner.ts'),
  plymouth: () => import('./programs/plymouth.ts'),
  splashy: () => import('./programs/splashy.ts'),
  usplash: () => import('./programs/usplash.ts'),
};

const USAGE = 64;
const SOFTWARE = 70;

async function run(): Promise<number> {
  const { name, args } = programCall((word) => Object.hasOwn(PROGRAMS, word));
  const load = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  if (load === undefined) {
    const names = Object.keys(PROGRAMS).join(', ');
    process.stderr.write(`no program named '${name}'; there are: ${names}\n`);
    return USAGE;
  }
  nameProcess(name);
  const { main } = await load();
  return await main(args);
}

// Until the program says otherwise: one that waits for nothing any more ends with this.
process.exitCode = SOFTWARE;
run().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    // As what nobody caught: told with its trace, and the end.
    queueMicrotask(() => {
      throw error;
    });
  },
);
