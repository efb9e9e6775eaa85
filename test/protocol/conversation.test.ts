/** Both roles against each other over pipes inside the test, with a clock that only tests move. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import { type Cancellation, CancellationSource } from '../../src/core/cancellation.ts';
import type { KeyId } from '../../src/core/key-id.ts';
import { Blob, TlsPrivateKey } from '../../src/core/secret.ts';
import { milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { TlsContext } from '../../src/native/tls-context.ts';
import {
  askServer,
  type ClientEnding,
  MAX_BLOB_BYTES,
} from '../../src/protocol/client-conversation.ts';
import type { SecretAnswer, SecretSource } from '../../src/protocol/secret-source.ts';
import { serveConversation } from '../../src/protocol/server-conversation.ts';
import type { ServerEnding } from '../../src/protocol/server-ending.ts';
import type { ServerPhase } from '../../src/protocol/server-phases.ts';
import { clientEngines, serverEngines, sha256 } from '../../src/system/tls.ts';
import { type BytePipe, bytePipe } from '../support/byte-pipe.ts';
import { byteByByte, randomPieces } from '../support/one-way-pipe.ts';
import { SimulatedClock, settle } from '../support/simulated-clock.ts';
import { TLS_KEY_TYPES, tlsKey } from '../support/tls-keys.ts';

const DEADLINES = { handshake: seconds(30), sending: seconds(30), leaving: seconds(2) };

/** A gate that the test answers by hand, or at once with `secret`. */
class TestSource implements SecretSource {
  readonly asked: KeyId[] = [];
  readonly given: KeyId[] = [];
  left: Cancellation | null = null;
  #answer = Promise.withResolvers<SecretAnswer>();

  answer(secret: Uint8Array | null): void {
    this.#answer.resolve(
      secret === null
        ? { kind: 'refused' }
        : { kind: 'secret', blob: new Blob(Uint8Array.from(secret)) },
    );
  }

  fail(error: unknown): void {
    this.#answer.reject(error);
  }

  async request(keyId: KeyId, _peer: string, left: Cancellation): Promise<SecretAnswer> {
    this.asked.push(keyId);
    this.left = left;
    return await this.#answer.promise;
  }

  sent(keyId: KeyId): void {
    this.given.push(keyId);
  }
}

class Conversation {
  readonly clock = new SimulatedClock();
  readonly source = new TestSource();
  readonly stop = new CancellationSource();
  readonly phases: ServerPhase[] = [];
  readonly pipe: BytePipe = bytePipe();

  serve(): Promise<ServerEnding> {
    return serveConversation(this.pipe.b, 'peer', {
      secrets: this.source,
      clock: this.clock,
      deadlines: DEADLINES,
      newEngine: serverEngines().newEngine,
      sha256,
      stop: this.stop,
      entered: (phase) => this.phases.push(phase),
    });
  }

  ask(pem: Uint8Array, stream: ByteStream = this.pipe.a): Promise<ClientEnding> {
    using key = new TlsPrivateKey(Uint8Array.from(pem));
    return askServer(stream, {
      clock: this.clock,
      handshakeDeadline: seconds(30),
      receiveDeadline: seconds(30),
      newEngine: clientEngines(key, 'key').newEngine,
    });
  }
}

function bytesOf(ending: ClientEnding): Uint8Array | null {
  return ending.kind === 'blob' ? ending.blob.bytes : null;
}

