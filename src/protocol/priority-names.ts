import {
  cipherSuiteNames,
  groupNames,
  impliedHybrid,
  signatureNames,
} from './priority-algorithms.ts';
import { inertNames } from './priority-inert-names.ts';
import { curveGroups, everything, finiteFieldGroups } from './priority-keywords.ts';
import type { PriorityEffect, PrioritySelection } from './priority-selection.ts';

/**
 * What it means to add or remove a name (in upper case, without its sign). An empty list
 * is a name that GnuTLS knows and that means nothing here; `undefined` is a name that is
 * not understood.
 */
export function effectsOf(name: string): readonly PriorityEffect[] | undefined {
  return effects.get(name) ?? (inertNames.has(name) ? [] : undefined);
}

/** Ciphers and key exchanges that GnuTLS switches TLS 1.3 off for, once they are allowed. */
export const tls13Blockers: readonly string[] = ['NULL', 'RSA-PSK', 'SRP', 'SRP-DSS', 'SRP-RSA'];

type Entry = readonly [name: string, effects: readonly PriorityEffect[]];

function effect(
  list: keyof PrioritySelection,
  adds: readonly string[],
  drops: readonly string[] | 'all',
): readonly PriorityEffect[] {
  return [{ list, adds, drops }];
}

function group(prefix: string, name: string): Entry {
  const isHalfOfHybrid = name === 'X25519' || name === 'X25519-MLKEM768';
  return [prefix + name, effect('groups', [name], isHalfOfHybrid ? [name, impliedHybrid] : [name])];
}

const tls13 = effect('versions', ['TLS1.3'], ['TLS1.3']);
const allGroups = effect('groups', everything.groups, 'all');
const allKeys = effect('serverKeys', ['X.509', 'RAWPK'], 'all');
const rawKey = effect('serverKeys', ['RAWPK'], ['RAWPK']);
const x509 = effect('serverKeys', ['X.509'], ['X.509']);

const effects: ReadonlyMap<string, readonly PriorityEffect[]> = new Map<
  string,
  readonly PriorityEffect[]
>([
  ['VERS-ALL', tls13],
  ['VERS-TLS-ALL', tls13],
  ['VERS-TLS1.3', tls13],

  ['CIPHER-ALL', effect('ciphers', everything.ciphers, 'all')],
  ['NULL', effect('ciphers', ['NULL'], ['NULL'])],
  ...[...cipherSuiteNames.keys()].map((name): Entry => [name, effect('ciphers', [name], [name])]),

  ['MAC-ALL', effect('macs', everything.macs, 'all')],
  ['AEAD', effect('macs', ['AEAD'], ['AEAD'])],

  ['KX-ALL', effect('keyExchanges', [], 'all')],
  ...tls13Blockers
    .filter((name) => name !== 'NULL')
    .map((name): Entry => [name, effect('keyExchanges', [name], [name])]),

  ['GROUP-ALL', allGroups],
  ['CURVE-ALL', allGroups],
  ['GROUP-EC-ALL', effect('groups', curveGroups, [...curveGroups, impliedHybrid])],
  ['GROUP-DH-ALL', effect('groups', finiteFieldGroups, finiteFieldGroups)],
  ...[...groupNames.keys()]
    .filter((name) => name !== impliedHybrid)
    .map((name) => group('GROUP-', name)),
  ...curveGroups.map((name) => group('CURVE-', name)),

  ['SIGN-ALL', effect('signatures', everything.signatures, 'all')],
  ...[...signatureNames.keys()].map(
    (name): Entry => [`SIGN-${name}`, effect('signatures', [name], [name])],
  ),

  // The key the peer shows. A Mandos client is the TLS server, so CTYPE-CLI- is about the
  // Mandos server, which shows none.
  ['CTYPE-ALL', allKeys],
  ['CTYPE-SRV-ALL', allKeys],
  ['CTYPE-RAWPK', rawKey],
  ['CTYPE-SRV-RAWPK', rawKey],
  ['CTYPE-X.509', x509],
  ['CTYPE-X509', x509],
  ['CTYPE-SRV-X.509', x509],
  ['CTYPE-SRV-X509', x509],
]);
