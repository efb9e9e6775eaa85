import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import {
  after,
  type Clock,
  type Duration,
  type Instant,
  milliseconds,
  seconds,
} from '../core/time.ts';
import type { InterfaceChoice } from './client-option-values.ts';
import { fitness, mayBringUp } from './interface-fitness.ts';
import type { Network, NetworkLink } from './network.ts';

/**
 * How often to look where the kernel does not tell of changes, and while something of ours is
 * due. Most changes come in the first minute; a machine that waits for days need not be kept
 * busy.
 */
const PERIOD: Duration = milliseconds(100);
const LATER_PERIOD: Duration = seconds(1);
const LATER: Duration = seconds(60);

/**
 * An interface that turns up later is left alone this long: udev may be about to give it
 * another name, which the kernel refuses once it is up.
 */
const RENAMING_TIME: Duration = milliseconds(300);

export interface InterfaceOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  readonly choice: InterfaceChoice;
  /** With `--connect`. */
  readonly connecting: boolean;
  /** How long to wait for interfaces to be running, with the kernel's messages kept back. */
  readonly delay: Duration;
  /** Called when an interface has begun to run or addresses have become usable. */
  readonly changed: () => void;
}

/** new → waiting (for a name to settle) → left alone, or brought up → taken down */
type Dealt =
  | { readonly kind: 'new'; readonly since: Instant }
  | { readonly kind: 'left alone' }
  | { readonly kind: 'brought up'; readonly link: NetworkLink };

/**
 * Brings up the interfaces that are to be used and are down, also those that turn up later,
 * and takes the same ones down again in the end (C4). It never waits: whoever uses an
 * interface does so as soon as it has an address, whatever becomes of the others.
 */
export class InterfaceKeeper implements Disposable {
  readonly #options: InterfaceOptions;
  readonly #dealt = new Map<string, Dealt>();
  /** Of the kernel's messages, until then. */
  #quiet: { readonly undo: Disposable; readonly until: Instant } | null = null;
  #state = '';
  #changedAt: Instant;
  #callOff = (): void => undefined;
  #news: Disposable | null = null;
  #ended = false;
  #complained = false;

  constructor(options: InterfaceOptions) {
    this.#options = options;
    this.#changedAt = options.clock.now();
  }

  /** Brings up what is there, and goes on looking. */
  start(): void {
    // Before the first look, so that nothing is missed in between.
    this.#news = this.#options.network.watch(() => this.#look());
    this.#look(true);
  }

  /** Whether an interface is one to be used. */
  wanted(name: string): boolean {
    const { choice, connecting } = this.#options;
    const link = this.#links().find((other) => other.name === name);
    if (link === undefined) return choice.names.length === 0 || choice.names.includes(name);
    return fitness(link, choice, connecting).kind === 'fit';
  }

  /** Takes down whatever was brought up. */
  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#news?.[Symbol.dispose]();
    this.#callOff();
    const ours = [...this.#dealt.values()].filter((dealt) => dealt.kind === 'brought up');
    if (ours.length > 0) this.#quieten();
    const { network, log } = this.#options;
    for (const { link } of ours.toReversed()) {
      try {
        network.takeDown(link);
        log.log('debug', `took down interface ${link.name}`);
      } catch (error) {
        // What has gone by itself is down.
        log.log('debug', `cannot take down ${link.name}: ${messageOf(error)}`);
      }
    }
    this.#dealt.clear();
    this.#speakAgain();
  }

