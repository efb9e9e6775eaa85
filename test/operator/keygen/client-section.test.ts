import assert from 'node:assert/strict';
import test from 'node:test';
import { asciiBytes } from '../../../src/core/bytes.ts';
import { MandosError } from '../../../src/core/error.ts';
import { parseKeyId } from '../../../src/core/key-id.ts';
import { Blob } from '../../../src/core/secret.ts';
import { clientSection } from '../../../src/operator/keygen/client-section.ts';

const parsed = parseKeyId('0123456789abcdef'.repeat(4));
assert.ok(parsed.kind === 'key-id');
const CLIENT = {
  name: 'client',
  keyId: parsed.keyId,
  fingerprint: 'A'.repeat(40),
  sshHostKey: undefined,
};
const blob = () => new Blob(asciiBytes('x'.repeat(60)));

test('a section has the options in the order of the original', () => {
  const lines = [
    '[client]',
    'host = client',
    `key_id = ${'0123456789abcdef'.repeat(4)}`,
    `fingerprint = ${'A'.repeat(40)}`,
    'secret =',
    `    ${'eHh4'.repeat(16)}`,
    `    ${'eHh4'.repeat(4)}`,
    '',
  ];
  assert.equal(clientSection({ ...CLIENT, blob: blob() }), lines.join('\n'));
});

test('a client without a TLS key has no key ID in its section', () => {
  const section = clientSection({ ...CLIENT, keyId: undefined, blob: blob() });
  assert.doesNotMatch(section, /key_id/);
});

test('a percent sign in the name is no interpolation', () => {
  const section = clientSection({ ...CLIENT, name: '100%(host)s', blob: blob() });
  assert.match(section, /^\[100%\(host\)s\]\nhost = 100%%\(host\)s\n/);
});

test('names that would be read as something else are refused', () => {
  for (const name of ['', 'DEFAULT', 'a\nb', 'a\rb', 'a]', '[a', ' a', 'a ', 'a\u0085b', 'a\0']) {
    assert.throws(
      () => clientSection({ ...CLIENT, name, blob: blob() }),
      (error) => error instanceof MandosError && error.code === 'usage',
      JSON.stringify(name),
    );
  }
});
