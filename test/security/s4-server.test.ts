/**
 * S4: the server never has a password, and of a blob it has one copy, which goes when an
 * operator replaces it: none in its configuration's text, nor of each that it gave out.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { DaemonOnABus } from '../support/daemon-on-a-bus.ts';
import { countInMemory } from '../support/memory-search.ts';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const needs = requires('root', 'original server', 'gnutls', 'gpg');

test('the server holds no password, and each blob once', needs, async () => {
  const password = randomBytes(24).toString('hex');
  await using keys = await ClientKeys.make();
  await using dir = await TempDir.create();
  await dir.write('next', await keys.seal('another'));
  const blob = await keys.seal(password);
  const clients = await keys.section('one', password, {
    secret: Buffer.from(blob).toString('base64'),
  });
  await using server = await DaemonOnABus.start('ours', { clients });
  const ask = (): Promise<Buffer> =>
    succeed(inRepository('bin/mandos-client'), [
      ...[`--connect=127.0.0.1:${server.port}`, '--interface=none', ...keys.options],
    ]);
  const count = (bytes: Uint8Array): number => countInMemory(server.program.pid, bytes);
  // The middle of it: its beginning and its end look like those of others.
  const middle = (bytes: Uint8Array): Uint8Array => bytes.subarray(100, 164);
  const text = Buffer.from(Buffer.from(blob).toString('base64').slice(100, 140));

  for (let time = 0; time < 3; time++) assert.equal((await ask()).toString(), password);
  assert.equal(count(middle(blob)), 1, 'what it will give to the next');
  assert.equal(count(text), 0, 'its text in clients.conf');
  assert.equal(count(Buffer.from(password)), 0);

  const { code } = await server.ctl('--secret', dir.join('next'), 'one');
  assert.equal(code, 0);
  assert.equal((await ask()).toString(), 'another');
  assert.equal(count(middle(blob)), 0, 'the blob that was replaced');
  assert.ok(count(middle(await readFile(dir.join('next')))) > 0, 'the search finds what is there');
});
