import { ExitStatus, MandosError } from '../../core/error.ts';
import type { KeyId } from '../../core/key-id.ts';
import type { Blob } from '../../core/secret.ts';
import type { SshHostKey } from './ssh-host-key.ts';

export interface ClientSection {
  readonly name: string;
  readonly keyId: KeyId | undefined;
  readonly fingerprint: string;
  readonly blob: Blob;
  readonly sshHostKey: SshHostKey | undefined;
}

const COLUMNS = 64;

/**
 * Throws `MandosError` `usage` for a name that cannot head a section of clients.conf, or
 * would be read as something else there (L2).
 */
export function checkClientName(name: string): void {
  const problem = problemOf(name);
  if (problem === undefined) return;
  throw new MandosError('usage', `a client's name ${problem}`, {
    exitCode: ExitStatus.usage,
    hint: 'give another with --name',
  });
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'cannot be empty';
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) return 'cannot have control characters';
  if (/[[\]]/.test(name)) return 'cannot have square brackets';
  if (name !== name.trim()) return 'cannot begin or end with white space';
  // configparser(3) would take it for what all clients share.
  if (name === 'DEFAULT') return 'cannot be DEFAULT';
  return undefined;
}

/**
 * The section for clients.conf (mandos-clients.conf(5)), in the order of the original.
 * Throws as `checkClientName`.
 */
export function clientSection(client: ClientSection): string {
  checkClientName(client.name);
  const lines = [`[${client.name}]`, `host = ${escapePercent(client.name)}`];
  // In lower case as the original; servers compare without case.
  if (client.keyId !== undefined) lines.push(`key_id = ${client.keyId.toLowerCase()}`);
  lines.push(`fingerprint = ${client.fingerprint}`, 'secret =');
  const encoded = Buffer.from(client.blob.bytes).toString('base64');
  for (let i = 0; i < encoded.length; i += COLUMNS) {
    lines.push(`    ${encoded.slice(i, i + COLUMNS)}`);
  }
  if (client.sshHostKey !== undefined) lines.push(...checkerLines(client.sshHostKey));
  return `${lines.join('\n')}\n`;
}

/**
 * A checker that asks the client for its SSH host key. `%(ssh_fingerprint)s` is filled in
 * when the server starts, `%%(host)s` when the checker is run, quoted for the shell.
 * The lines that ssh-keyscan since OpenSSH 9.8 writes about the host's version on standard
 * output match nothing.
 */
function checkerLines({ scanType, type, key }: SshHostKey): string[] {
  const pattern = '%%(host)s" %(ssh_fingerprint)s"';
  return [
    `checker = ssh-keyscan -t ${scanType} %%(host)s 2>/dev/null | grep -F -x -q -e ${pattern}`,
    `ssh_fingerprint = ${type} ${key}`,
  ];
}

/** A `%` in a value would start an interpolation. */
function escapePercent(text: string): string {
  return text.replaceAll('%', '%%');
}
