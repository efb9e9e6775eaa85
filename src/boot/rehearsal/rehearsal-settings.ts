import { ExitStatus, MandosError } from '../../core/error.ts';
import { type Duration, milliseconds, seconds } from '../../core/time.ts';
import { parseSeconds } from '../client-option-values.ts';
import type { ClientSettings } from '../client-settings.ts';
import { parseServerAddress } from '../server-address.ts';

/** What mandos-keygen(8) was told of a rehearsal, as it was written. */
export interface RehearsalWords {
  readonly directory: string;
  readonly connect: string | undefined;
  readonly servers: readonly string[];
  readonly wait: string | undefined;
}

export interface RehearsalSettings {
  readonly settings: ClientSettings;
  readonly wait: Duration;
}

/** Enough for a server to answer on a slow network, and for a person to see that none does. */
const WAIT: Duration = seconds(30);

/** The boot's own; see mandos-client(8mandos). */
const RETRY: Duration = seconds(10);

/** @throws MandosError `usage` with the exit status of mandos-keygen */
export function rehearsalSettings(words: RehearsalWords): RehearsalSettings {
  const { directory, connect, servers, wait } = words;
  return {
    wait: wait === undefined ? WAIT : parsed('wait', wait, parseSeconds),
    settings: {
      connect: connect === undefined ? null : parsed('connect', connect, parseServerAddress),
      servers: servers.map((text) => parsed('server', text, parseServerAddress)),
      interfaces: { names: [], onlyBringUp: [] },
      keyFiles: {
        pubkey: `${directory}/pubkey.txt`,
        seckey: `${directory}/seckey.txt`,
        tlsPubkey: `${directory}/tls-pubkey.pem`,
        tlsPrivkey: `${directory}/tls-privkey.pem`,
      },
      tlsPolicy: { kind: 'default' },
      dh: { bits: null, parametersFile: null },
      delay: milliseconds(0),
      retry: RETRY,
      networkHookDirectory: '',
      debug: false,
    },
  };
}

function parsed<T>(option: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    const { message, hint } = error;
    throw new MandosError('usage', `option --${option}: ${message}`, {
      exitCode: ExitStatus.failure,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
