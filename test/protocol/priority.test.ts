import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MandosError } from '../../src/core/error.ts';
import { defaultPriorities, parsePriority } from '../../src/protocol/priority.ts';

interface Lists {
  readonly cipherSuites: readonly string[];
  readonly groups: readonly string[];
  readonly signatureAlgorithms: readonly string[];
}

function restricted(text: string): Lists {
  const policy = parsePriority(text);
  assert.equal(policy.kind, 'restricted');
  if (policy.kind !== 'restricted') throw new TypeError('unreachable');
  return policy;
}

function refused(text: string): MandosError {
  try {
    parsePriority(text);
  } catch (error) {
    if (error instanceof MandosError) return error;
    throw error;
  }
  assert.fail(`${text} was taken`);
}

const CURVES = ['P-256', 'P-384', 'P-521', 'X25519', 'X448'];
const FINITE_FIELDS = ['ffdhe2048', 'ffdhe3072', 'ffdhe4096', 'ffdhe6144', 'ffdhe8192'];
const STRONGER = [
  'rsa_pss_pss_sha384',
  'rsa_pss_rsae_sha384',
  'ecdsa_secp384r1_sha384',
  'ed448',
  'rsa_pss_pss_sha512',
  'rsa_pss_rsae_sha512',
  'ecdsa_secp521r1_sha512',
];
const NORMAL: Lists = {
  cipherSuites: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_128_CCM_SHA256',
  ],
  groups: ['X25519MLKEM768', ...CURVES, ...FINITE_FIELDS],
  signatureAlgorithms: [
    'rsa_pss_pss_sha256',
    'rsa_pss_rsae_sha256',
    'ecdsa_secp256r1_sha256',
    'ed25519',
    ...STRONGER,
  ],
};
const SECURE256: Lists = {
  cipherSuites: ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  groups: ['P-384', 'P-521', 'ffdhe8192'],
  signatureAlgorithms: STRONGER,
};
const AES_128 = 'TLS_AES_128_GCM_SHA256';
const AES_256 = 'TLS_AES_256_GCM_SHA384';

describe('the default strings of the original mean our own settings', () => {
  for (const text of defaultPriorities) {
    test(text, () => assert.deepEqual(parsePriority(text), { kind: 'default' }));
  }
});

describe('a string is mapped to what OpenSSL calls it, in its order', () => {
  const table: readonly (readonly [text: string, lists: Partial<Lists>])[] = [
    ['NORMAL:+CTYPE-RAWPK', NORMAL],
    ['normal:+ctype-rawpk', NORMAL],
    ['  NORMAL: +CTYPE-RAWPK', NORMAL],
    ['SECURE128:+CTYPE-SRV-RAWPK', NORMAL],
    ['PFS:-CTYPE-ALL:+CTYPE-RAWPK', NORMAL],
    ['LEGACY:+CTYPE-ALL', NORMAL],
    ['+CTYPE-RAWPK:NORMAL', NORMAL],
    ['+AES-128-GCM:NORMAL:+CTYPE-RAWPK', NORMAL],
    ['NORMAL:SECURE256:+CTYPE-RAWPK', NORMAL],
    ['SECURE192:+CTYPE-RAWPK', SECURE256],
    ['SECURE256:+CTYPE-RAWPK:%PROFILE_ULTRA', SECURE256],
    [
      'PERFORMANCE:+CTYPE-RAWPK',
      {
        cipherSuites: [AES_128, AES_256, 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_CCM_SHA256'],
      },
    ],
    [
      'SUITEB128:+VERS-TLS1.3:+CTYPE-RAWPK',
      {
        cipherSuites: [AES_256, AES_128],
        groups: ['P-256', 'P-384'],
        signatureAlgorithms: ['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384'],
      },
    ],
    [
      'SUITEB192:+VERS-TLS1.3:+CTYPE-RAWPK',
      {
        cipherSuites: [AES_256],
        groups: ['P-384'],
        signatureAlgorithms: ['ecdsa_secp384r1_sha384'],
      },
    ],
    [
      'NONE:+VERS-TLS1.3:+AEAD:+AES-128-GCM:+GROUP-X25519:+SIGN-EdDSA-Ed25519:+CTYPE-RAWPK',
      { cipherSuites: [AES_128], groups: ['X25519'], signatureAlgorithms: ['ed25519'] },
    ],
    [
      'NORMAL:+CTYPE-RAWPK:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+AES-128-GCM',
      { cipherSuites: [AES_128, AES_256] },
    ],
    [
      'NORMAL:+CTYPE-RAWPK:!AES-256-GCM:+AES-256-GCM',
      { cipherSuites: [...NORMAL.cipherSuites.slice(1), AES_256] },
    ],
    ['NORMAL:+CTYPE-RAWPK:-GROUP-DH-ALL', { groups: ['X25519MLKEM768', ...CURVES] }],
    ['NORMAL:+CTYPE-RAWPK:-GROUP-EC-ALL', { groups: FINITE_FIELDS }],
    ['NORMAL:+CTYPE-RAWPK:-CURVE-ALL:+CURVE-X448', { groups: ['X448'] }],
    [
      'NORMAL:+CTYPE-RAWPK:-SIGN-ALL:+SIGN-EDDSA-ED448:+SIGN-RSA-PSS-SHA256:+SIGN-ML-DSA-65',
      { signatureAlgorithms: ['ed448', 'rsa_pss_pss_sha256', 'mldsa65'] },
    ],
    // What says nothing about TLS 1.3 changes nothing.
    ['NORMAL:+CTYPE-RAWPK:-KX-ALL:!RSA:-SHA1:-VERS-TLS1.2:-COMP-NULL:-3DES-CBC:%COMPAT', NORMAL],
    // ECDSA-SHA256 is of TLS 1.2, so taking it away leaves the one bound to its curve.
    ['NORMAL:+CTYPE-RAWPK:-SIGN-ECDSA-SHA256', NORMAL],
    // OpenSSL's security level rules CCM-8 out.
    ['NORMAL:+CTYPE-RAWPK:+AES-128-CCM-8', NORMAL],
  ];
  for (const [text, lists] of table) {
    test(text, () => assert.partialDeepStrictEqual(restricted(text), lists));
  }
});

describe('the post-quantum hybrid comes and goes with X25519', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['-GROUP-X25519', [...CURVES.filter((name) => name !== 'X25519'), ...FINITE_FIELDS]],
    [
      '-GROUP-X25519:+GROUP-X25519',
      [...CURVES.filter((name) => name !== 'X25519'), ...FINITE_FIELDS, 'X25519'],
    ],
    ['-GROUP-X25519-MLKEM768', [...CURVES, ...FINITE_FIELDS]],
    ['-GROUP-ALL:+GROUP-X25519', ['X25519']],
    ['-GROUP-ALL:+GROUP-X25519-MLKEM768', ['X25519MLKEM768']],
    ['+GROUP-X25519-MLKEM768', NORMAL.groups],
    [
      '-GROUP-ALL:+GROUP-SECP256R1-MLKEM768:+GROUP-SECP384R1-MLKEM1024',
      ['SecP256r1MLKEM768', 'SecP384r1MLKEM1024'],
    ],
  ];
  for (const [parts, groups] of table) {
    test(parts, () => assert.deepEqual(restricted(`NORMAL:+CTYPE-RAWPK:${parts}`).groups, groups));
  }
});

