/** F4: a broken section is told with file and line and not served; the others are served. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { makeFifo } from '../support/fifo.ts';
import { ask } from '../support/mandos-peer.ts';
import { ServerProgram } from '../support/server-program.ts';
import { TempDir } from '../support/temp-dir.ts';
import { type TlsKey, tlsKey } from '../support/tls-keys.ts';

const SECRET = Buffer.from('the blob').toString('base64');

function good(name: string, key: TlsKey): string {
  return clientSection(name, { key_id: key.keyId, secret: SECRET });
}

async function served(server: ServerProgram, key: TlsKey): Promise<boolean> {
  return (await ask(server.port, key.privatePem)) !== null;
}

/** The options of a section that has something wrong, each in its own way. */
const BROKEN: Readonly<Record<string, { readonly options: string; readonly line: number }>> = {
  'a line that is no option': { options: `secret = ${SECRET}\nnonsense\n`, line: 3 },
  'an option given twice': { options: `secret = ${SECRET}\nhost = a\nhost = b\n`, line: 4 },
  'a bad duration': { options: `secret = ${SECRET}\ntimeout = soon\n`, line: 3 },
  'a bad boolean': { options: `secret = ${SECRET}\nenabled = maybe\n`, line: 3 },
  'a bad expansion': { options: `secret = ${SECRET}\nhost = %(nowhere)s\n`, line: 3 },
  'a secret that is no base64': { options: 'secret = !!!\n', line: 2 },
  'no secret': { options: 'host = localhost\n', line: 1 },
  'a secfile that is not there': { options: 'secfile = /nonexistent/secret\n', line: 2 },
  'a secfile that is a directory': { options: 'secfile = /\n', line: 2 },
};

describe('F4: one bad stanza is one bad client', () => {
  for (const [name, { options, line }] of Object.entries(BROKEN)) {
    it(`tells where it is and serves the others: ${name}`, async () => {
      const [first, bad, last] = [tlsKey(), tlsKey(), tlsKey()];
      const before = good('first', first);
      const clients = `${before}[bad]\n${options}key_id = ${bad.keyId}\n${good('last', last)}`;
      await using server = await ServerProgram.start({ clients });
      assert.equal(await served(server, first), true);
      assert.equal(await served(server, last), true);
      assert.equal(await served(server, bad), false);
      const at = before.split('\n').length - 1 + line;
      assert.match(server.log, new RegExp(`ERROR: client bad.*/clients\\.conf:${at}: `));
    });
  }

  it('is not kept waiting by a secfile that is a FIFO', async () => {
    await using dir = await TempDir.create();
    const [bad, other] = [tlsKey(), tlsKey()];
    const options = { key_id: bad.keyId, secfile: await makeFifo(dir) };
    const clients = clientSection('bad', options) + good('other', other);
    await using server = await ServerProgram.start({ clients });
    assert.equal(await served(server, other), true);
    assert.equal(await served(server, bad), false);
    assert.match(server.log, /ERROR: client bad is not served: .*is not a regular file/);
  });

  it('serves neither of two sections of one name, and the others', async () => {
    const [first, second, other] = [tlsKey(), tlsKey(), tlsKey()];
    const clients = good('same', first) + good('other', other) + good('same', second);
    await using server = await ServerProgram.start({ clients });
    assert.equal(await served(server, first), false);
    assert.equal(await served(server, second), false);
    assert.equal(await served(server, other), true);
  });

  it('serves nobody when the defaults for all cannot be read', async () => {
    const key = tlsKey();
    const clients = `[DEFAULT]\nenabled = no\nnonsense\n${good('foo', key)}`;
    await using server = await ServerProgram.start({ clients });
    assert.equal(await served(server, key), false);
    assert.match(server.log, /clients\.conf:3: /);
  });

  it('keeps running, and says so, with an empty file and without one', async () => {
    for (const options of [{ clients: '' }, {}]) {
      await using server = await ServerProgram.start(options);
      assert.equal(await served(server, tlsKey()), false);
      assert.match(server.log, /WARNING: .*clients\.conf: there is no client in this file/);
    }
  });

  it('never writes a secret into the log', async () => {
    const secret = Buffer.from('a very secret blob').toString('base64');
    const broken = `[bad]\nkey_id = x\nsecret = ${secret}\n  !\n  %(x\n[worse\nsecret = ${secret}\n`;
    await using server = await ServerProgram.start({ clients: broken });
    assert.equal(await served(server, tlsKey()), false);
    for (let at = 0; at + 8 <= secret.length; at++) {
      assert.ok(!server.log.includes(secret.slice(at, at + 8)));
    }
  });
});
