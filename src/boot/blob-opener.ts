import { MandosError } from '../core/error.ts';
import type { Blob, OpenPgpSecretKey } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { OpenedBlob } from '../openpgp/open.ts';
import type { OwnKey } from '../openpgp/secret-key.ts';
import { asKeyTrouble } from './client-keys.ts';

type Open = (blob: Blob) => Promise<OpenedBlob>;

/**
 * Opens blobs with the client's OpenPGP key. Loading the OpenPGP library takes longer than
 * a whole TLS conversation, so it begins without waiting for a blob; but as an alarm of the
 * clock, so that whatever was started on the network before is really under way.
 */
export class BlobOpener implements Disposable {
  readonly #open: Promise<Open>;
  #key: OwnKey | null = null;
  #disposed = false;

  /**
   * @param file the caller's to dispose of, once the opener is `ready` or has failed
   * @param name the file's name, for errors
   */
  constructor(file: OpenPgpSecretKey, name: string, clock: Clock) {
    this.#open = new Promise<void>((resolve) => clock.at(clock.now(), resolve)).then(
      async () => await this.#load(file, name),
    );
    this.#open.catch(() => undefined); // whoever asks `ready` or `open` is told
  }

  /** @throws MandosError `key-unusable` */
  async ready(): Promise<void> {
    await this.#open;
  }

  /** @throws MandosError `blob-unusable`, or what `ready` throws */
  async open(blob: Blob): Promise<OpenedBlob> {
    const open = await this.#open;
    return await open(blob);
  }

  async #load(file: OpenPgpSecretKey, name: string): Promise<Open> {
    if (this.#disposed) throw ended();
    const [{ openBlob }, { readSecretKey }] = await Promise.all([
      import('../openpgp/open.ts'),
      import('../openpgp/secret-key.ts'),
    ]);
    if (this.#disposed) throw ended();
    let key: OwnKey;
    try {
      key = await readSecretKey(file);
    } catch (error) {
      throw asKeyTrouble(error, `'${name}': `);
    }
    if (this.#disposed) {
      key[Symbol.dispose]();
      throw ended();
    }
    this.#key = key;
    return async (blob) => await openBlob(blob, key);
  }

  /** Wipes the key; what is being opened fails. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#key?.[Symbol.dispose]();
    this.#key = null;
  }
}

function ended(): MandosError {
  return new MandosError('cancelled', 'the program ends');
}
