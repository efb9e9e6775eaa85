export type LongName =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  | { readonly kind: 'unknown' };

/** The long options of a program, found by their names or unambiguous beginnings of them. */
export class LongNames {
  readonly #names: readonly string[];
  readonly #unabbreviated: readonly string[];

  /** @param unabbreviated names that no beginning stands for */
  constructor(names: readonly string[], unabbreviated: readonly string[] = []) {
    this.#names = names;
    this.#unabbreviated = unabbreviated;
  }

  find(written: string): LongName {
    if (this.#names.includes(written) || this.#unabbreviated.includes(written)) {
      return { kind: 'name', name: written };
    }
    const candidates = this.#names.filter((name) => name.startsWith(written));
    const [first, ...others] = candidates;
    if (first === undefined || written === '') return { kind: 'unknown' };
    return others.length === 0 ? { kind: 'name', name: first } : { kind: 'ambiguous', candidates };
  }

  /** All beginnings that mean `name`, and `name` itself. */
  prefixesOf(name: string): string[] {
    return Array.from(name, (_, index) => name.slice(0, index + 1)).filter((prefix) => {
      const found = this.find(prefix);
      return found.kind === 'name' && found.name === name;
    });
  }
}
