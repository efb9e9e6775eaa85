import { ExitStatus, MandosError } from '../core/error.ts';

export interface UserIdParts {
  readonly name: string;
  readonly email: string;
  readonly comment: string;
}

/** gpg reads user IDs of at most 2048 bytes. */
const LONGEST = 2048;

/**
 * The user ID of a key as gpg writes it, `NAME (COMMENT) <EMAIL>`, without the parts that
 * are empty. Throws `MandosError` `usage` for a part that would run into the next one or
 * out of the line.
 */
export function userId(parts: UserIdParts): string {
  const name = part('name', parts.name, /[<>]/);
  const comment = part('comment', parts.comment, /[()]/);
  const email = part('email address', parts.email, /[<>\s]/);
  const whole = [name, comment && `(${comment})`, email && `<${email}>`].filter(Boolean).join(' ');
  if (whole === '') {
    throw usage('the OpenPGP key would have no name', 'give one with --name');
  }
  if (new TextEncoder().encode(whole).length > LONGEST) {
    throw usage('name, comment and email address are too long', `together ${LONGEST} bytes`);
  }
  return whole;
}

function part(what: string, text: string, forbidden: RegExp): string {
  const trimmed = text.trim();
  // A line break in the armour's comment or in gpg's listings would be a line of its own (L2).
  if (/\p{Cc}|\p{Cs}|\u2028|\u2029/u.test(trimmed) || forbidden.test(trimmed)) {
    throw usage(
      `the ${what} of the OpenPGP key has a character that cannot be in it`,
      'leave out control characters and the brackets that separate the parts',
    );
  }
  return trimmed;
}

function usage(message: string, hint: string): MandosError {
  return new MandosError('usage', message, { exitCode: ExitStatus.usage, hint });
}
