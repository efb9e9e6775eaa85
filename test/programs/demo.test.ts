import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';

test('the demo shows a password fetched and two refused, and ends well', async () => {
  const { code, stdout, stderr } = await run('/bin/sh', [inRepository('scripts/demo')], {
    timeout: 60_000,
  });
  const shown = stdout.toString();
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.match(
    shown,
    /web reboots[\s\S]*The password that unlocks its disk: opens the disk of web/,
  );
  assert.match(shown, /thief boots db[\s\S]*Its password: none/);
  assert.doesNotMatch(shown, /opens the disk of db/);
});
