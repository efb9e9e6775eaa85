/**
 * C2: the password prompt is usable from the first second to the last, whatever the network,
 * the servers or the other plugins do; a crash or a busy loop in `mandos-client` included.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { onATerminal, type Step } from '../support/on-a-terminal.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const TYPED: readonly Step[] = [
  { expect: 'Enter passphrase to unlock the disk: ' },
  { echo: false },
  { type: 'correct horse\r' },
];

async function typeBeside(dir: TempDir, steps: readonly Step[], ...options: string[]) {
  await symlink(inRepository('bin/password-prompt'), dir.join('password-prompt'));
  const { output, code, echo, shown } = await onATerminal(
    [
      ...[inRepository('bin/plugin-runner'), '--config-file=/nonexistent'],
      ...[`--plugin-dir=${dir.path}`, ...options],
    ],
    steps,
  );
  const hidden = steps.some((step) => 'echo' in step);
  if (hidden) assert.doesNotMatch(shown, /correct horse/);
  assert.deepEqual({ output, code, echo }, { output: 'correct horse', code: 0, echo: true });
}

for (const [what, script] of [
  ['hangs', 'sleep 1000'],
  ['hangs and is deaf to TERM for as long as it may', "trap '' TERM; while :; do sleep 1; done"],
  ['runs in circles', 'while :; do :; done'],
  ['crashes', 'kill -SEGV $$'],
  ['fails for now, again and again', 'exit 75'],
  ['fails', 'exit 1'],
  ['floods its output', 'exec cat /dev/zero'],
  ['floods the console', 'while :; do echo noise >&2; sleep 0.01; done'],
  ['stops itself', 'kill -STOP $$'],
  ['has closed everything', 'exec <&- >&- 2>&-; sleep 1000'],
  ['takes what is typed', 'stty sane; exec sleep 1000'],
] as const) {
  test(`a person can type while mandos-client ${what}`, requires('pseudo-terminal'), async () => {
    await using dir = await TempDir.create(0o755);
    await dir.write('mandos-client', `#!/bin/sh\n${script}\n`, 0o755);
    // `stty sane` may turn the echo on behind the prompt's back; the password gets there anyhow.
    const steps =
      what === 'takes what is typed' ? TYPED.filter((step) => !('echo' in step)) : TYPED;
    await typeBeside(dir, steps);
  });
}

test(
  'a person can type while a server keeps the real mandos-client waiting',
  requires('pseudo-terminal', 'gnutls', 'gpg'),
  async () => {
    await using keys = await ClientKeys.make();
    await using dir = await TempDir.create(0o755);
    await symlink(inRepository('bin/mandos-client'), dir.join('mandos-client'));
    const sockets: Socket[] = [];
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket);
    });
    silent.listen({ host: '127.0.0.1', port: 0 });
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const options = [`--connect=127.0.0.1:${port}`, ...keys.options].join(',');
    try {
      await typeBeside(dir, TYPED, `--options-for=mandos-client:${options}`);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  },
);

test(
  'a slip of the hand on the keyboard leaves the prompt there',
  requires('pseudo-terminal'),
  async () => {
    await using dir = await TempDir.create(0o755);
    await typeBeside(dir, [
      { expect: 'Enter passphrase to unlock the disk: ' },
      { echo: false },
      { type: '\u0004' },
      ...TYPED,
    ]);
  },
);
