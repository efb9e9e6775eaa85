import { MandosError } from '../core/error.ts';
import type { Password } from '../core/secret.ts';
import type { Signed } from '../openpgp/open.ts';
import { type Answer, type AskContext, askForPassword } from './ask-for-password.ts';
import { BlobOpener } from './blob-opener.ts';
import { loadClientKeys } from './client-keys.ts';
import type { ClientSettings } from './client-settings.ts';
import { PasswordSearch } from './password-search.ts';
import type { Platform } from './platform.ts';
import type { ServerAddress } from './server-address.ts';
import { ServerHunt } from './server-hunt.ts';

/** What becomes of one question to one server. */
export type SearchNews =
  | { readonly kind: 'asking'; readonly server: ServerAddress }
  /** It has shown itself in the handshake, and now takes its time. */
  | { readonly kind: 'shown'; readonly server: ServerAddress }
  | { readonly kind: 'refused'; readonly server: ServerAddress }
  | { readonly kind: 'opened'; readonly server: ServerAddress; readonly signed: Signed }
  | { readonly kind: 'failed'; readonly server: ServerAddress; readonly error: MandosError };

export type SearchWatch = (news: SearchNews) => void;

/**
 * Loads the keys, searches for servers and hands the password to `use`, once.
 * All secrets are wiped when it returns, however that is, and all that was brought up for
 * the search is taken down.
 * @param use the password is wiped when it has ended
 * @param watch told of every question
 * @throws MandosError what cannot be bettered by waiting; the stop's reason when stopped
 */
export async function findPassword(
  settings: ClientSettings,
  platform: Platform,
  use: (password: Password) => Promise<void>,
  watch: SearchWatch = () => undefined,
): Promise<void> {
  const { clock, log, stop } = platform;
  if (settings.dh.parametersFile !== null || settings.dh.bits !== null) {
    log.log('debug', '--dh-params and --dh-bits are without effect in TLS 1.3');
  }
  using keys = await loadClientKeys(platform, settings.keyFiles, settings.tlsPolicy);
  if (stop.aborted) throw stop.reason;
  using opener = new BlobOpener(keys.openPgp, settings.keyFiles.seckey, clock);
  using search = new PasswordSearch({
    ...{ clock, log, retry: settings.retry },
    ask: async (server, end, shown, connected) => {
      watch({ kind: 'asking', server });
      const context: AskContext = {
        ...{ platform, connected, newEngine: keys.tls.newEngine },
        open: async (blob) => await opener.open(blob),
        makeWay: (unreachable) => hunt.makeWay(unreachable),
        shown: () => {
          watch({ kind: 'shown', server });
          shown();
        },
      };
      try {
        const answer = await askForPassword(server, context, end);
        watch(newsOf(server, answer));
        return answer;
      } catch (error) {
        // Cut short by the search itself it says nothing of the server.
        if (!end.aborted && error instanceof MandosError) watch({ kind: 'failed', server, error });
        throw error;
      }
    },
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
    await use(password);
  } finally {
    stop.removeEventListener('abort', halt);
    search[Symbol.dispose]();
    await hunt.end();
  }
}

function newsOf(server: ServerAddress, answer: Answer): SearchNews {
  if (answer.kind === 'refused') return { kind: 'refused', server };
  return { kind: 'opened', server, signed: answer.blob.signed };
}
