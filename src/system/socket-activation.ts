import { MandosError } from '../core/error.ts';
import type { Descriptor } from '../native/libc.ts';

/** The first descriptor that a service manager hands over (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;

/**
 * The socket that the service manager listens on for us, or null. Takes what tells of it out
 * of the environment: it is for this process only.
 * @throws MandosError `config-value` when it is not exactly one
 */
export function takeActivatedSocket(
  environment: Record<string, string | undefined>,
  pid: number,
): Descriptor | null {
  const { LISTEN_FDS, LISTEN_PID } = environment;
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID']) {
    delete environment[name];
  }
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid) || LISTEN_FDS === '0') return null;
  if (LISTEN_FDS === '1') return FIRST_DESCRIPTOR;
  throw new MandosError(
    'config-value',
    `the service manager handed over ${JSON.stringify(LISTEN_FDS)} sockets (LISTEN_FDS)`,
    { hint: 'give the socket unit a single ListenStream=; one for [::] takes IPv4 too' },
  );
}
