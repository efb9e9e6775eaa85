/** S5: outsiders cannot tell an unknown key from a disabled client's; odd key IDs own nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKeyId } from '../../src/core/key-id.ts';
import { wallTime } from '../../src/core/time.ts';
import { TlsContext } from '../../src/native/tls-context.ts';
import { explain, KeyOwners } from '../../src/operator/explain.ts';
import { clientView } from '../../src/operator/server/client-view.ts';
import { ask, connectTo } from '../support/mandos-peer.ts';
import { startServer, testClients } from '../support/mandos-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { tlsKey } from '../support/tls-keys.ts';

/** How many bytes the server sends in all, and how its TLS stream ends. */
async function answerTo(
  port: number,
  privatePem: Uint8Array,
): Promise<{ bytes: number; end: 'more' | 'end' }> {
  using context = TlsContext.tlsServer(privatePem);
  using engine = context.connection();
  const socket = await connectTo(port);
  socket.write('1\r\n');
  let bytes = 0;
  let established = false;
  let end: 'more' | 'end' = 'more';
  for await (const chunk of socket) {
    const part: Buffer = chunk;
    bytes += part.length;
    engine.receive(part);
    established ||= engine.handshake() === 'done';
    if (established) {
      const read: Uint8Array | 'more' | 'end' = engine.read();
      assert.ok(!(read instanceof Uint8Array), 'no data for outsiders');
      end = read;
    }
    socket.write(engine.takeOutput());
  }
  socket.destroy();
  return { bytes, end };
}

describe('S5: one answer for outsiders', () => {
  it('sends an unknown key and a disabled client the same bytes', async () => {
    const disabled = tlsKey();
    await using server = await startServer({
      clients: [{ keyId: disabled.keyId, secret: Buffer.from('blob'), enabled: false }],
    });
    const toDisabled = await answerTo(server.port, disabled.privatePem);
    const toUnknown = await answerTo(server.port, tlsKey().privatePem);
    assert.deepEqual(toUnknown, toDisabled);
    assert.equal(toUnknown.end, 'end', 'a close_notify came');
    assert.equal(await ask(server.port, disabled.privatePem), null);
    assert.equal(await ask(server.port, tlsKey().privatePem), null);
  });

  it('refuses both clients that claim one key ID, and a third that does', async () => {
    const key = tlsKey();
    const other = tlsKey();
    await using server = await startServer({
      clients: [
        { keyId: key.keyId, secret: Buffer.from('first') },
        { keyId: key.keyId, secret: Buffer.from('second') },
        { keyId: key.keyId, secret: Buffer.from('third') },
        { keyId: other.keyId, secret: Buffer.from('other') },
      ],
    });
    assert.equal(await ask(server.port, key.privatePem), null);
    assert.deepEqual(
      await ask(server.port, other.privatePem),
      new Uint8Array(Buffer.from('other')),
    );
  });

  it('forgets nothing about a key ID that was claimed twice', () => {
    const { keyId } = tlsKey();
    const client = { keyId, secret: Buffer.from('blob') };
    for (const [count, owner] of [
      [1, 'client0'],
      [2, undefined],
      [3, undefined],
    ] as const) {
      using clients = testClients(Array(count).fill(client), new RecordingLog());
      assert.equal(clients.owner(keyId)?.name, owner);
    }
  });

  it('serves the one that is left when the others were removed, as explain says', async () => {
    const { keyId } = tlsKey();
    const client = { keyId, secret: Buffer.from('blob') };
    using clients = testClients([client, client, client], new RecordingLog());
    const explained = (): string => {
      const views = [...clients.clients()].map(({ settings: { name } }) => ({
        ...clientView(`/clients/${name}`, []),
        Name: name,
        KeyID: keyId,
        Enabled: true,
        ApprovedByDefault: true,
      }));
      const [last] = views.slice(-1);
      assert.ok(last);
      return explain(last, new KeyOwners(views), wallTime(0)).prospect;
    };
    for (const name of ['client0', 'client1']) {
      assert.equal(clients.owner(keyId), undefined);
      assert.equal(explained(), 'no');
      await clients.submit(name, { kind: 'remove' });
    }
    assert.equal(clients.owner(keyId)?.name, 'client2');
    assert.equal(explained(), 'yes');
    await clients.submit('client2', { kind: 'remove' });
    assert.equal(clients.owner(keyId), undefined);
  });

  it('has no client for the empty key ID and those that broken clients share', () => {
    const shared = [
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b',
    ];
    assert.equal(parseKeyId('').kind, 'empty');
    assert.equal(parseKeyId('  ').kind, 'empty');
    for (const keyId of shared) assert.equal(parseKeyId(keyId).kind, 'shared');
  });
});