  #look(first = false): void {
    if (this.#ended) return;
    const { clock, network, changed } = this.#options;
    const now = clock.now();
    const links = this.#links();
    this.#follow(links);
    for (const link of links) this.#deal(link, first, now);
    if (this.#quiet !== null && (this.#quiet.until <= now || this.#allRun(links))) {
      this.#speakAgain();
    }
    this.#lookAgain(now);
    const running = links.filter((link) => link.running).map(keyOf);
    const state = `${running.join(' ')} ${this.#ask(() => network.addressState(), '')}`;
    if (state === this.#state) return;
    this.#state = state;
    this.#changedAt = now;
    if (!first) changed();
  }

  /** Forgets what has gone, and keeps what was brought up when it was given another name. */
  #follow(links: readonly NetworkLink[]): void {
    const there = new Set(links.map(keyOf));
    for (const [key, dealt] of this.#dealt) {
      if (there.has(key)) continue;
      this.#dealt.delete(key);
      if (dealt.kind !== 'brought up') continue;
      const link = links.find(({ index }) => index === dealt.link.index);
      if (link === undefined) continue;
      this.#options.log.log('debug', `interface ${dealt.link.name} is now ${link.name}`);
      this.#dealt.set(keyOf(link), { kind: 'brought up', link });
    }
  }

  #lookAgain(now: Instant): void {
    const { clock } = this.#options;
    const untold = this.#news === null && now < after(this.#changedAt, LATER);
    const due =
      this.#quiet !== null || [...this.#dealt.values()].some(({ kind }) => kind === 'new');
    this.#callOff();
    this.#callOff = clock.at(after(now, untold || due ? PERIOD : LATER_PERIOD), () => this.#look());
  }

  #deal(link: NetworkLink, first: boolean, now: Instant): void {
    const { choice, connecting, log } = this.#options;
    const key = keyOf(link);
    const dealt = this.#dealt.get(key);
    if (dealt !== undefined && dealt.kind !== 'new') return;
    const since = dealt?.since ?? now;
    if (!first && !link.up && now < after(since, RENAMING_TIME)) {
      this.#dealt.set(key, { kind: 'new', since });
      return;
    }
    this.#dealt.set(key, { kind: 'left alone' });
    const fit = fitness(link, choice, connecting);
    if (fit.kind === 'unfit') log.log('debug', `not using interface ${link.name}: ${fit.why}`);
    else if (link.up) log.log('debug', `using interface ${link.name}, which is up`);
    else if (mayBringUp(link, choice)) this.#bringUp(link, key);
    else log.log('debug', `not bringing up interface ${link.name}`);
  }

  #bringUp(link: NetworkLink, key: string): void {
    const { network, log } = this.#options;
    this.#quieten();
    // Before the attempt: half done is to be undone as well.
    this.#dealt.set(key, { kind: 'brought up', link });
    try {
      network.bringUp(link);
      log.log('debug', `brought up interface ${link.name}`);
    } catch (error) {
      log.log('warning', `cannot bring up interface ${link.name}: ${messageOf(error)}`);
    }
  }

  #quieten(): void {
    const { network, clock, delay } = this.#options;
    const until = after(clock.now(), delay);
    const undo = this.#quiet?.undo ?? this.#ask(() => network.quietenKernel(), null);
    this.#quiet = undo === null ? null : { undo, until };
  }

  #speakAgain(): void {
    const quiet = this.#quiet;
    this.#quiet = null;
    this.#ask(() => quiet?.undo[Symbol.dispose](), undefined);
  }

  #allRun(links: readonly NetworkLink[]): boolean {
    return links.every(
      (link) => link.running || this.#dealt.get(keyOf(link))?.kind !== 'brought up',
    );
  }

  #links(): readonly NetworkLink[] {
    return this.#ask(() => this.#options.network.links(), []);
  }

  /** The answer, or `otherwise` where the system gives none; which is told once. */
  #ask<T>(question: () => T, otherwise: T): T {
    try {
      return question();
    } catch (error) {
      if (!this.#complained) this.#options.log.log('debug', messageOf(error));
      this.#complained = true;
      return otherwise;
    }
  }
}

function keyOf(link: NetworkLink): string {
  return `${link.index} ${link.name}`;
}

/** Of what the system refused; anything else is a mistake of ours. */
function messageOf(error: unknown): string {
  if (error instanceof MandosError) return error.message;
  throw error;
}
