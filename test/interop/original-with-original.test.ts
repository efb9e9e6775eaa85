/**
 * The ground under all other interop tests: Debian's client gets its password from
 * Debian's server through the same arrangements that put ours on one side.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { runOriginalClient, startOriginalClient } from '../support/original-client.ts';
import { OriginalServer } from '../support/original-server.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const needs = requires('original server', 'original client', 'gnutls', 'gpg');
const PASSWORD = 'correct horse\nbattery staple\n';

for (const host of ['127.0.0.1', '::1'] as const) {
  test(
    `the original's client gets its password from the original's server at ${host}`,
    needs,
    async () => {
      await using keys = await ClientKeys.make();
      await using server = await OriginalServer.start({
        clients: await keys.section('client', PASSWORD),
        host,
      });
      const { code, stdout } = await runOriginalClient(keys, server.address);
      assert.equal(stdout.toString(), PASSWORD);
      assert.equal(code, 0);
    },
  );
}

test("the original's server gives nothing to a client that it does not know", needs, async () => {
  await using known = await ClientKeys.make();
  await using stranger = await ClientKeys.make();
  await using server = await OriginalServer.start({
    clients: await known.section('client', PASSWORD),
  });
  await using hooks = await TempDir.create();
  await using client = startOriginalClient(stranger, server.address, hooks.path);
  await client.waitForLine(/retrying in 1 seconds/i);
  assert.equal(client.stdout.length, 0);
});
