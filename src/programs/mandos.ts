/** mandos(8): gives encrypted passwords to clients that prove their key. */
import { resolve } from 'node:path';
import { clientsConfPath, readClientsConf } from '../config/clients-conf.ts';
import type { ConfigFiles } from '../config/config-files.ts';
import { readServerOptions, type ServerStart } from '../config/server-options.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { VERSION } from '../core/version.ts';
import { type ConfigurationFiles, configurationFiles } from '../server/configuration-files.ts';
import { exportState } from '../server/export-state.ts';
import { MandosServer } from '../server/mandos-server.ts';
import { SELF_TESTS } from '../server/self-test.ts';
import {
  backgroundDescriptors,
  backgroundParent,
  inBackground,
  inheritedSocket,
  tellParent,
} from '../system/background.ts';
import { bootClock } from '../system/boot-clock.ts';
import { safeLine } from '../system/log-text.ts';
import { PidFile } from '../system/pid-file.ts';
import {
  becomeAccount,
  forbidDumps,
  giveUpCapabilities,
  isRoot,
  serverAccount,
} from '../system/privileges.ts';
import { serverLog } from '../system/server-log.ts';
import {
  type ServiceContract,
  ServiceManager,
  takeServiceContract,
} from '../system/service-manager.ts';
import { untilSignal } from '../system/signals.ts';
import { takeActivatedSocket } from '../system/socket-activation.ts';
import { makeStateDirectory } from '../system/state-owner.ts';
import { tellPeople, writeOutput } from '../system/write-all.ts';

export async function main(args: readonly string[]): Promise<number> {
  try {
    const configuration = configurationFiles(
      // Of a copy of the environment: a new start is to find it as it was.
      (files) => readOptions(args, files, { ...process.env }),
      servesHere,
      backgroundDescriptors(),
    );
    const contract = takeServiceContract(process.env, process.pid);
    const start = readOptions(args, configuration.files, process.env);
    switch (start.kind) {
      case 'print':
        await writeOutput(start.text);
        return ExitStatus.ok;
      case 'check':
        return await check();
      case 'export':
        return await exportForOriginal(start.settings, configuration.files);
      case 'serve':
        if (servesHere(start)) {
          return await serve(start.settings, start.warnings, configuration, contract);
        }
        return await backgroundParent(say, start.settings.socket);
    }
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    const lines = [error.message, ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])];
    if (inBackground()) tellParent({ kind: 'failed', lines });
    else for (const line of lines) say(line);
    return error.exitCode;
  }
}

/** Otherwise it starts the process that does. */
function servesHere(start: ServerStart): boolean {
  return start.kind === 'serve' && (start.settings.foreground || inBackground());
}

function readOptions(
  args: readonly string[],
  files: ConfigFiles,
  environment: NodeJS.ProcessEnv,
): ServerStart {
  return readServerOptions(withSocket(args, environment), VERSION, files);
}

/** A socket that was handed over is the same as one of the command line. */
function withSocket(args: readonly string[], environment: NodeJS.ProcessEnv): readonly string[] {
  const inherited = inheritedSocket();
  if (inherited !== null) return [...args, '--socket', String(inherited)];
  const activated = takeActivatedSocket(environment, process.pid);
  return activated === null ? args : ['--socket', String(activated), ...args];
}

async function serve(
  given: ServerSettings,
  warnings: readonly string[],
  { files, forget }: ConfigurationFiles,
  contract: ServiceContract,
): Promise<number> {
  // Before the working directory changes.
  const settings = { ...given, stateDirectory: resolve(given.stateDirectory) };
  const log = serverLog(settings);
  const stopped = untilSignal(log);
  try {
    process.umask(0o077);
    for (const warning of warnings) log.log('warning', warning);
    await using server = new MandosServer({
      settings,
      files,
      clock: bootClock,
      log,
    });
    forget();
    // Only now: a server that cannot start must not touch the file of the one that runs.
    using pidFile = settings.foreground ? null : PidFile.create(log);
    process.chdir('/');
    giveUpPrivileges(settings, log);
    const port = await Promise.race([server.start(), stopped]);
    if (typeof port !== 'number') {
      // A start may wait for room on a full disk. What is stored can be left at any moment.
      log.log('info', 'stopping before having served anybody');
      pidFile?.[Symbol.dispose]();
      process.exit(ExitStatus.ok);
    }
    using manager = new ServiceManager(contract, { clock: bootClock, log });
    manager.ready(`serving clients on port ${port}`);
    manager.watch(() => server.works);
    if (inBackground()) tellParent({ kind: 'ready' });
    const ended = await Promise.race([stopped, server.failure]);
    manager.stopping();
    // Fail closed: it serves nobody from what cannot be kept, and the service manager starts it
    // anew, from what is stored (F1).
    if (ended instanceof MandosError) throw ended;
    log.log('info', 'stopping');
    return ExitStatus.ok;
  } catch (error) {
    if (error instanceof MandosError) log.log('critical', error.message);
    throw error;
  }
}

/** What is decided about clients goes to standard error: whoever goes back wants to read it. */
async function exportForOriginal(given: ServerSettings, files: ConfigFiles): Promise<number> {
  const settings = { ...given, stateDirectory: resolve(given.stateDirectory) };
  const log: Log = {
    log(level, message) {
      if (level !== 'debug' && level !== 'info') say(message);
    },
  };
  process.umask(0o077);
  const conf = readClientsConf(clientsConfPath(settings), files);
  process.chdir('/');
  giveUpPrivileges(settings, log);
  const path = await exportState(conf, settings, bootClock, log);
  await writeOutput(
    path === null
      ? `there is no state of this server in ${settings.stateDirectory}\n`
      : `the state is in ${path}, for the original's server to go on from\n`,
  );
  return ExitStatus.ok;
}

/** From here on nothing needs root, and nothing has come from the network yet (L4, L5). */
function giveUpPrivileges(settings: ServerSettings, log: Log): void {
  if (isRoot()) {
    const account = serverAccount();
    makeStateDirectory(settings.stateDirectory, account);
    becomeAccount(account);
    log.log('debug', `now running as user ${account.name} (${account.uid}:${account.gid})`);
  }
  giveUpCapabilities();
  forbidDumps();
}

async function check(): Promise<number> {
  let status: number = ExitStatus.ok;
  let report = '';
  for (const { name, run } of SELF_TESTS) {
    try {
      run();
      report += `ok: ${name}\n`;
    } catch (error) {
      report += `FAILED: ${name}: ${safeLine(String(error))}\n`;
      status = ExitStatus.failure;
    }
  }
  await writeOutput(report);
  return status;
}

function say(line: string): void {
  tellPeople(`mandos: ${safeLine(line)}\n`);
}
