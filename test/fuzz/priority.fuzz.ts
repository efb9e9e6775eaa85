import { asciiBytes, latin1Text } from '../../src/core/bytes.ts';
import { MandosError } from '../../src/core/error.ts';
import { defaultPriorities, parsePriority } from '../../src/protocol/priority.ts';

export const target = {
  name: 'priority',
  seeds: [
    ...defaultPriorities,
    'NORMAL:+CTYPE-RAWPK:-GROUP-ALL:+GROUP-X25519:%SERVER_PRECEDENCE',
    'SECURE256:+CTYPE-RAWPK:!AES-128-GCM:-SIGN-RSA-SHA1:-KX-ALL',
    'NONE:+VERS-TLS1.3:+AEAD:+AES-128-GCM:+CURVE-X448:+SIGN-ALL:+CTYPE-SRV-RAWPK',
    'SUITEB192:+VERS-TLS-ALL:+CTYPE-ALL',
    '@SYSTEM',
  ].map(asciiBytes),
  run(input: Uint8Array): void {
    const text = latin1Text(input);
    let policy: ReturnType<typeof parsePriority>;
    try {
      policy = parsePriority(text);
    } catch (error) {
      if (error instanceof MandosError && error.code === 'config-value') return;
      throw error;
    }
    if (policy.kind === 'default') return;
    for (const list of [policy.cipherSuites, policy.groups, policy.signatureAlgorithms]) {
      if (list.length === 0) throw new Error('a list is empty');
      if (new Set(list).size !== list.length) throw new Error('a list has a name twice');
    }
    // What was said last about raw public keys must hold.
    if (text.toUpperCase().endsWith('-CTYPE-RAWPK'))
      throw new Error('raw public keys were excluded');
  },
};