describe('a conversation', () => {
  for (const type of TLS_KEY_TYPES) {
    it(`gives the blob to a client with a key of type ${type}`, async () => {
      const key = tlsKey(type);
      const talk = new Conversation();
      talk.source.answer(Buffer.from('the blob'));
      const [served, asked] = await Promise.all([talk.serve(), talk.ask(key.privatePem)]);
      assert.deepEqual(served, { kind: 'sent', keyId: key.keyId });
      assert.deepEqual(bytesOf(asked), new Uint8Array(Buffer.from('the blob')));
      assert.deepEqual(talk.source.given, [key.keyId]);
      assert.deepEqual(talk.phases, ['hello', 'handshake', 'waiting', 'sending', 'leaving']);
      assert.equal(talk.clock.pending, 0, 'no alarm is left');
    });
  }

  it('is the same byte by byte and in random pieces, for blobs of every size', async () => {
    const key = tlsKey();
    const cuts = [byteByByte, randomPieces(1), randomPieces(2, 1000), randomPieces(3, 20_000)];
    for (const [index, pieces] of cuts.entries()) {
      for (const size of [1, 1000, 16_384, 16_385, 100_000]) {
        const talk = new Conversation();
        talk.pipe.aToB.pieces = pieces;
        talk.pipe.bToA.pieces = index === 0 && size > 1000 ? randomPieces(4) : pieces;
        const blob = new Uint8Array(size).map((_, at) => at % 251);
        talk.source.answer(blob);
        const [served, asked] = await Promise.all([talk.serve(), talk.ask(key.privatePem)]);
        assert.equal(served.kind, 'sent');
        assert.ok(Buffer.from(bytesOf(asked) ?? []).equals(blob));
      }
    }
  });

  it('tells a refused client nothing, with a close_notify', async () => {
    const talk = new Conversation();
    talk.source.answer(null);
    const [served, asked] = await Promise.all([talk.serve(), talk.ask(tlsKey().privatePem)]);
    assert.equal(served.kind, 'refused');
    assert.equal(asked.kind, 'refused');
    assert.deepEqual(talk.source.given, []);
  });

  it('waits for an approval as long as it takes', async () => {
    const talk = new Conversation();
    const ended = Promise.all([talk.serve(), talk.ask(tlsKey().privatePem)]);
    while (talk.source.asked.length === 0) await settle();
    await talk.clock.advance(minutes(60 * 24 * 30));
    talk.source.answer(Buffer.from('at last'));
    const [served, asked] = await ended;
    assert.equal(served.kind, 'sent');
    assert.equal(asked.kind, 'blob');
  });

  it('tells the gate when the peer leaves, and gives nothing to who has left', async () => {
    const talk = new Conversation();
    const served = talk.serve();
    const asked = talk.ask(tlsKey().privatePem);
    while (talk.source.asked.length === 0) await settle();
    talk.pipe.a.destroy();
    await assert.rejects(asked);
    assert.deepEqual(await served, { kind: 'left', phase: 'waiting' });
    assert.equal(talk.source.left?.aborted, true);
    talk.source.answer(Buffer.from('too late'));
    await settle();
    assert.deepEqual(talk.source.given, []);
  });

  it('leaves a peer that keeps talking while it waits', async () => {
    const talk = new Conversation();
    const served = talk.serve();
    using context = TlsContext.tlsServer(tlsKey().privatePem);
    using engine = context.connection();
    await talk.pipe.a.write(Buffer.from('1\r\n'));
    while (engine.handshake() !== 'done') {
      engine.receive((await talk.pipe.a.read()) ?? assert.fail());
      engine.handshake();
      await talk.pipe.a.write(engine.takeOutput());
    }
    while (talk.source.asked.length === 0) await settle();
    // Records that never are complete, so that TLS has nothing to say about them.
    await talk.pipe.a.write(new Uint8Array([23, 3, 3, 0x40, 0, ...new Uint8Array(17_000)]));
    const ending = await served;
    assert.equal(ending.kind, 'left');
    assert.equal(talk.source.left?.aborted, true);
  });

  it('ends in order when the server stops while a peer waits', async () => {
    const talk = new Conversation();
    const served = talk.serve();
    const asked = talk.ask(tlsKey().privatePem);
    while (talk.source.asked.length === 0) await settle();
    talk.stop.abort(new Error('stop'));
    assert.deepEqual(await served, { kind: 'stopped', phase: 'waiting' });
    assert.equal((await asked).kind, 'refused');
  });

  it('says that it failed when the gate does, and gives nothing', async () => {
    const talk = new Conversation();
    talk.source.fail(new Error('out of order'));
    const [served, asked] = await Promise.all([talk.serve(), talk.ask(tlsKey().privatePem)]);
    assert.equal(served.kind, 'failed');
    assert.equal(asked.kind, 'refused');
  });
});

