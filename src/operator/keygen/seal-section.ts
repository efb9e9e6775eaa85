/** The second job of mandos-keygen: a section for clients.conf with a sealed password. */
import { join } from 'node:path';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { OpenPgpSecretKey, type Password } from '../../core/secret.ts';
import { sealPassword } from '../../openpgp/seal.ts';
import { type OwnKey, readSecretKey } from '../../openpgp/secret-key.ts';
import { readSecretFile } from '../../system/private-file.ts';
import { clientSection } from './client-section.ts';
import { LARGEST_KEY_FILE } from './key-directory.ts';
import { keyIdOfDirectory } from './key-id-of-directory.ts';
import type { SshHostKey } from './ssh-host-key.ts';

export interface SectionWish {
  readonly directory: string;
  readonly name: string;
  readonly sshHostKey: SshHostKey | undefined;
  readonly now: Date;
  readonly warn: (line: string) => void;
}

/**
 * The OpenPGP key of a key directory, the caller's to dispose of. Throws `MandosError`:
 * `file-missing`, `file-unreadable`, `key-unusable`.
 */
export async function readOwnKey(directory: string): Promise<OwnKey> {
  const path = join(directory, 'seckey.txt');
  try {
    using file = new OpenPgpSecretKey(readSecretFile(path, LARGEST_KEY_FILE));
    return await readSecretKey(file);
  } catch (cause) {
    if (!(cause instanceof MandosError)) throw cause;
    if (cause.code !== 'file-missing') throw about(path, cause);
    throw new MandosError('file-missing', `there is no OpenPGP key in '${directory}'`, {
      exitCode: ExitStatus.noInput,
      hint: `make keys first: mandos-keygen --dir '${directory}'`,
      cause,
    });
  }
}

/** Seals `password` with the key of the directory and writes the section about it. */
export async function sealSection(
  password: Password,
  ownKey: OwnKey,
  wish: SectionWish,
): Promise<string> {
  const keyId = keyIdOfDirectory(wish.directory);
  if (keyId === undefined) {
    wish.warn(`there is no TLS key in '${wish.directory}', so the section has no key_id`);
    wish.warn('only a client of before 2019 can use it; mandos-keygen --force makes new keys');
  }
  using blob = await sealPassword(password, ownKey, wish.now);
  const { fingerprint } = ownKey;
  return clientSection({ name: wish.name, keyId, fingerprint, blob, sshHostKey: wish.sshHostKey });
}

function about(path: string, cause: MandosError): MandosError {
  const { exitCode, hint } = cause;
  return new MandosError(cause.code, `${path}: ${cause.message}`, {
    exitCode,
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
