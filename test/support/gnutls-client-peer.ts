import { once } from 'node:events';
import { connect } from 'node:net';
import { type GnutlsReport, gnutlsReport, RAW_KEYS_ONLY } from './gnutls.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

export interface GnutlsClientOptions {
  readonly privateKey: string;
  readonly publicKey: string;
  /** The first line, with its end. */
  readonly hello?: string;
  readonly priority?: string;
}

/**
 * A Mandos client made of gnutls-serv: connects to a Mandos server, says its line, and lets
 * gnutls-serv take part in TLS (in the Mandos protocol the client is the TLS server). The
 * report comes once the server has closed the connection. GnuTLS counts what it received
 * and does not show it; `received` is to be compared with the length of the blob.
 */
export async function askWithGnutls(
  host: string,
  port: number,
  options: GnutlsClientOptions,
): Promise<GnutlsReport> {
  await using dir = await TempDir.create();
  const socketPath = dir.join('tls');
  const bridge = inRepository('test/support/gnutls-serv-bridge.ts');
  const tlsServer = [
    ...['/usr/bin/gnutls-serv', '--debug=5', '--echo', '--disable-client-cert'],
    `--priority=${options.priority ?? RAW_KEYS_ONLY}`,
    ...[`--rawpkkeyfile=${options.privateKey}`, `--rawpkfile=${options.publicKey}`],
  ];
  // gnutls-serv listens on every address it finds, so it gets a network with none to find.
  await using program = RunningProgram.start('/usr/bin/unshare', [
    ...['--net', inRepository('scripts/node'), bridge, socketPath],
    ...tlsServer,
  ]);
  await program.waitForLine(/^ready$/);
  // Each direction ends by itself: gnutls-serv says close_notify after the server has ended.
  const tls = connect({ path: socketPath, allowHalfOpen: true });
  const mandos = connect({ host, port, allowHalfOpen: true });
  tls.on('error', () => mandos.destroy());
  mandos.on('error', () => tls.destroy());
  try {
    await Promise.all([once(tls, 'connect'), once(mandos, 'connect')]);
    mandos.write(options.hello ?? '1\r\n');
    const over = new Promise((resolve) => mandos.once('close', resolve));
    tls.pipe(mandos);
    mandos.pipe(tls);
    await over;
    // The end goes on to gnutls-serv behind all the bytes. The bridge ends with its only connection; then all has been written.
    await program.exit;
    return gnutlsReport(`${program.stdout}\n${program.stderr}`);
  } finally {
    tls.destroy();
    mandos.destroy();
  }
}