describe('what cannot be had is refused, and the message says which part', () => {
  const table: readonly (readonly [text: string, message: RegExp, hint: RegExp])[] = [
    ['', /empty/, /leave the option out/],
    ['  ', /empty/, /leave the option out/],
    ['BOGUS', /"BOGUS" \(number 1\)/, /gnutls_priority_init\(3\)/],
    ['NORMAL:+BOGUS', /"\+BOGUS" \(number 2\)/, /gnutls_priority_init\(3\)/],
    ['NORMAL:-GROUP-BOGUS', /"-GROUP-BOGUS"/, /gnutls_priority_init\(3\)/],
    ['NORMAL:+CTYPE-RAWPK ', /"\+CTYPE-RAWPK " \(number 2\)/, /./],
    ['NORMAL:', /"" \(number 2\)/, /./],
    ['NORMAL,+CTYPE-RAWPK', /"NORMAL,\+CTYPE-RAWPK"/, /./],
    ['NORMAL:CTYPE-RAWPK', /"CTYPE-RAWPK"/, /write \+CTYPE-RAWPK/],
    ['NORMAL:-NORMAL', /"-NORMAL"/, /./],
    ['NORMAL:!SECURE128', /"!SECURE128"/, /./],
    ['NORMAL:NONE', /"NONE"/, /first/],
    ['\u017fECURE128', /"\u017fECURE128"/, /./],
    ['NORMAL:\n', /"\\n" \(number 2\)/, /./],
    ['@SYSTEM', /"@SYSTEM"/, /file of the GnuTLS library/],
    ['@MANDOS,SYSTEM:+CTYPE-RAWPK', /"@MANDOS,SYSTEM"/, /file of the GnuTLS library/],
    ['SYSTEM', /"SYSTEM"/, /file of the GnuTLS library/],
    ['NORMAL:%BOGUS', /"%BOGUS"/, /./],
    ['NORMAL:%compat', /"%compat"/, /./],
    ['NORMAL:%PROFILE_BOGUS', /"%PROFILE_BOGUS"/, /./],
    ['NORMAL:%NO_EXTENSIONS', /"%NO_EXTENSIONS"/, /TLS 1\.3/],

    ['NORMAL', /raw public keys/, /add \+CTYPE-RAWPK/],
    ['NORMAL:+CTYPE-CLI-RAWPK', /raw public keys/, /add \+CTYPE-RAWPK/],
    ['NORMAL:+CTYPE-RAWPK:-CTYPE-SRV-ALL', /raw public keys/, /add \+CTYPE-RAWPK/],
    ['SECURE256:!CTYPE-X.509:+CTYPE-OPENPGP', /raw public keys/, /add \+CTYPE-RAWPK/],
    ['NORMAL:+CTYPE-RAWPK:-VERS-TLS1.3', /TLS 1\.3/, /add \+VERS-TLS1\.3/],
    ['NORMAL:+CTYPE-RAWPK:-VERS-ALL:+VERS-TLS1.2', /TLS 1\.3/, /add \+VERS-TLS1\.3/],
    ['SUITEB128:+CTYPE-RAWPK', /TLS 1\.3/, /add \+VERS-TLS1\.3/],
    ['NONE', /TLS 1\.3/, /add \+VERS-TLS1\.3/],
    ['NORMAL:+CTYPE-RAWPK:+SRP', /SRP, which switches TLS 1\.3 off/, /leave out \+SRP/],
    ['NORMAL:+CTYPE-RAWPK:+NULL', /NULL, which switches TLS 1\.3 off/, /leave out \+NULL/],
    ['NORMAL:+CTYPE-RAWPK:-MAC-ALL:+SHA1', /AEAD/, /add \+AEAD/],
    ['NORMAL:+CTYPE-RAWPK:-CIPHER-ALL:+AES-128-CBC', /no cipher/, /\+AES-256-GCM/],
    ['NORMAL:+CTYPE-RAWPK:-CIPHER-ALL:+AES-128-CCM-8', /no cipher/, /\+AES-256-GCM/],
    ['NORMAL:+CTYPE-RAWPK:-GROUP-ALL', /no group/, /\+GROUP-X25519/],
    ['NORMAL:+CTYPE-RAWPK:-GROUP-ALL:+GROUP-SECP192R1', /no group/, /\+GROUP-X25519/],
    ['NORMAL:+CTYPE-RAWPK:-SIGN-ALL:+SIGN-RSA-SHA256', /no signature/, /\+SIGN-EDDSA-ED25519/],
  ];
  for (const [text, message, hint] of table) {
    test(JSON.stringify(text), () => {
      const error = refused(text);
      assert.equal(error.code, 'config-value');
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
    });
  }
});

