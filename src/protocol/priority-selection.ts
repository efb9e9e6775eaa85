/**
 * What a priority string has chosen so far, each list in order of preference, in GnuTLS's
 * names. Only what has a meaning for us is kept: of the versions TLS 1.3; of the ciphers
 * and key exchanges also those that turn TLS 1.3 off in GnuTLS.
 */
export interface PrioritySelection {
  readonly versions: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  readonly keyExchanges: readonly string[];
  readonly groups: readonly string[];
  readonly signatures: readonly string[];
  /** Types of key a TLS server may show: the Mandos client, that is. */
  readonly serverKeys: readonly string[];
}

/** What adding a name puts behind a list, and what removing it takes away. */
export interface PriorityEffect {
  readonly list: keyof PrioritySelection;
  readonly adds: readonly string[];
  readonly drops: readonly string[] | 'all';
}

export const emptySelection: PrioritySelection = {
  versions: [],
  ciphers: [],
  macs: [],
  keyExchanges: [],
  groups: [],
  signatures: [],
  serverKeys: [],
};

/** A name already there keeps its place, as in GnuTLS. */
export function added(
  selection: PrioritySelection,
  list: keyof PrioritySelection,
  names: readonly string[],
): PrioritySelection {
  return { ...selection, [list]: [...new Set([...selection[list], ...names])] };
}

export function removed(
  selection: PrioritySelection,
  list: keyof PrioritySelection,
  names: readonly string[] | 'all',
): PrioritySelection {
  const left = names === 'all' ? [] : selection[list].filter((name) => !names.includes(name));
  return { ...selection, [list]: left };
}
