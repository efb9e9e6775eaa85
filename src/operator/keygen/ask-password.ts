import { MandosError } from '../../core/error.ts';
import { Password } from '../../core/secret.ts';
import { wipeableCopy } from '../../core/wipeable-bytes.ts';
import { trimBlanks } from './trim-blanks.ts';

/** Where a password is typed or piped in. */
export interface PasswordLines {
  /** The next line without its end, the caller's to overwrite. */
  readLine(prompt: string): Promise<Uint8Array<ArrayBuffer>>;
  tell(line: string): void;
}

/**
 * Asks for a password twice, and again until both are the same. White space at both ends
 * does not count (mandos-keygen(8), "Bugs"). Throws what `readLine` throws, and
 * `MandosError` `usage` for an empty password: it is not one that was meant.
 */
export async function askPassword(lines: PasswordLines): Promise<Password> {
  for (;;) {
    const first = trimBlanks(await lines.readLine('Password: '));
    try {
      const second = trimBlanks(await lines.readLine('The same again: '));
      const same = first.length === second.length && first.every((byte, i) => byte === second[i]);
      second.fill(0);
      if (!same) {
        lines.tell('the two were not the same, please try again');
        continue;
      }
      if (first.length === 0) {
        throw new MandosError('usage', 'the password is empty', {
          hint: 'to seal an empty password on purpose: --passfile=/dev/null',
        });
      }
      return new Password(wipeableCopy(first));
    } finally {
      first.fill(0);
    }
  }
}
