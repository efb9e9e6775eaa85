/** GnuTLS's priority string for what both Mandos programs speak. */
export const RAW_KEYS_ONLY = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-CTYPE-ALL:+CTYPE-RAWPK';

/** What GnuTLS tells about a conversation that it took part in. */
export interface GnutlsReport {
  /** Such as `(TLS1.3-Raw Public Key)-(ECDHE-X25519)-…`; undefined without a handshake. */
  readonly description: string | undefined;
  /** How many bytes of application data it received. */
  readonly received: number;
  /** Whether the peer said that it had finished. */
  readonly closeNotify: boolean;
}

/** Reads the output of gnutls-serv or gnutls-cli run with `--debug=5`. */
export function gnutlsReport(log: string): GnutlsReport {
  let received = 0;
  for (const [, length] of log.matchAll(
    /Decrypted Packet\[\d+\] Application Data\(23\) with length: (\d+)/g,
  )) {
    received += Number(length);
  }
  return {
    description: /^- Description: (.*)$/m.exec(log)?.[1],
    received,
    closeNotify: log.includes('Close notify - was received'),
  };
}