describe('the deadlines of the server', () => {
  it('end a handshake that never comes, at the second', async () => {
    const talk = new Conversation();
    const served = talk.serve();
    await talk.clock.advance(milliseconds(29_999));
    assert.deepEqual(talk.phases, ['hello']);
    await talk.clock.advance(milliseconds(1));
    assert.deepEqual(await served, { kind: 'too-slow', phase: 'hello' });
  });

  it('are absolute: a byte a second does not put them off', async () => {
    const talk = new Conversation();
    const served = talk.serve();
    for (const byte of Buffer.from('1\r\n')) {
      await talk.pipe.a.write(Uint8Array.of(byte));
      await talk.clock.advance(seconds(1));
    }
    const slow = Buffer.from('160303007a020000760303', 'hex');
    for (let second = 3; second < 30; second++) {
      assert.deepEqual(talk.phases, ['hello', 'handshake']);
      await talk.pipe.a.write(Uint8Array.of(slow[second - 3] ?? 0));
      await talk.clock.advance(seconds(1));
    }
    assert.deepEqual(await served, { kind: 'too-slow', phase: 'handshake' });
  });

  it('end the sending to a peer that takes nothing', async () => {
    const talk = new Conversation();
    const served = talk.serve();
    const asked = talk.ask(tlsKey().privatePem);
    while (talk.source.asked.length === 0) await settle();
    talk.pipe.bToA.stall();
    talk.pipe.bToA.window = 100_000;
    talk.source.answer(new Uint8Array(500_000));
    await settle();
    assert.equal(talk.phases.at(-1), 'sending');
    await talk.clock.advance(seconds(30));
    assert.deepEqual(await served, { kind: 'too-slow', phase: 'sending' });
    assert.deepEqual(talk.source.given, []);
    talk.pipe.a.destroy();
    await asked.catch(() => undefined);
    assert.equal(talk.clock.pending, 0);
  });
});

describe('the client', () => {
  it('gives up on a server that never speaks', async () => {
    const talk = new Conversation();
    const asked = talk.ask(tlsKey().privatePem);
    const failure = assert.rejects(asked, { code: 'deadline' });
    await talk.clock.advance(seconds(30));
    await failure;
  });

  it('takes no blob beyond its limit', async () => {
    const talk = new Conversation();
    talk.source.answer(new Uint8Array(MAX_BLOB_BYTES + 1));
    const served = talk.serve();
    await assert.rejects(talk.ask(tlsKey().privatePem), { code: 'protocol' });
    await talk.clock.advance(seconds(40));
    await served;
  });

  it('does not take a blob apart into a million records', async () => {
    const key = tlsKey();
    const talk = new Conversation();
    const asked = talk.ask(key.privatePem);
    const failure = assert.rejects(asked, { code: 'protocol', message: /too much/ });
    using context = TlsContext.tlsClient();
    using engine = context.connection();
    await talk.pipe.b.read(); // the hello line
    while (engine.handshake() !== 'done') {
      await talk.pipe.b.write(engine.takeOutput());
      engine.receive((await talk.pipe.b.read()) ?? assert.fail());
    }
    const flood = async (): Promise<void> => {
      for (let count = 0; count < 100; count++) {
        for (let one = 0; one < 1000; one++) engine.write(Uint8Array.of(1));
        await talk.pipe.b.write(engine.takeOutput());
      }
    };
    await flood().catch(() => undefined); // it is cut off on the way
    await failure;
  });

  it('says what is wrong with a server that speaks something else', async () => {
    const talk = new Conversation();
    const asked = talk.ask(tlsKey().privatePem);
    await talk.pipe.b.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await assert.rejects(asked, { code: 'protocol', message: /handshake failed/ });
  });

  it('says that the server left when it hangs up', async () => {
    const talk = new Conversation();
    const asked = talk.ask(tlsKey().privatePem);
    await talk.pipe.b.end();
    await assert.rejects(asked, { code: 'network' });
  });
});

describe('a connection cut at any byte', () => {
  it('gives the client the whole blob or nothing', async () => {
    const key = tlsKey();
    const whole = new Conversation();
    whole.source.answer(Buffer.from('the blob'));
    await Promise.all([whole.serve(), whole.ask(key.privatePem)]);
    const total = whole.pipe.bToA.sent.length;
    for (let cut = 0; cut < total; cut += 13) {
      const talk = new Conversation();
      talk.source.answer(Buffer.from('the blob'));
      talk.pipe.bToA.cutAfter(cut);
      const served = talk.serve();
      const asked = await talk.ask(key.privatePem).then(bytesOf, () => null);
      assert.ok(asked === null || Buffer.from(asked).toString() === 'the blob');
      await talk.clock.advance(seconds(40));
      await served;
    }
  });
});
