import type { ClientChange, ClientSaver } from './client-saver.ts';
import type { SealingKey } from './store/sealed-secret.ts';
import type { Store } from './store/store.ts';

/** Hands the living clients' changes to the store; secrets go in sealed. */
export class StoreSaver implements ClientSaver, Disposable {
  readonly #store: Store;
  readonly #sealing: ReadonlyMap<string, SealingKey>;

  /** @param sealing by client; owned by the saver from here on */
  constructor(store: Store, sealing: ReadonlyMap<string, SealingKey>) {
    this.#store = store;
    this.#sealing = sealing;
  }

  get failing(): boolean {
    return this.#store.failing;
  }

  async save({ row, ledger, secret }: ClientChange): Promise<void> {
    const { name } = row;
    const sealed = secret === null ? undefined : this.#sealing.get(name)?.seal(name, secret);
    await this.#store.save([{ name, row, ledger, ...(sealed === undefined ? {} : { sealed }) }]);
  }

  [Symbol.dispose](): void {
    for (const key of this.#sealing.values()) key[Symbol.dispose]();
  }
}
