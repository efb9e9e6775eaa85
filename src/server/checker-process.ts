import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { ProcessGroup } from '../system/process-group.ts';
import type { Subreaper } from '../system/subreaper.ts';
import type { RunningCommand } from './checkers.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where programs are, the language and zone they speak; nothing that steers a program. */
const PASSED_ON = /^(?:HOME|LANG|LANGUAGE|LC_[A-Z]+|PATH|TZ)$/;

/**
 * What of the server's own environment its checkers get to see (L5): not its sockets, its
 * service manager's or its bus's addresses, nor anything set for Node or the loader.
 */
export function checkerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed: Record<string, string> = { PATH };
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && PASSED_ON.test(name)) passed[name] = value;
  }
  return passed;
}

export interface CheckerProcesses {
  readonly subreaper: Subreaper;
  readonly clock: Clock;
  readonly log: Log;
  /** As `checkerEnvironment` gives it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the checkers' output is shown in the log (`--debug`). */
  readonly showOutput: boolean;
}

/** For `Checkers`: starts a client's checker as a process group. */
export function checkerRunner(
  options: CheckerProcesses,
): (command: string, client: string) => RunningCommand {
  const { subreaper, clock, log, environment, showOutput } = options;
  return (command, client) => {
    const output = (line: string): void => log.log('debug', `checker for ${client}: ${line}`);
    return new ProcessGroup(command, subreaper, clock, {
      environment,
      ...(showOutput ? { output } : {}),
    });
  };
}
