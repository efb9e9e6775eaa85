/**
 * What a rehearsal has learnt of each server, and what that means for the boot to come.
 *
 *   asking ──handshake──▶ shown ──▶ opened
 *      └───────┴────────────┴─────▶ refused, or failed ──▶ asking again
 */
import { ExitStatus, MandosError } from '../../core/error.ts';
import { after, type Duration, type Instant, seconds } from '../../core/time.ts';
import type { SearchNews } from '../find-password.ts';
import { formatServer } from '../server-address.ts';

/** When all that were found have answered in vain, how long another may take to turn up. */
const QUIET: Duration = seconds(4);

export class Findings {
  readonly #start: Instant;
  readonly #wait: Duration;
  /** How many servers were named, when no others are searched for. */
  readonly #only: number | null;
  readonly #servers = new Map<string, SearchNews>();
  /** The last answer of each, which asking again does not take back. */
  readonly #answers = new Map<string, SearchNews>();
  #lastNews: Instant;

  constructor(start: Instant, wait: Duration, only: number | null) {
    this.#start = start;
    this.#lastNews = start;
    this.#wait = wait;
    this.#only = only;
  }

  /** False when the server has said the same before. */
  add(news: SearchNews, now: Instant): boolean {
    const name = formatServer(news.server);
    this.#lastNews = now;
    this.#servers.set(name, news);
    if (news.kind === 'asking' || news.kind === 'shown') return !this.#answers.has(name);
    const before = this.#answers.get(name);
    this.#answers.set(name, news);
    return before === undefined || textOf(before) !== textOf(news);
  }

  /** The servers that have shown themselves and keep the client waiting since `moment`. */
  get waitingFor(): readonly string[] {
    return this.#of('shown').map(([name]) => name);
  }

  /** Whether nothing better is to be expected. */
  over(now: Instant): boolean {
    if (now >= after(this.#start, this.#wait)) return true;
    const kinds = [...this.#servers.values()].map(({ kind }) => kind);
    const open = kinds.some((kind) => kind === 'asking' || kind === 'shown' || kind === 'opened');
    if (open || kinds.length === 0) return false;
    if (this.#only !== null) return kinds.length >= this.#only;
    return now >= after(this.#lastNews, QUIET);
  }

  /** Why there is no password: the most telling of all that went wrong. */
  verdict(keyId: string): MandosError {
    const failed = [...this.#answers.values()].filter((news) => news.kind === 'failed');
    const sealedOtherwise = failed.find(({ error }) => error.code === 'blob-unusable');
    if (sealedOtherwise !== undefined) {
      const name = formatServer(sealedOtherwise.server);
      const why = sealedOtherwise.error.message;
      return trouble(
        `${name} gave a blob that the key of this client does not open: ${why}`,
        ExitStatus.dataError,
        'seal the password here with mandos-keygen --password, and replace the section in clients.conf',
      );
    }
    const [waiting] = this.waitingFor;
    if (waiting !== undefined) {
      return trouble(
        `${waiting} knows this client and gave nothing in time`,
        ExitStatus.temporaryFailure,
        'it may wait for an approval (mandos-ctl --approve NAME); --wait gives it longer',
      );
    }
    const [refusal] = [...this.#answers.values()].filter(({ kind }) => kind === 'refused');
    if (refusal !== undefined) {
      return trouble(
        `${formatServer(refusal.server)} has no password for this client, or will not give it now`,
        ExitStatus.noPermission,
        `on the server: does a section in clients.conf have key_id = ${keyId}, and is that client enabled (mandos-ctl)?`,
      );
    }
    const [unreached] = failed;
    if (unreached !== undefined) {
      return trouble(
        `no answer from ${formatServer(unreached.server)}: ${unreached.error.message}`,
        ExitStatus.unavailable,
        'is the server running, at this address and port? does a firewall stand between?',
      );
    }
    const [silent] = this.#of('asking');
    if (silent !== undefined) {
      return trouble(
        `no answer from ${silent[0]} in time`,
        ExitStatus.unavailable,
        'is this the address of a Mandos server? does a firewall drop the packets?',
      );
    }
    return trouble(
      'no Mandos server was found',
      ExitStatus.unavailable,
      'is one running on the same link, and does multicast DNS (UDP port 5353) get through? otherwise name it: --connect ADDRESS:PORT',
    );
  }

  #of(kind: SearchNews['kind']): (readonly [string, SearchNews])[] {
    return [...this.#servers].filter(([, news]) => news.kind === kind);
  }
}

/** What a person is told of the news. */
export function textOf(news: SearchNews): string {
  const name = formatServer(news.server);
  switch (news.kind) {
    case 'asking':
      return `asking ${name}`;
    case 'shown':
      return `${name} answers`;
    case 'refused':
      return `${name} gave nothing`;
    case 'failed':
      return `${name}: ${news.error.message}`;
    case 'opened':
      return news.signed === 'by-own-key'
        ? `${name} gave the blob; this client's key opens it and has signed it`
        : `${name} gave a blob that this client's key opens and has not signed; at boot another server is hoped for first`;
    default:
      return news satisfies never;
  }
}

function trouble(message: string, exitCode: ExitStatus, hint: string): MandosError {
  return new MandosError('refused', message, { exitCode, hint });
}
