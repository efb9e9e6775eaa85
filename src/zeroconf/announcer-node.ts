import { hostname } from 'node:os';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { type Clock, seconds } from '../core/time.ts';
import {
  type Announcement,
  type AnnouncementListener,
  type Announcer,
  MANDOS_TYPE,
  type ServiceToAnnounce,
} from './announcer.ts';
import { parseAddress } from './ip-address.ts';
import type { UsableLink } from './link.ts';
import { MachineRunner } from './machine-runner.ts';
import { NodeMulticast } from './multicast-node.ts';
import { label, shortened } from './name.ts';
import { Responder } from './responder.ts';

/** Node hears nothing of new interfaces from the kernel, so it looks this often. */
const PERIOD = seconds(1);

/** Leaves room for "-mandos". */
const LONGEST_HOST = 56;

/**
 * Announces with the project's own responder. When another program keeps the port of
 * multicast DNS to itself, `announce` fails with an error for which `isPortTaken` (in
 * system/multicast-socket.ts) is true: only Avahi over D-Bus can announce then.
 */
export class OwnAnnouncer implements Announcer {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(log: Log, clock: Clock, random: () => number = Math.random) {
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
  }

  async announce(
    service: ServiceToAnnounce,
    listener: AnnouncementListener,
  ): Promise<Announcement> {
    const { name, port } = service;
    if (label(name) === null) {
      throw new MandosError('config-value', `service name "${name}" is empty or too long`, {
        exitCode: ExitStatus.config,
        hint: 'a service name has 1 to 63 bytes',
      });
    }
    const host = ownHostLabel(hostname());
    const responder = new Responder({ type: MANDOS_TYPE, name, host, port }, this.#random);
    const multicast = await NodeMulticast.open({
      families: service.families,
      wanted: (name) => service.interface === null || service.interface === name,
      period: PERIOD,
      log: this.#log,
      clock: this.#clock,
    });
    const runner = new MachineRunner(responder, multicast, this.#clock, (effect) => {
      if (effect.kind === 'announced') listener.announced(effect.link.interface);
      else if (effect.what === 'service') listener.renamed(effect.name);
      else this.#log.log('debug', `multicast DNS host name is now ${effect.name}.local`);
    });
    multicast.start({
      received: (packet) => runner.received(packet),
      linksChanged: (links) => runner.linksChanged(links.flatMap((link) => served(service, link))),
    });
    return {
      get name() {
        return responder.name;
      },
      async [Symbol.asyncDispose]() {
        runner.stop(responder.stop());
        await multicast[Symbol.asyncDispose]();
      },
    };
  }
}

/**
 * A host name of the responder's own: were it the machine's, an Avahi that is started
 * later would have to give the machine another.
 */
export function ownHostLabel(machine: string): string {
  const [first = ''] = machine.split('.');
  const plain = first.replace(/[^\w-]/g, '-');
  return plain === '' ? 'mandos' : `${shortened(plain, LONGEST_HOST)}-mandos`;
}

/** The link with the addresses by which the service can be reached; none, when there are none. */
function served(service: ServiceToAnnounce, link: UsableLink): readonly UsableLink[] {
  const only = service.address === null ? null : parseAddress(service.address);
  const addresses = link.addresses.filter((address) => {
    if (!service.families.includes(address.length === 4 ? 'ipv4' : 'ipv6')) return false;
    return only === null || only.toString() === address.toString();
  });
  return addresses.length === 0 ? [] : [{ ...link, addresses }];
}
