/** S4: no process that remains contains the password; here, an agent that waits for more. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import test from 'node:test';
import { countInMemory } from '../support/memory-search.ts';
import { PasswordAsker } from '../support/password-asker.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const PROGRAM = inRepository('bin/password-agent');

for (const length of [12, 40, 3000, 90_000]) {
  test(
    `once it has answered, the agent’s memory does not hold a password of ${length} bytes`,
    requires('root', 'python'),
    async () => {
      await using dir = await TempDir.create(0o711);
      await mkdir(dir.join('ask'));
      // Turned round in the file, so that its only way into the agent is the client's output.
      const password = randomBytes(length).toString('hex').slice(0, length);
      await dir.write('turned', [...password].toReversed().join(''), 0o644);
      const client = await dir.write(
        'client',
        '#!/bin/sh\ncd "$(dirname "$0")" && rev turned\n',
        0o755,
      );
      await using asker = await PasswordAsker.ask(dir.join('ask'), 'a');
      // Keeps the agent running.
      await using _other = await PasswordAsker.ask(dir.join('ask'), 'b', { Id: 'tpm2-pin' });
      await using agent = RunningProgram.start(PROGRAM, ['-d', dir.join('ask'), client]);
      assert.ok((await asker.answer()).startsWith(`+${password}`));
      const { pid } = agent;
      assert.notEqual(countInMemory(pid, Buffer.from(dir.path)), 0, 'the search finds things');
      assert.equal(countInMemory(pid, Buffer.from(password.slice(0, 40))), 0);
    },
  );
}
