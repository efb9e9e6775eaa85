import assert from 'node:assert/strict';
import test from 'node:test';
import { consolePrompt, diskIn } from '../../../src/boot/prompt/prompt-text.ts';

const NONE = { prefix: null, prompt: null };
const BOTH = { CRYPTTAB_SOURCE: '/dev/sda2', CRYPTTAB_NAME: 'root' };

// Each as Debian's password-prompt 1.8.16 has been seen to show it.
for (const [environment, wishes, shown] of [
  [{}, NONE, 'Enter passphrase to unlock the disk: '],
  [BOTH, NONE, 'Unlocking the disk /dev/sda2 (root)\nEnter passphrase: '],
  [{ CRYPTTAB_SOURCE: 'a' }, NONE, 'Unlocking the disk a\nEnter passphrase: '],
  [{ CRYPTTAB_NAME: 'b' }, NONE, 'Unlocking the disk (b)\nEnter passphrase: '],
  [{ cryptsource: 'a', crypttarget: 'b' }, NONE, 'Unlocking the disk a (b)\nEnter passphrase: '],
  [BOTH, { prefix: null, prompt: 'Say' }, 'Say: '],
  [BOTH, { prefix: 'host:', prompt: 'Say' }, 'host: Say: '],
  [{}, { prefix: 'host:', prompt: null }, 'host: Enter passphrase to unlock the disk: '],
  [{}, { prefix: null, prompt: '' }, ': '],
] as const) {
  test(`${JSON.stringify([environment, wishes])} asks ${JSON.stringify(shown)}`, () => {
    assert.equal(consolePrompt(wishes, diskIn(environment)), shown);
  });
}

test('a disk cannot move the cursor by its name (L2)', () => {
  const disk = diskIn({ CRYPTTAB_SOURCE: 'a\u001b[2Jb', CRYPTTAB_NAME: '\n\u009b' });
  assert.equal(consolePrompt(NONE, disk), 'Unlocking the disk a[2Jb\nEnter passphrase: ');
});
