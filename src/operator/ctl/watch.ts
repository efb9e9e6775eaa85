/** `mandos-ctl --watch`: a line for everything that the server tells, until interrupted. */
import type { Log } from '../../core/log.ts';
import { after, type Clock, seconds } from '../../core/time.ts';
import { socketPaths } from '../../dbus/bus-address.ts';
import type { LineWriter } from '../../system/line-writer.ts';
import type { ServerEvent } from '../server/server-event.ts';
import { ServerWatch } from '../server/server-watch.ts';
import { WatchLines } from './watch-line.ts';

/** How long a reader who does not read is waited for at the end. */
const PATIENCE = seconds(1);

export interface WatchContext {
  /** Of the message bus. */
  readonly address: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly wallClock: () => Date;
  readonly output: Pick<LineWriter, 'write' | 'failed' | 'idle'>;
  /** Tells people, apart from the lines. */
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the signal is aborted. Throws `MandosError` when the address is none or the lines
 * cannot be written, and the signal's reason when that came while they could not be written in time.
 * @param names the clients of which to tell; all when there are none
 */
export async function watch(names: readonly string[], context: WatchContext): Promise<void> {
  const { address, clock, log, output, say, signal } = context;
  socketPaths(address); // An address that is none does not become one.
  const lines = new WatchLines(names);
  const tell = (event: ServerEvent): void => {
    const line = lines.line(event, context.wallClock());
    if (line !== null) output.write(line);
    if (event.kind === 'server-lost') say(`${event.why.message}; waiting for it`);
    if (event.kind === 'server-found') say('the server is there');
  };
  {
    await using _watch = new ServerWatch({ address, clock, log, tell });
    await Promise.race([aborted(signal), output.failed]);
  }
  if (!(await isIdleSoon(output, clock))) throw signal.reason;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isIdleSoon(output: WatchContext['output'], clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const callOff = clock.at(after(clock.now(), PATIENCE), () => resolve(false));
    void output.idle.then(() => {
      callOff();
      resolve(true);
    });
  });
}
