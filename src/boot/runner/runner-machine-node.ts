import { closeSync } from 'node:fs';
import type { Cancellation } from '../../core/cancellation.ts';
import { MandosError } from '../../core/error.ts';
import { LOG_LEVELS, type Log, type LogLevel } from '../../core/log.ts';
import { bootClock } from '../../system/boot-clock.ts';
import { tellConsole } from '../../system/console-lines.ts';
import { safeLine } from '../../system/log-text.ts';
import { ownCommand } from '../../system/own-program.ts';
import { writeOutput } from '../../system/write-all.ts';
import type { OwnPrograms } from '../own-programs-node.ts';
import { promptForPassword } from '../prompt/password-prompt.ts';
import { processSearch } from '../prompt/process-search-node.ts';
import { readPasswordPromptJob } from '../prompt/prompt-options-node.ts';
import { promptRacer } from '../prompt/prompt-racer.ts';
import { controllingTerminal, standardTerminal } from '../prompt/prompt-terminal-node.ts';
import { diskIn, type PromptWishes } from '../prompt/prompt-text.ts';
import { openPluginDirectory } from './plugin-directory-node.ts';
import { type PluginIdentity, pluginProcess } from './plugin-process-node.ts';
import type { PluginFile } from './plugin-safety.ts';
import type { Racer } from './racer.ts';
import type { RunnerMachine } from './runner-machine.ts';
import { argumentsFor, environmentFor, type RunnerSettings } from './runner-settings.ts';

const STDOUT = 1;

/** Lines for people on standard error. */
export function runnerLog(level: LogLevel): Log {
  const limit = LOG_LEVELS.indexOf(level);
  return {
    log(lineLevel, message) {
      if (LOG_LEVELS.indexOf(lineLevel) <= limit) {
        tellConsole(`plugin-runner: ${safeLine(message)}\n`);
      }
    },
  };
}

/** Node's implementation of what plugin-runner needs of a machine. */
export function nodeRunnerMachine(log: Log, stop: Cancellation, own: OwnPrograms): RunnerMachine {
  return {
    clock: bootClock,
    log,
    stop,
    user: process.geteuid?.() ?? 0,
    pluginDirectory: openPluginDirectory,
    plugin: (file, settings) => plugin(file, settings, own, log),
    fallbackPrompt: () =>
      promptRacer('the fall-back prompt', log, async (cancel) => {
        log.log('warning', 'no plugin gave a password; type it here');
        return await controllingTerminal().ask('Password: ', cancel);
      }),
    writeOutput,
    endOutput: () => closeSync(STDOUT),
  };
}

function plugin(file: PluginFile, settings: RunnerSettings, own: OwnPrograms, log: Log): Racer {
  const { name } = file;
  const args = argumentsFor(name, settings);
  const environment = environmentFor(name, settings, inherited());
  const ours = own.programAt(file.file.path, name);
  if (ours === 'password-prompt') return passwordPrompt(args, environment, log);
  const identity = identityOf(ours, settings);
  const { path } = file.file;
  const calledAs = `${settings.pluginDirectory}/${name}`;
  const command =
    ours === null ? { path, args: [], argv0: calledAs } : ownCommand(ours, path, calledAs);
  return pluginProcess({ name, command, args, environment, identity }, (line) =>
    log.log('debug', line),
  );
}

/** The plugins that, in the original, are set-user-ID root. */
const PRIVILEGED = ['askpass-fifo', 'mandos-client', 'plymouth', 'splashy', 'usplash'];

function identityOf(ours: string | null, { userId, groupId }: RunnerSettings): PluginIdentity {
  if (process.geteuid?.() !== 0) return { kind: 'same' };
  const ids = { user: userId, group: groupId };
  // Only our own programs can be trusted to know what to do with privileges.
  const privileged = ours !== null && PRIVILEGED.includes(ours);
  return { kind: privileged ? 'privileged' : 'ordinary', ...ids };
}

function passwordPrompt(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  log: Log,
): Racer {
  return promptRacer('plugin password-prompt', log, async (cancel) => {
    const machine = { terminal: standardTerminal(), processes: processSearch, log };
    return await promptForPassword(wishesIn(args, log), diskIn(environment), machine, cancel);
  });
}

/** Options that say nothing of use are told and are no reason to ask nobody (C2). */
function wishesIn(args: readonly string[], log: Log): PromptWishes {
  try {
    const job = readPasswordPromptJob(args);
    if (job.kind === 'run') return job.wishes;
    log.log('warning', 'password-prompt asks for a password instead of telling its options');
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    log.log('error', `password-prompt asks as if it had no options: ${error.message}`);
  }
  return { prefix: null, prompt: null };
}

function inherited(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) environment[name] = value ?? '';
  return environment;
}
