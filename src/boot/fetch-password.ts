import { CancellationSource, orCancelled } from '../core/cancellation.ts';
import { after, seconds } from '../core/time.ts';
import { askForPassword } from './ask-for-password.ts';
import { BlobOpener } from './blob-opener.ts';
import { loadClientKeys } from './client-keys.ts';
import type { ClientSettings } from './client-settings.ts';
import { PasswordSearch } from './password-search.ts';
import type { Platform } from './platform.ts';
import { ServerHunt } from './server-hunt.ts';

/** How long a password may still go out when the program is told to end in the middle of it. */
const LAST_WORDS = seconds(1);

/**
 * The whole of mandos-client(8mandos): keys, servers, blob, password on standard output.
 * What is written is the password, exactly and whole; and nothing unless there is one.
 * All secrets are wiped when it returns, however that is, and all that was brought up for
 * the search is taken down.
 * @throws MandosError what cannot be bettered by waiting; the stop's reason when stopped
 */
export async function fetchPassword(settings: ClientSettings, platform: Platform): Promise<void> {
  const { clock, log, stop } = platform;
  if (settings.dh.parametersFile !== null || settings.dh.bits !== null) {
    log.log('debug', '--dh-params and --dh-bits are without effect in TLS 1.3');
  }
  using keys = await loadClientKeys(platform, settings.keyFiles, settings.tlsPolicy);
  if (stop.aborted) throw stop.reason;
  using opener = new BlobOpener(keys.openPgp, settings.keyFiles.seckey, clock);
  using search = new PasswordSearch({
    ...{ clock, log, retry: settings.retry },
    ask: async (server, end, shown) =>
      await askForPassword(
        server,
        {
          ...{ platform, shown, newEngine: keys.tls.newEngine },
          open: async (blob) => await opener.open(blob),
          makeWay: (unreachable) => hunt.makeWay(unreachable),
        },
        end,
      ),
    inVain: (server) => hunt.inVain(server),
  });
  const hunt = new ServerHunt(settings, platform, search);
  const halt = (): void => search.fail(stop.reason);
  stop.addEventListener('abort', halt, { once: true });
  try {
    hunt.start();
    // A key that opens nothing is not worth asking for, and no server must be needed to tell.
    opener.ready().catch((error) => search.fail(error));
    using password = await search.found;
    if (stop.aborted) throw stop.reason;
    await writeWhole(platform, password.bytes);
  } finally {
    stop.removeEventListener('abort', halt);
    search[Symbol.dispose]();
    await hunt.end();
  }
}

/**
 * Once begun the password is written to its end, also when a signal comes; unless its
 * reader does not read, which must not keep the program from ending.
 */
async function writeWhole(platform: Platform, bytes: Uint8Array): Promise<void> {
  const { clock, stop } = platform;
  const giveUp = new CancellationSource();
  let callOff = (): void => undefined;
  const halt = (): void => {
    callOff = clock.at(after(clock.now(), LAST_WORDS), () => giveUp.abort(stop.reason));
  };
  stop.addEventListener('abort', halt, { once: true });
  try {
    await orCancelled(platform.writeOutput(bytes), giveUp);
  } finally {
    stop.removeEventListener('abort', halt);
    callOff();
  }
  if (stop.aborted) throw stop.reason;
}
