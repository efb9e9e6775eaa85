/** The servers that are compared: ours and, where it can run, the original. */
import { clientSection } from '../test/support/client-keys.ts';
import { OriginalServer } from '../test/support/original-server.ts';
import { requires } from '../test/support/requirements.ts';
import { ServerProgram } from '../test/support/server-program.ts';
import type { TlsKey } from '../test/support/tls-keys.ts';
import { startOursLiving } from './ours-living.ts';

export interface Subject extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

export interface SubjectKind {
  readonly name: 'ours' | 'original';
  start(clients: string): Promise<Subject>;
  /** As administrators run it: checking, on a bus, telling nothing but what is critical. */
  startLiving(clients: string): Promise<LivingSubject>;
}

export interface LivingSubject extends Subject {
  /** Of the bus where it offers its interface. */
  readonly bus: string;
}

/** How long the original may take to start, in milliseconds. */
const START_PATIENCE = 120_000;

const ours: SubjectKind = {
  name: 'ours',
  async start(clients) {
    const options = ['--debuglevel', 'CRITICAL', '--address', '::ffff:127.0.0.1'];
    const server = await ServerProgram.start({ clients, options });
    return {
      port: server.port,
      pid: server.program.pid,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
  startLiving: startOursLiving,
};

const original: SubjectKind = {
  name: 'original',
  async start(clients) {
    const server = await OriginalServer.start({ clients, options: ['--debuglevel', 'CRITICAL'] });
    return {
      port: server.port,
      pid: server.program.pid,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
  async startLiving(clients) {
    const options = ['--debuglevel', 'CRITICAL'];
    const server = await OriginalServer.start({
      clients,
      options,
      dbus: true,
      patience: START_PATIENCE,
    });
    return {
      port: server.port,
      pid: server.program.pid,
      bus: server.busAddress,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

/** Those that can run here; `missing` says why the original cannot. */
export function subjects(): { readonly kinds: readonly SubjectKind[]; readonly missing?: string } {
  const { skip } = requires('original server');
  return skip === undefined ? { kinds: [ours, original] } : { kinds: [ours], missing: skip };
}

/** A clients.conf in which each of the keys has a blob of about the usual size. */
export function clientsConf(keys: readonly TlsKey[]): string {
  const secret = Buffer.alloc(2000, 'a blob of two thousand bytes ').toString('base64');
  const options = { fingerprint: 'A'.repeat(40), host: 'localhost', checker: '/bin/true', secret };
  // Nobody is checked while we measure the serving of secrets.
  const times = { interval: 'PT1H', timeout: 'PT2H' };
  return keys
    .map((key, at) => clientSection(`client${at}`, { key_id: key.keyId, ...options, ...times }))
    .join('\n');
}
