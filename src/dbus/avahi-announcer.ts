import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import {
  AvahiRegistration,
  type AvahiService,
  type RegistrationListener,
} from './avahi-registration.ts';
import { BusLink } from './bus-link.ts';

/** The longest label of DNS. */
const LONGEST_NAME = 63;

/** A service that Avahi announces until it is let go of. */
export interface AvahiAnnouncement extends AsyncDisposable {
  readonly name: string;
}

export interface AvahiAnnouncerContext {
  /** Of the system bus. */
  readonly address: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Announces `_mandos._tcp` through avahi-daemon and its D-Bus interface. Avahi knows the
 * machine's addresses by itself, so one that is configured for the server alone is not told.
 */
export class AvahiAnnouncer {
  readonly #context: AvahiAnnouncerContext;

  constructor(context: AvahiAnnouncerContext) {
    this.#context = context;
  }

  /**
   * Returns as soon as the announcing has begun; it goes on when Avahi or the bus restarts.
   * @param patience `as long as it takes`: when there is no Avahi yet it is waited for, and this
   * returns all the same
   * @throws MandosError `config-value` for a name that cannot be announced, `network` when
   * there is no bus or no Avahi on it
   */
  async announce(
    service: AvahiService,
    listener: RegistrationListener,
    patience: 'now' | 'as long as it takes' = 'now',
  ): Promise<AvahiAnnouncement> {
    const length = Buffer.byteLength(service.name);
    if (length === 0 || length > LONGEST_NAME) {
      throw new MandosError('config-value', `service name "${service.name}" is empty or too long`, {
        exitCode: ExitStatus.config,
        hint: 'a service name has 1 to 63 bytes',
      });
    }
    const registration = new AvahiRegistration(service, listener, { ...this.#context, patience });
    const link = new BusLink({ ...this.#context, user: registration });
    const dispose = async (): Promise<void> => {
      registration.stop();
      await link[Symbol.asyncDispose]();
      await registration.ended();
    };
    try {
      await link.firstTry;
    } catch (error) {
      if (patience === 'now') {
        await dispose();
        throw error;
      }
    }
    return {
      get name() {
        return registration.name;
      },
      [Symbol.asyncDispose]: dispose,
    };
  }
}
