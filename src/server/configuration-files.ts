/**
 * Where the server reads its configuration from. Capabilities belong to threads, and some of the
 * runtime's are as old as the process: what was given up in ours would stay with them. So a
 * server that may read root's files, as its unit has it, reads them, gives that up and starts over
 * in the same process with what it has read. No thread of the new program ever had it (L4).
 */
import { clientsConfPath, readClientsConf } from '../config/clients-conf.ts';
import type { ConfigFiles } from '../config/config-files.ts';
import { nodeConfigFiles } from '../config/config-files-node.ts';
import { FileRecorder, recordedFiles } from '../config/recorded-files.ts';
import type { ServerStart } from '../config/server-options.ts';
import { MandosError } from '../core/error.ts';
import { giveUpReading, readsAsRoot } from '../system/privileges.ts';
import { startOver, takeHandedOver } from '../system/start-over.ts';

export interface ConfigurationFiles {
  readonly files: ConfigFiles;
  /** All that is needed was read: what was handed over is wiped (S4). */
  forget(): void;
}

/**
 * Does not return where the server starts over.
 * @param readOptions reads the command line and mandos.conf from the files it is given
 * @param serves whether this process is the one that is to serve
 * @param descriptors that it was given besides the socket
 * @throws MandosError when it cannot start over
 */
export function configurationFiles(
  readOptions: (files: ConfigFiles) => ServerStart,
  serves: (start: ServerStart) => boolean,
  descriptors: readonly number[],
): ConfigurationFiles {
  if (readsAsRoot()) {
    const recorder = new FileRecorder(nodeConfigFiles);
    const needed = readForLater(recorder, readOptions, serves);
    if (needed !== null) {
      giveUpReading();
      startOver(recorder.record(), [...descriptors, ...needed]);
    }
  }
  const record = takeHandedOver(process.env);
  if (record === null) return { files: nodeConfigFiles, forget: () => undefined };
  return { files: recordedFiles(record, nodeConfigFiles), forget: () => record.fill(0) };
}

/**
 * Reads everything, and gives the descriptors that whoever reads the record needs; null when
 * nobody is to serve. What is wrong with the files is found again, and told, by that one.
 */
function readForLater(
  recorder: FileRecorder,
  readOptions: (files: ConfigFiles) => ServerStart,
  serves: (start: ServerStart) => boolean,
): readonly number[] | null {
  const needed: number[] = [];
  try {
    const start = readOptions(recorder);
    if (start.kind !== 'serve' || !serves(start)) return null;
    const { settings } = start;
    if (settings.socket !== null) needed.push(settings.socket);
    readClientsConf(clientsConfPath(settings), recorder);
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
  }
  return needed;
}
