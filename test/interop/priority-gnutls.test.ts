import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { MandosError } from '../../src/core/error.ts';
import { defaultPriorities, parsePriority } from '../../src/protocol/priority.ts';
import {
  cipherSuiteNames,
  groupNames,
  signatureNames,
} from '../../src/protocol/priority-algorithms.ts';

interface Lists {
  readonly cipherSuites: readonly string[];
  readonly groups: readonly string[];
  readonly signatureAlgorithms: readonly string[];
}

/** Which of these a keyword stands for differs between GnuTLS releases, so they are left out. */
function isPostQuantum(name: string): boolean {
  return /MLKEM|mldsa/.test(name);
}

/** What it prints; it exits with 0 or 1 when it refuses the string, and says so in words. */
function gnutlsList(priority: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const list = ['--list', '--priority', priority];
    execFile('gnutls-cli', list, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null || error.code === 1) resolve(`${stdout}\n${stderr}`);
      else reject(error);
    });
  });
}

/** What GnuTLS makes of a string, as far as TLS 1.3 in OpenSSL has it; undefined if nothing. */
async function inGnutls(priority: string): Promise<Lists | undefined> {
  const output = await gnutlsList(priority);
  if (/Syntax error|insufficient priorities/.test(output)) return undefined;
  const line = (title: string): string[] =>
    (new RegExp(`^${title}: (.*)$`, 'm').exec(output)?.[1] ?? '').split(', ');
  if (!line('Protocols').includes('VERS-TLS1.3')) return undefined;
  const translated = (title: string, prefix: string, names: ReadonlyMap<string, string>) =>
    line(title)
      .flatMap((name) => names.get(name.replace(prefix, '').toUpperCase()) ?? [])
      .filter((name) => !isPostQuantum(name));
  const suites = [...output.matchAll(/^(TLS_\S+)\s+0x13, /gm)].flatMap(([, name]) => name ?? []);
  const lists = {
    cipherSuites: suites.filter((name) => name !== 'TLS_AES_128_CCM_8_SHA256'),
    groups: translated('Groups', 'GROUP-', groupNames),
    signatureAlgorithms: translated('PK-signatures', 'SIGN-', signatureNames),
  };
  return Object.values(lists).some((names) => names.length === 0) ? undefined : lists;
}

function inOurs(priority: string): Lists | undefined {
  try {
    const policy = parsePriority(priority);
    assert.equal(policy.kind, 'restricted');
    if (policy.kind !== 'restricted') throw new TypeError('unreachable');
    const { cipherSuites, groups, signatureAlgorithms } = policy;
    return {
      cipherSuites,
      groups: groups.filter((name) => !isPostQuantum(name)),
      signatureAlgorithms,
    };
  } catch (error) {
    if (error instanceof MandosError) return undefined;
    throw error;
  }
}

const usable = [
  'NORMAL',
  'PERFORMANCE',
  'SECURE128',
  'SECURE192',
  'SECURE256',
  'PFS',
  'LEGACY',
  'secure256',
  '+SECURE256',
  'SECURE256:NORMAL',
  'SECURE256:+NORMAL',
  'NORMAL:SECURE256',
  'SUITEB128:+VERS-TLS1.3',
  'SUITEB192:+VERS-TLS-ALL:SECURE256',
  'NORMAL:+VERS-TLS1.3:SUITEB192',
  '+AES-128-CCM:NORMAL',
  'NORMAL:-AES-256-GCM:SECURE256',
  'NORMAL:-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305',
  'NORMAL:-CIPHER-ALL:+AES-128-GCM:+CIPHER-ALL',
  'NORMAL:+AES-128-CCM-8:-AES-128-CCM',
  'NORMAL:-GROUP-ALL:+GROUP-FFDHE3072:+GROUP-X25519',
  'NORMAL:-CURVE-ALL:+CURVE-X448:+GROUP-ALL',
  'NORMAL:-GROUP-EC-ALL:+GROUP-SECP521R1',
  'SECURE256:+GROUP-DH-ALL:-GROUP-FFDHE8192',
  'NORMAL:-SIGN-ALL:+SIGN-EdDSA-Ed25519:+SIGN-RSA-PSS-SHA512',
  'SECURE256:+SIGN-ALL:-SIGN-ECDSA-SHA256:!SIGN-RSA-PSS-RSAE-SHA256',
  'NORMAL:-KX-ALL:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE:%PROFILE_FUTURE',
  'NONE:+VERS-TLS1.3:+AEAD:+AES-256-GCM:+GROUP-X448:+SIGN-EDDSA-ED448',
  'NONE:+AES-128-GCM:NORMAL:+VERS-TLS1.3',
  'NORMAL:+SRP:-KX-ALL:+NULL:-NULL',
];

const useless = [
  'NONE',
  'SUITEB128',
  'BOGUS',
  'NORMAL:',
  'NORMAL:+BOGUS',
  'NORMAL:-SECURE256',
  'NORMAL:NONE',
  'NORMAL:%compat',
  'NORMAL:%NO_EXTENSIONS',
  'NORMAL:-VERS-TLS1.3',
  'NORMAL:-VERS-ALL:+VERS-TLS1.2',
  'NORMAL:-CIPHER-ALL',
  'NORMAL:-MAC-ALL:+SHA1',
  'NORMAL:-GROUP-ALL',
  'NORMAL:-SIGN-ALL:+SIGN-RSA-SHA256',
  'NORMAL:+SRP',
  'NORMAL:+NULL',
];

describe('priority strings mean the same as in GnuTLS', () => {
  for (const priority of usable.map((text) => `${text}:+CTYPE-RAWPK`)) {
    test(priority, async () => {
      const expected = await inGnutls(priority);
      assert.ok(expected, 'GnuTLS makes something of it');
      assert.deepEqual(inOurs(priority), expected);
    });
  }
  for (const priority of useless.map((text) => `${text}:+CTYPE-RAWPK`)) {
    test(`${priority} is of no use in either`, async () => {
      assert.equal(await inGnutls(priority), undefined);
      assert.equal(inOurs(priority), undefined);
    });
  }

  test('our own settings stand for strings that GnuTLS understands', async () => {
    for (const priority of defaultPriorities) assert.ok(await inGnutls(priority));
  });
});

describe('OpenSSL knows every name a policy can hold', () => {
  for (const ciphers of cipherSuiteNames.values()) {
    test(ciphers, () => void createSecureContext({ ciphers, minVersion: 'TLSv1.3' }));
  }
  for (const ecdhCurve of new Set(groupNames.values())) {
    test(ecdhCurve, () => void createSecureContext({ ecdhCurve }));
  }
  for (const sigalgs of signatureNames.values()) {
    test(sigalgs, () => void createSecureContext({ sigalgs }));
  }
  test('and would say so if it did not', () => {
    assert.throws(() => createSecureContext({ ciphers: 'TLS_BOGUS', minVersion: 'TLSv1.3' }));
    assert.throws(() => createSecureContext({ ecdhCurve: 'BOGUS' }));
    assert.throws(() => createSecureContext({ sigalgs: 'bogus' }));
  });
});
