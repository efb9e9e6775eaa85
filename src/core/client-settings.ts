import type { KeyId } from './key-id.ts';
import type { Duration } from './time.ts';

/**
 * What the administrator decides about a client (mandos-clients.conf(5)), apart from its
 * secret. Pure data; what the server learns about a client while it runs is not here.
 */
export interface ClientSettings {
  /** The section's name; any text. */
  readonly name: string;
  /** Null for a client with only an OpenPGP fingerprint: TLS 1.3 can never show it. */
  readonly keyId: KeyId | null;
  /** Of the OpenPGP key of old versions: upper case, without spaces; may be empty. */
  readonly fingerprint: string;
  /** For the checker; may be empty. */
  readonly host: string;
  /** A shell command, start-time expanded; `%(name)s` in it is expanded at each run. */
  readonly checker: string;
  /** How long a client lives after a successful check. */
  readonly timeout: Duration;
  /** How long it lives after it has been sent its secret. */
  readonly extendedTimeout: Duration;
  /** From the start of a check to the start of the next. */
  readonly interval: Duration;
  /** How long a request waits for an approval before `approvedByDefault` decides. */
  readonly approvalDelay: Duration;
  /** How long an approval or denial holds. */
  readonly approvalDuration: Duration;
  readonly approvedByDefault: boolean;
  /** Whether the client starts enabled. */
  readonly enabled: boolean;
}
