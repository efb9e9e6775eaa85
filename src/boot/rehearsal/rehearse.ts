import { CancellationSource } from '../../core/cancellation.ts';
import { type ErrorCode, ExitStatus, MandosError } from '../../core/error.ts';
import { silentLog } from '../../core/log.ts';
import type { Password } from '../../core/secret.ts';
import { after, type Duration, seconds } from '../../core/time.ts';
import { loadClientKeys } from '../client-keys.ts';
import type { ClientSettings } from '../client-settings.ts';
import { findPassword, type SearchNews } from '../find-password.ts';
import { fitness } from '../interface-fitness.ts';
import type { Platform } from '../platform.ts';
import { Findings, textOf } from './findings.ts';
import { unchangedPlatform } from './unchanged-platform.ts';

const PERIOD: Duration = seconds(1);

export interface Rehearsal {
  readonly settings: ClientSettings;
  /** How long servers are searched for and waited for, at most. */
  readonly wait: Duration;
  /**
   * The key ID of the key files, for people; null when there is none.
   * @throws MandosError `key-unusable` when they do not belong together
   */
  readonly keyId: () => string | null;
  /** A step, or what came of it, for the person who watches. */
  readonly tell: (line: string) => void;
}

/**
 * Gets the password as the next boot will, from the same servers with the same keys, and hands
 * it to `use`; on a machine that runs, whose network it leaves as it is.
 * @throws MandosError with the reason why the boot would find no password and what to do;
 *   what `use` throws; the stop's reason when stopped
 */
export async function rehearse(
  rehearsal: Rehearsal,
  platform: Platform,
  use: (password: Password) => Promise<void>,
): Promise<void> {
  const { settings, wait, tell } = rehearsal;
  const { clock } = platform;
  const keyId = await checkKeys(rehearsal, platform);
  const named = [...(settings.connect === null ? [] : [settings.connect]), ...settings.servers];
  const only = settings.connect === null ? null : named.length;
  const findings = new Findings(clock.now(), wait, only);
  const told = new Set<string>();
  using stop = new Stop(platform);
  const look = (): void => {
    if (findings.over(clock.now())) stop.abort(findings.verdict(keyId));
  };
  const watch = (news: SearchNews): void => {
    if (findings.add(news, clock.now()) && news.kind !== 'shown') tell(textOf(news));
    look();
  };
  let callOff = (): void => undefined;
  const tick = (): void => {
    for (const name of findings.waitingFor) {
      if (!told.has(name)) tell(`${name} keeps this client waiting, perhaps for an approval`);
      told.add(name);
    }
    look();
    callOff = clock.at(after(clock.now(), PERIOD), tick);
  };
  tick();
  const { browse } = asItIs(platform, settings, tell);
  const machine = unchangedPlatform(platform, { log: silentLog, stop: stop.cancellation, browse });
  try {
    await findPassword(settings, machine, use, watch);
  } catch (error) {
    throw asKeyTrouble(error);
  } finally {
    callOff();
  }
}

/** Ends with the platform's own stop, or by a verdict. */
class Stop implements Disposable {
  readonly #outer: Platform['stop'];
  readonly cancellation = new CancellationSource();
  readonly #pass = (): void => this.cancellation.abort(this.#outer.reason);

  constructor({ stop }: Platform) {
    this.#outer = stop;
    if (stop.aborted) this.#pass();
    stop.addEventListener('abort', this.#pass, { once: true });
  }

  abort(reason: MandosError): void {
    this.cancellation.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#outer.removeEventListener('abort', this.#pass);
  }
}

/** The search by Zeroconf, which says where it looks, and why when it cannot. */
function asItIs(
  platform: Platform,
  { interfaces, connect }: ClientSettings,
  tell: Rehearsal['tell'],
): Pick<Platform, 'browse'> {
  return {
    async browse(wanted, listener) {
      const links = platform.network.links().filter((link) => link.up);
      const fit = links.filter(
        (link) => fitness(link, interfaces, connect !== null).kind === 'fit',
      );
      const names = fit.map(({ name }) => name).join(', ');
      tell(names === '' ? 'no network interface is up' : `searching by Zeroconf on ${names}`);
      try {
        return await platform.browse(wanted, listener);
      } catch (error) {
        if (error instanceof MandosError) tell(error.message);
        throw error;
      }
    },
  };
}

/** Before anything goes out on the network. */
async function checkKeys(
  { settings, keyId, tell }: Rehearsal,
  platform: Platform,
): Promise<string> {
  try {
    const found = keyId();
    using _loaded = await loadClientKeys(platform, settings.keyFiles, settings.tlsPolicy);
    const name = found ?? 'unknown';
    tell(`the four key files can be read; key ID ${name}`);
    return name;
  } catch (error) {
    throw asKeyTrouble(error);
  }
}

const KEY_TROUBLES: readonly ErrorCode[] = ['file-missing', 'file-unreadable', 'key-unusable'];

/** The same with the exit status for keys, whoever found it. */
function asKeyTrouble(error: unknown): unknown {
  if (!(error instanceof MandosError) || !KEY_TROUBLES.includes(error.code)) return error;
  const hint = error.message.includes('(EACCES)')
    ? 'only root may read the keys; run it as root'
    : 'mandos-keygen makes the four key files; --dir names another directory';
  return new MandosError(error.code, error.message, {
    exitCode: ExitStatus.noInput,
    hint,
    cause: error,
  });
}
