import { ExitStatus, MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import { isLeftOver } from './plugin-names.ts';
import { reasonAgainst, reasonToDistrust } from './plugin-safety.ts';
import { race } from './race.ts';
import type { Racer } from './racer.ts';
import type { RunnerMachine } from './runner-machine.ts';
import { isDisabled, type RunnerSettings } from './runner-settings.ts';

/**
 * Runs the plugins and writes the password of the first that has one to standard output.
 * When there is something wrong with the plugins, a person can still type it.
 * @returns the exit status
 * @throws the reason of `machine.stop`; MandosError `file-unwritable`
 */
export async function runPlugins(
  settings: RunnerSettings,
  machine: RunnerMachine,
): Promise<ExitStatus> {
  const { log } = machine;
  for (const warning of settings.warnings) log.log('warning', warning);
  let racers: readonly Racer[] = [];
  let status: ExitStatus = ExitStatus.ok;
  try {
    racers = choosePlugins(settings, machine);
    if (racers.length === 0) {
      log.log('error', `there are no plugins to start in '${settings.pluginDirectory}'`);
    }
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    log.log('error', error.message);
    if (error.hint !== undefined) log.log('error', `hint: ${error.hint}`);
    status = error.exitCode;
  }
  await passOnPassword(racers, machine);
  return status;
}

/**
 * Writes the first password that comes, from the racers or else from a person, and stops all
 * others. Writes nothing when none comes; that is no failure of the runner (the original ends
 * so as well, and scripts that call it in a loop rely on it).
 * @throws as `runPlugins`
 */
export async function passOnPassword(
  racers: readonly Racer[],
  machine: RunnerMachine,
): Promise<void> {
  const { clock, log, stop } = machine;
  const victory = await race(racers, {
    clock,
    log,
    cancel: stop,
    fallback: machine.fallbackPrompt(),
  });
  if (victory === null) {
    log.log('error', 'no password came from any plugin or from the console');
    return;
  }
  const { password, winner, othersEnded } = victory;
  try {
    log.log('debug', `writing the password from ${winner}`);
    await machine.writeOutput(password.bytes);
    // What waits for the password can go on while the others take down what they set up.
    machine.endOutput();
  } finally {
    password[Symbol.dispose]();
    await othersEnded;
  }
}

/** @throws MandosError when the directory cannot be used at all */
function choosePlugins(settings: RunnerSettings, machine: RunnerMachine): Racer[] {
  const { log, user } = machine;
  const directory = machine.pluginDirectory(settings.pluginDirectory);
  const distrust = reasonToDistrust(directory.path, user);
  if (distrust !== null) {
    throw new MandosError('refused', `no plugin is started: ${distrust}`, {
      exitCode: ExitStatus.unavailable,
      hint: 'the plugin directory and all above it must be writable by root alone',
    });
  }
  return directory.names.flatMap((name) => {
    if (isLeftOver(name)) return left(name, 'its name is not one of a plugin', log);
    if (isDisabled(name, settings)) return left(name, 'it is disabled', log);
    const file = directory.inspect(name);
    if (file === null) return left(name, 'it leads to no file', log);
    const reason = reasonAgainst(file, user);
    if (reason === null) return [machine.plugin(file, settings)];
    log.log('warning', `plugin ${name} is not started: ${reason}`);
    return [];
  });
}

function left(name: string, why: string, log: Log): [] {
  log.log('debug', `${name} is not started: ${why}`);
  return [];
}
