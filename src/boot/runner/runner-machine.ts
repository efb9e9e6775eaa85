import type { Cancellation } from '../../core/cancellation.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import type { FileStatus, PluginFile } from './plugin-safety.ts';
import type { Racer } from './racer.ts';
import type { RunnerSettings } from './runner-settings.ts';

/** What plugin-runner needs of a machine; `runner-machine-node.ts` is Node's. */
export interface RunnerMachine {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when a signal asks the program to end. */
  readonly stop: Cancellation;
  /** The user who runs this program. */
  readonly user: number;

  /** @throws MandosError `file-missing` or `file-unreadable`, status 69 */
  pluginDirectory(path: string): PluginDirectory;

  /** A plugin, ready to be started. */
  plugin(file: PluginFile, settings: RunnerSettings): Racer;

  /** A prompt on the console that knows nothing but to ask. */
  fallbackPrompt(): Racer;

  /** Writes all of it. Throws `MandosError` `file-unwritable`, status 74. */
  writeOutput(bytes: Uint8Array): Promise<void>;
  /** Whoever reads standard output sees its end. */
  endOutput(): void;
}

export interface PluginDirectory {
  /** The directory, and every directory above it. */
  readonly path: readonly FileStatus[];
  readonly names: readonly string[];
  /** Null when there is no such file (any more), or a link leads nowhere. */
  inspect(name: string): PluginFile | null;
}