describe('the policy never allows what the string excludes', () => {
  const removable: ReadonlyMap<string, readonly string[]> = new Map([
    ['AES-256-GCM', [AES_256]],
    ['AES-128-GCM', [AES_128]],
    ['CHACHA20-POLY1305', ['TLS_CHACHA20_POLY1305_SHA256']],
    ['GROUP-X25519', ['X25519', 'X25519MLKEM768']],
    ['CURVE-SECP256R1', ['P-256']],
    ['GROUP-FFDHE2048', ['ffdhe2048']],
    ['GROUP-EC-ALL', [...CURVES, 'X25519MLKEM768']],
    ['GROUP-DH-ALL', FINITE_FIELDS],
    ['SIGN-EDDSA-ED25519', ['ed25519']],
    ['SIGN-RSA-PSS-RSAE-SHA256', ['rsa_pss_rsae_sha256']],
    ['SIGN-ECDSA-SECP256R1-SHA256', ['ecdsa_secp256r1_sha256']],
  ]);
  const keyword = fc.constantFrom(
    'NORMAL',
    'PERFORMANCE',
    'SECURE128',
    'SECURE256',
    'PFS',
    'LEGACY',
  );

  test('a name taken away at the end is in no list', () => {
    const removals = fc.uniqueArray(fc.constantFrom(...removable.keys()), {
      minLength: 1,
      maxLength: 4,
    });
    const additions = fc.array(fc.constantFrom(...removable.keys()), { maxLength: 6 });
    fc.assert(
      fc.property(
        keyword,
        additions,
        removals,
        fc.constantFrom('-', '!'),
        (first, adds, drops, sign) => {
          const parts = [first, '+CTYPE-RAWPK', ...adds.map((name) => `+${name}`)];
          let lists: Lists;
          try {
            lists = restricted([...parts, ...drops.map((name) => sign + name)].join(':'));
          } catch (error) {
            if (error instanceof MandosError && / leaves no /.test(error.message)) return;
            throw error;
          }
          const allowed = [...lists.cipherSuites, ...lists.groups, ...lists.signatureAlgorithms];
          for (const name of drops) {
            for (const gone of removable.get(name) ?? []) assert.ok(!allowed.includes(gone), gone);
          }
        },
      ),
    );
  });

  test('after NONE there is only what was added, each once, in that order', () => {
    const groups = ['SECP256R1:P-256', 'X448:X448', 'X25519:X25519', 'FFDHE3072:ffdhe3072'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...groups), { minLength: 1 }), (chosen) => {
        const pairs = chosen.map((pair) => pair.split(':'));
        const text = `NONE:+VERS-TLS1.3:+AEAD:+AES-128-GCM:+SIGN-ALL:+CTYPE-RAWPK:${pairs
          .map(([name]) => `+GROUP-${name}`)
          .join(':')}`;
        assert.deepEqual(restricted(text).groups, [...new Set(pairs.map(([, name]) => name))]);
      }),
    );
  });

  test('any text is either mapped or refused as a value that makes no sense', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(refused(text).code, 'config-value');
      }),
    );
  });
});
