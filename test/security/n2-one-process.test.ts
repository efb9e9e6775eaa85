/** N2: a thousand clients at once are served by one process that does not grow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { ask } from '../support/mandos-peer.ts';
import { type ProcessFigures, processFigures } from '../support/process-figures.ts';
import { ServerProgram } from '../support/server-program.ts';
import { type TlsKey, tlsKey } from '../support/tls-keys.ts';

const CLIENTS = 1000;

function sections(keys: readonly TlsKey[]): string {
  return keys
    .map((key, index) => {
      const secret = Buffer.from(`blob ${index}`).toString('base64');
      // Nobody is checked meanwhile: a checker is a child.
      const times = { interval: 'P9000D', timeout: 'P9000D' };
      return clientSection(`client${index}`, { key_id: key.keyId, secret, ...times });
    })
    .join('\n');
}

async function storm(server: ServerProgram, keys: readonly TlsKey[]): Promise<void> {
  const answers = await Promise.all(keys.map((key) => ask(server.port, key.privatePem)));
  for (const [index, answer] of answers.entries()) {
    assert.equal(Buffer.from(answer ?? []).toString(), `blob ${index}`);
  }
}

describe('N2: one process', () => {
  it('serves storms of 1,000 clients without a child, a new thread or more memory', async () => {
    const keys = Array.from({ length: CLIENTS }, () => tlsKey());
    await using server = await ServerProgram.start({
      clients: sections(keys),
      options: ['--debuglevel', 'WARNING'],
    });
    const { pid } = server.program;
    const seen: ProcessFigures[] = [];
    const watch = setInterval(() => seen.push(processFigures(pid)), 20);
    try {
      await ask(server.port, keys[0]?.privatePem ?? new Uint8Array(0));
      const atRest = processFigures(pid);
      // The engine takes memory until it collects for the first time; from then on it is flat.
      for (let count = 0; count < 6; count++) await storm(server, keys);
      const warm = Math.max(...seen.map(({ memory }) => memory));
      seen.length = 0;
      for (let count = 0; count < 4; count++) await storm(server, keys);
      const most = Math.max(...seen.map(({ memory }) => memory));
      assert.ok(most < 1.3 * warm, `${most} bytes after ${warm}`);
      assert.ok(seen.length > 0);
      assert.ok(seen.every(({ children }) => children === 0));
      assert.ok(seen.every(({ threads }) => threads <= atRest.threads));
    } finally {
      clearInterval(watch);
    }
  });
});
