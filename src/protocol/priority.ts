import { MandosError } from '../core/error.ts';
import { cipherSuiteNames, groupNames, signatureNames } from './priority-algorithms.ts';
import { inertOptions } from './priority-inert-names.ts';
import { initialSelection, joinedBy, keywords, replacedBy } from './priority-keywords.ts';
import { effectsOf, tls13Blockers } from './priority-names.ts';
import { added, emptySelection, type PrioritySelection, removed } from './priority-selection.ts';
import { type PriorityTerm, splitPriority } from './priority-terms.ts';

/** What a TLS session may use. TLS 1.3 with raw public keys it is in any case. */
export type TlsPolicy =
  /** Our own settings, the best OpenSSL has. */
  | { readonly kind: 'default' }
  /** Nothing but these, by OpenSSL's names, in order of preference; no list is empty. */
  | {
      readonly kind: 'restricted';
      readonly cipherSuites: readonly string[];
      readonly groups: readonly string[];
      readonly signatureAlgorithms: readonly string[];
    };

/** The original's defaults, which ask for the best its GnuTLS has: mandos(8), `--priority`. */
export const defaultPriorities: readonly string[] = [
  'SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA',
  'SECURE256:!CTYPE-X.509:+CTYPE-OPENPGP:!RSA:+SIGN-DSA-SHA256',
];

/**
 * Turns a GnuTLS priority string (gnutls_priority_init(3)) into what OpenSSL may use. The
 * result never allows what the string excludes. Whatever cannot be had throws a
 * `MandosError` with code `config-value` that names the part of the string: a part that is
 * not understood, a string without TLS 1.3, without raw public keys, or one that leaves
 * nothing to choose from.
 */
export function parsePriority(text: string): TlsPolicy {
  if (defaultPriorities.includes(text)) return { kind: 'default' };
  if (text.trim() === '') {
    throw refusal('priority is empty', 'leave the option out to have the default');
  }
  return usablePolicy(select(splitPriority(text)));
}

function select(terms: readonly PriorityTerm[]): PrioritySelection {
  const startsFromNothing = terms[0]?.kind === 'keyword' && terms[0].name === 'NONE';
  let selection = startsFromNothing ? emptySelection : initialSelection;
  // The first keyword replaces what is chosen; one with a plus, or after NONE, adds to it.
  let replaces = !startsFromNothing;
  for (const term of startsFromNothing ? terms.slice(1) : terms) {
    const keyword = keywords.get(term.name);
    if (keyword !== undefined && term.kind === 'keyword') {
      selection = replaces ? replacedBy(selection, keyword) : joinedBy(selection, keyword);
      replaces = false;
    } else if (keyword !== undefined && term.kind === 'add') {
      selection = joinedBy(selection, keyword);
    } else {
      selection = applied(selection, term);
    }
  }
  return selection;
}

function applied(selection: PrioritySelection, term: PriorityTerm): PrioritySelection {
  switch (term.kind) {
    case 'keyword':
      throw unknownKeyword(term);
    case 'option':
      if (inertOptions.has(term.name)) return selection;
      throw notUnderstood(
        term,
        term.name === 'NO_EXTENSIONS' ? 'TLS 1.3 cannot do without extensions' : undefined,
      );
    case 'add':
    case 'remove': {
      const effects = effectsOf(term.name);
      if (effects === undefined) throw notUnderstood(term);
      return effects.reduce(
        (sum, { list, adds, drops }) =>
          term.kind === 'add' ? added(sum, list, adds) : removed(sum, list, drops),
        selection,
      );
    }
    default:
      return term satisfies never;
  }
}

function usablePolicy(selection: PrioritySelection): TlsPolicy {
  const { versions, serverKeys, macs, ciphers, keyExchanges, groups, signatures } = selection;
  const blocker = [...ciphers, ...keyExchanges].find((name) => tls13Blockers.includes(name));
  if (blocker !== undefined) {
    throw refusal(
      `priority allows ${blocker}, which switches TLS 1.3 off`,
      `leave out +${blocker}`,
    );
  }
  if (!versions.includes('TLS1.3')) {
    throw refusal('priority leaves out TLS 1.3, and nothing older is used', 'add +VERS-TLS1.3');
  }
  if (!serverKeys.includes('RAWPK')) {
    throw refusal(
      'priority leaves out raw public keys, which every client has',
      'add +CTYPE-RAWPK',
    );
  }
  if (!macs.includes('AEAD')) {
    throw refusal('priority leaves out AEAD, which every cipher of TLS 1.3 needs', 'add +AEAD');
  }
  return {
    kind: 'restricted',
    cipherSuites: named(ciphers, cipherSuiteNames, 'cipher', '+AES-256-GCM'),
    groups: named(groups, groupNames, 'group', '+GROUP-X25519'),
    signatureAlgorithms: named(signatures, signatureNames, 'signature', '+SIGN-EDDSA-ED25519'),
  };
}

/** OpenSSL's names for a list, each once. Throws when there is none. */
function named(
  list: readonly string[],
  names: ReadonlyMap<string, string>,
  what: string,
  example: string,
): readonly string[] {
  const known = new Set(list.flatMap((name) => names.get(name) ?? []));
  if (known.size === 0) {
    throw refusal(
      `priority leaves no ${what} algorithm that TLS 1.3 in OpenSSL can use`,
      `add one, such as ${example}`,
    );
  }
  return [...known];
}

function unknownKeyword(term: PriorityTerm): MandosError {
  if (term.name.startsWith('@') || term.name === 'SYSTEM') {
    return notUnderstood(
      term,
      'it stands for a line in a file of the GnuTLS library; write that line here instead',
    );
  }
  if (term.name === 'NONE') return notUnderstood(term, 'NONE can only be the first part');
  if (effectsOf(term.name) !== undefined) {
    return notUnderstood(term, `write +${term.text} to allow it, -${term.text} to forbid it`);
  }
  return notUnderstood(term);
}

function notUnderstood(term: PriorityTerm, hint?: string): MandosError {
  return refusal(
    `priority has a part that cannot be used: ${JSON.stringify(term.text)} (number ${term.position})`,
    hint ??
      'see gnutls_priority_init(3); parts that newer GnuTLS releases know may be missing here',
  );
}

function refusal(message: string, hint: string): MandosError {
  return new MandosError('config-value', message, { hint });
}
