/** F1, F2: the daemon when its store's thread ends: it is told, nobody is served, a new start helps. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { describe, it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { ask } from '../support/mandos-peer.ts';
import { inRepository } from '../support/repository.ts';
import { ServerHome } from '../support/server-home.ts';
import { tlsKey } from '../support/tls-keys.ts';

const key = tlsKey();
const secret = Buffer.from('the blob').toString('base64');
const checker = 'true';
const clients = clientSection('foo', { key_id: key.keyId, secret, checker, interval: 'PT1S' });

describe("mandos whose store's thread ends", { concurrency: 2 }, () => {
  for (const [how, why] of [
    ['exit', /the store has ended/],
    ['throw', /a fault in the thread/],
    ['memory', /memory limit/],
  ] as const) {
    it(`(${how}) says so and ends with failure at once, and the next goes on`, async () => {
      await using home = await ServerHome.make(clients);
      const hook = inRepository('test/support/ending-store.ts');
      const file = home.path('end-now');
      const main = inRepository('src/main.ts');
      const server = await home.start({
        command: (_, ...args) => [
          process.execPath,
          [
            ...['--max-old-space-size=100', '--disable-sigusr1', '--import', hook],
            ...[main, 'mandos', ...args],
          ],
        ],
        env: { ENDING_STORE: file },
      });
      await server.program.waitForLine(/checker for foo succeeded/);
      await writeFile(file, how);
      const { code } = await server.program.exit;
      assert.equal(code, 70, server.log);
      assert.match(server.log, /nothing can be stored in '.*' any more/);
      assert.match(server.log, why);
      await server[Symbol.asyncDispose]();
      await using again = await home.start();
      const blob = await ask(again.port, key.privatePem);
      assert.equal(Buffer.from(blob ?? []).toString(), 'the blob');
      assert.doesNotMatch(again.log, /damaged|lost/);
    });
  }
});
