/** S6: a peer that shows another's public key without its private key never gets through. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask } from '../support/mandos-peer.ts';
import { startServer } from '../support/mandos-server.ts';
import { forgedKey, tlsKey } from '../support/tls-keys.ts';

describe('S6: possession is proven', () => {
  it('gives the secret to the owner of the key and nothing to who only shows it', async () => {
    const forged = forgedKey();
    const owner = tlsKey('ecdsa');
    const secret = Buffer.from('the blob');
    await using server = await startServer({
      clients: [
        { keyId: forged.victim, secret },
        { keyId: owner.keyId, secret },
      ],
    });
    // The thief's own handshake is over before the server has looked at its signature, so
    // it may see an orderly end without data, or a broken connection; never a byte.
    const got = await ask(server.port, forged.pem).catch(() => null);
    assert.equal(got, null);
    assert.deepEqual(await ask(server.port, owner.privatePem), new Uint8Array(secret));
    assert.match(server.log.at('warning').join('\n'), /TLS handshake failed.*bad signature/);
    assert.doesNotMatch(server.log.at('info').join('\n'), /sending secret to client0/);
  });
});
