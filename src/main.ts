/**
 * One executable, many programs: the name it is called by picks one. From source the
 * wrappers in `bin/` give the name as the first argument.
 */

/** A program: its arguments in (without the program's name), its exit status out. */
type Program = (args: readonly string[]) => Promise<number>;

const PROGRAMS: Readonly<Record<string, () => Promise<{ readonly main: Program }>>> = {
  'askpass-fifo': () => import('./programs/askpass-fifo.ts'),
  mandos: () => import('./programs/mandos.ts'),
  'mandos-client': () => import('./programs/mandos-client.ts'),
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

const [, , name = '', ...args] = process.argv;
const load = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
if (load === undefined) {
  process.stderr.write(
    `no program named '${name}'; there are: ${Object.keys(PROGRAMS).join(', ')}\n`,
  );
  process.exitCode = 64;
} else {
  const { main } = await load();
  process.exitCode = await main(args);
}
