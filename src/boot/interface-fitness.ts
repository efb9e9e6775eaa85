import type { InterfaceChoice } from './client-option-values.ts';
import type { NetworkLink } from './network.ts';

export type Fitness =
  | { readonly kind: 'fit' }
  /** `why` is for people. */
  | { readonly kind: 'unfit'; readonly why: string };

/**
 * Whether an interface is to be used (mandos-client(8mandos)): those that were named, or all
 * that are fit for a search.
 * @param connecting with `--connect`, when a server need not be on the link itself
 */
export function fitness(link: NetworkLink, choice: InterfaceChoice, connecting: boolean): Fitness {
  if (choice.names.length > 0) {
    return choice.names.includes(link.name) ? { kind: 'fit' } : unfit('not named');
  }
  if (link.loopback) return unfit('loopback');
  // The original takes these without a look at the flag NOARP, which most of them have; seen.
  if (connecting && (link.pointToPoint || !link.broadcast)) return { kind: 'fit' };
  if (link.pointToPoint) return unfit('point-to-point');
  if (!link.broadcast) return unfit('no broadcast');
  if (link.noArp) return unfit('no ARP');
  return { kind: 'fit' };
}

/** Whether an interface that is fit may be brought up. */
export function mayBringUp(link: NetworkLink, choice: InterfaceChoice): boolean {
  return choice.onlyBringUp === null || choice.onlyBringUp.includes(link.name);
}

function unfit(why: string): Fitness {
  return { kind: 'unfit', why };
}
