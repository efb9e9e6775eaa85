import { impliedHybrid } from './priority-algorithms.ts';
import { added, emptySelection, type PrioritySelection } from './priority-selection.ts';

/** What a keyword such as NORMAL stands for. */
type Keyword = Pick<PrioritySelection, 'ciphers' | 'macs' | 'groups' | 'signatures'> & {
  /** The SUITEB ones say which versions they want, and TLS 1.3 is none of them. */
  readonly withoutTls13: boolean;
};

const SHA256_SIGNATURES = [
  'RSA-PSS-SHA256',
  'RSA-PSS-RSAE-SHA256',
  'ECDSA-SECP256R1-SHA256',
  'EDDSA-ED25519',
];
const STRONGER_SIGNATURES = [
  'RSA-PSS-SHA384',
  'RSA-PSS-RSAE-SHA384',
  'ECDSA-SECP384R1-SHA384',
  'EDDSA-ED448',
  'RSA-PSS-SHA512',
  'RSA-PSS-RSAE-SHA512',
  'ECDSA-SECP521R1-SHA512',
];

export const curveGroups: readonly string[] = [
  'SECP256R1',
  'SECP384R1',
  'SECP521R1',
  'X25519',
  'X448',
];
export const finiteFieldGroups: readonly string[] = [
  'FFDHE2048',
  'FFDHE3072',
  'FFDHE4096',
  'FFDHE6144',
  'FFDHE8192',
];

/** GnuTLS's names and order as of 3.7.9; the hybrid group is ours, see `impliedHybrid`. */
const normal: Keyword = {
  ciphers: ['AES-256-GCM', 'CHACHA20-POLY1305', 'AES-128-GCM', 'AES-128-CCM'],
  macs: ['AEAD'],
  groups: [impliedHybrid, ...curveGroups, ...finiteFieldGroups],
  signatures: [...SHA256_SIGNATURES, ...STRONGER_SIGNATURES],
  withoutTls13: false,
};
const secure256: Keyword = {
  ...normal,
  ciphers: ['AES-256-GCM', 'CHACHA20-POLY1305'],
  groups: ['SECP384R1', 'SECP521R1', 'FFDHE8192'],
  signatures: STRONGER_SIGNATURES,
};
const suiteB128: Keyword = {
  ciphers: ['AES-256-GCM', 'AES-128-GCM'],
  macs: ['AEAD'],
  groups: ['SECP256R1', 'SECP384R1'],
  signatures: ['ECDSA-SECP256R1-SHA256', 'ECDSA-SECP384R1-SHA384'],
  withoutTls13: true,
};

export const keywords: ReadonlyMap<string, Keyword> = new Map([
  ['NORMAL', normal],
  [
    'PERFORMANCE',
    { ...normal, ciphers: ['AES-128-GCM', 'AES-256-GCM', 'CHACHA20-POLY1305', 'AES-128-CCM'] },
  ],
  ['PFS', normal],
  ['LEGACY', normal],
  ['SECURE', normal],
  ['SECURE128', normal],
  ['SECURE192', secure256],
  ['SECURE256', secure256],
  ['SUITEB128', suiteB128],
  [
    'SUITEB192',
    {
      ...suiteB128,
      ciphers: ['AES-256-GCM'],
      groups: ['SECP384R1'],
      signatures: ['ECDSA-SECP384R1-SHA384'],
    },
  ],
]);

/** What the -ALL names add: GnuTLS takes them from NORMAL, whatever came before. */
export const everything: Keyword = normal;

/** What every string starts from, unless its first part is NONE. */
export const initialSelection: PrioritySelection = {
  ...emptySelection,
  versions: ['TLS1.3'],
  groups: everything.groups,
  signatures: everything.signatures,
  serverKeys: ['X.509'],
};

/** The first keyword of a string takes the place of what was chosen before it. */
export function replacedBy(selection: PrioritySelection, keyword: Keyword): PrioritySelection {
  const { ciphers, macs, groups, signatures } = keyword;
  const versions = keyword.withoutTls13 ? [] : selection.versions;
  return { ...selection, versions, ciphers, macs, groups, signatures, keyExchanges: [] };
}

/** A later keyword only adds, so "NORMAL:SECURE256" is no stricter than "NORMAL". */
export function joinedBy(selection: PrioritySelection, keyword: Keyword): PrioritySelection {
  const lists = ['ciphers', 'macs', 'groups', 'signatures'] as const;
  return lists.reduce((sum, list) => added(sum, list, keyword[list]), selection);
}
