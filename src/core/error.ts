/** Exit statuses of sysexits.h that the programs use. */
export const ExitStatus = {
  ok: 0,
  failure: 1,
  /** What argparse, and so the original server, ends with after a bad command line. */
  argparse: 2,
  usage: 64,
  dataError: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  osError: 71,
  osFile: 72,
  cannotCreate: 73,
  ioError: 74,
  temporaryFailure: 75,
  protocol: 76,
  noPermission: 77,
  config: 78,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** Every kind of failure a caller may want to tell apart; stable. */
export type ErrorCode =
  | 'usage' // a command line that cannot be understood
  | 'config-syntax' // a configuration file that cannot be parsed
  | 'config-value' // an option whose value makes no sense
  | 'file-missing' // a file or directory that is needed is not there
  | 'file-unreadable' // a file is there and cannot be read
  | 'file-exists' // a file would be overwritten
  | 'file-unwritable' // a file cannot be created or written
  | 'key-unusable' // a key file holds no key, or a key that cannot serve
  | 'blob-unusable' // a blob is no OpenPGP message for this key
  | 'network' // a connection could not be made or was lost
  | 'unreachable' // there is no way to a host
  | 'protocol' // a peer does not speak the Mandos protocol
  | 'deadline' // a peer took too long
  | 'refused' // the server gave no secret
  | 'privileges' // a privilege could not be given up
  | 'program' // another program failed
  | 'cancelled' // the user or a signal ended it
  | 'unsupported'; // understood, and not possible here

export interface ErrorDetails {
  /** The process's exit status when this error ends it; `failure` (1) unless told. */
  readonly exitCode?: ExitStatus;
  /** What the reader can do about it: a sentence in lower case. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of the project. `message` says what happened and where, in lower
 * case and without a full stop. Neither it nor `hint` ever holds a secret (S4).
 */
export class MandosError extends Error {
  override readonly name = 'MandosError';
  readonly code: ErrorCode;
  readonly exitCode: ExitStatus;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.exitCode = details.exitCode ?? ExitStatus.failure;
    this.hint = details.hint;
  }
}
