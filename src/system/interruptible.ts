/** The signals by which people and the system end a program that a person runs. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** A run was ended by one of these signals, or by the key that stands for it. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.signal = signal;
  }
}

/**
 * Runs `run` with an abort signal that a TERM, INT, HUP or QUIT sets off, so that it can
 * put everything right on its way out (a terminal's echo, temporary files) and throw the
 * `Interruption` on. Then the signal gets its way: whoever waits for this process sees by
 * what it was ended.
 */
export async function interruptible(
  run: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => controller.abort(new Interruption(name));
  for (const name of ENDING) process.on(name, interrupt);
  try {
    return await run(controller.signal);
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    for (const name of ENDING) process.off(name, interrupt);
    process.kill(process.pid, error.signal);
    return 1;
  } finally {
    for (const name of ENDING) process.off(name, interrupt);
  }
}
