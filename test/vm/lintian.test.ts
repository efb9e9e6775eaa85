/** What Debian's own checker of packages says: nothing, or there is an override with its reason. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { run } from '../support/process.ts';
import { TempDir } from '../support/temp-dir.ts';
import { ownPackage } from './clients.ts';

it('lintian sees no error in the packages and warns of nothing', async () => {
  const packages = [ownPackage('mandos-ts-server'), ownPackage('mandos-ts-client')];
  // It leaves files behind.
  await using dir = await TempDir.create();
  const { code, stdout } = await run(
    '/usr/bin/lintian',
    ['--allow-root', '--fail-on', 'error,warning', ...packages],
    { env: { TMPDIR: dir.path }, timeout: 600_000 },
  );
  assert.equal(stdout.toString(), '');
  assert.equal(code, 0);
});
