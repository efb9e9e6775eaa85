/** Mandos servers for the machines that boot: ours as it is built, and Debian's. */
import { Avahi } from '../support/avahi.ts';
import type { NetworkSide } from '../support/network-namespaces.ts';
import { OriginalServerOnLink } from '../support/original-server-on-link.ts';
import type { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { ServerHome } from '../support/server-home.ts';
import type { DebianPrograms } from './debian-programs.ts';

export interface ServerOnLan extends AsyncDisposable {
  readonly program: RunningProgram;
}

export interface OwnServerOnLan extends ServerOnLan {
  readonly port: number;
  /** Its log so far. */
  readonly log: string;
}

/** A section of clients.conf for somebody else. */
export const STRANGER = `[stranger]
key_id = ${'0123456789ABCDEF'.repeat(4)}
host = stranger
secret = c3RyYW5nZXI=
`;

const MANDOS = inRepository('build/bin/mandos');

/** Our server, as the single executable, announcing itself. */
export async function startOwnServer(
  side: NetworkSide,
  clients: string,
  ...options: readonly string[]
): Promise<OwnServerOnLan> {
  await using cleanup = new AsyncDisposableStack();
  const home = cleanup.use(await ServerHome.make(clients));
  const server = cleanup.use(
    await home.start({
      zeroconf: true,
      options,
      command: (_source, ...args) => side.command(MANDOS, ...args),
    }),
  );
  const { program, port } = server;
  const held = cleanup.move();
  return {
    program,
    port,
    get log() {
      return server.log;
    },
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

/** Debian's server, announced through Avahi: 12's, or that of another Debian's programs. */
export async function startOriginalServer(
  side: NetworkSide,
  clients: string,
  debian?: DebianPrograms,
): Promise<ServerOnLan> {
  await using cleanup = new AsyncDisposableStack();
  const avahi = cleanup.use(await Avahi.start(side));
  const server = cleanup.use(
    await OriginalServerOnLink.start(side, avahi.busAddress, clients, debian?.command),
  );
  const held = cleanup.move();
  return {
    program: server.program,
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}
