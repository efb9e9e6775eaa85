import { readFileSync, writeFileSync } from 'node:fs';

/**
 * What the kernel waits for before an interface has its link-local address: up to
 * `router_solicitation_delay` seconds at random, then one retransmission time for the owner
 * of the same address to object (RFC 4862, section 5.4). On a network where somebody waits
 * for a machine to boot a tenth of a second is enough for that; measured: 0.1 s instead of
 * 1 to 2 s from up to usable.
 */
const SETTINGS = [
  ['conf', 'router_solicitation_delay', '0'],
  ['neigh', 'retrans_time_ms', '100'],
] as const;

/**
 * Makes an interface that is about to be brought up get its address soon. What cannot be
 * set is left as it is. Returns how to put the settings back, given the interface's name
 * then.
 */
export function quickenAddresses(
  interfaceName: string,
  folder = '/proc/sys/net/ipv6',
): (nameNow: string) => void {
  const before: ((nameNow: string) => readonly [path: string, value: string, ours: string])[] = [];
  for (const [part, setting, ours] of SETTINGS) {
    const pathFor = (name: string): string => `${folder}/${part}/${name}/${setting}`;
    try {
      const value = readFileSync(pathFor(interfaceName), 'latin1').trim();
      writeFileSync(pathFor(interfaceName), ours);
      before.push((nameNow) => [pathFor(nameNow), value, ours]);
    } catch {
      // No IPv6, no /proc, or no right to: it takes as long as it takes.
    }
  }
  return (nameNow) => {
    for (const setting of before) {
      const [path, value, ours] = setting(nameNow);
      try {
        if (readFileSync(path, 'latin1').trim() === ours) writeFileSync(path, value);
      } catch {
        // The interface has gone, and the settings with it.
      }
    }
  };
}
