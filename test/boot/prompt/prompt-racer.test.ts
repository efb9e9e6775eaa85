import assert from 'node:assert/strict';
import test from 'node:test';
import { promptForPassword } from '../../../src/boot/prompt/password-prompt.ts';
import { promptRacer } from '../../../src/boot/prompt/prompt-racer.ts';
import { silentLog } from '../../../src/core/log.ts';

const NOTHING_WISHED = { prefix: null, prompt: null } as const;
const SOME_DISK = { source: null, name: null } as const;

/** How a prompt ends that finds this on the machine, without anybody at a terminal. */
async function ended(plymouthRuns: boolean) {
  const machine = {
    terminal: { isTerminal: false, ask: async () => null },
    processes: { pidFileHolds: () => false, isRunning: () => plymouthRuns },
    log: silentLog,
  };
  const racer = promptRacer('prompt', silentLog, (cancel) =>
    promptForPassword(NOTHING_WISHED, SOME_DISK, machine, cancel),
  );
  return await racer.start().ended;
}

test('C2: a prompt that finds Plymouth gives way, to be called back', async () => {
  const { kind } = await ended(true);
  assert.equal(kind, 'gave way');
});

test('a prompt without a terminal has failed for good', async () => {
  const end = await ended(false);
  assert.equal(end.kind === 'failed' ? end.status : end.kind, 69);
});
