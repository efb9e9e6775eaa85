/** F2 for key files: whatever stops mandos-keygen, each name has its old content or the new. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import { KEY_FILES } from '../../../src/operator/keygen/key-directory.ts';
import { QUICK } from '../../support/keygen.ts';
import { run } from '../../support/process.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';

/** Runs mandos-keygen with something happening to it at a system call (strace(1), inject). */
async function injected(dir: TempDir, injection: string, args: readonly string[] = []) {
  const program = inRepository('bin/mandos-keygen');
  const call = injection.slice(0, injection.indexOf(':'));
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`];
  const command = [program, ...QUICK, '--dir', dir.path, ...args];
  return await run('/usr/bin/strace', [...strace, '-e', `inject=${injection}`, '--', ...command]);
}

async function contents(dir: TempDir): Promise<string[]> {
  return await Promise.all(KEY_FILES.map((name) => readFile(dir.join(name), 'latin1')));
}

const WHOLE = /^-----BEGIN ([A-Z ]+)-----\n[\s\S]+\n-----END \1-----\n$/;

for (const call of ['rename', 'fsync']) {
  test(
    `killed at any ${call}, every key file is the old one or a whole new one`,
    requires('strace'),
    async () => {
      for (let when = 1; ; when++) {
        await using dir = await TempDir.create();
        for (const name of KEY_FILES) await dir.write(name, `old ${name}`);
        const { code } = await injected(dir, `${call}:signal=KILL:when=${when}`, ['--force']);
        for (const [index, text] of (await contents(dir)).entries()) {
          if (text !== `old ${KEY_FILES[index]}`) assert.match(text, WHOLE);
        }
        if (code === 0) {
          assert.ok(when > 4, 'there were that many calls to be killed at');
          break;
        }
      }
    },
  );
}

test(
  'a disk that fails at any sync leaves the old keys and no litter',
  requires('strace'),
  async () => {
    for (let when = 1; when <= 8; when++) {
      await using dir = await TempDir.create();
      for (const name of KEY_FILES) await dir.write(name, `old ${name}`);
      const { code, stderr } = await injected(dir, `fsync:error=EIO:when=${when}`, ['--force']);
      assert.notEqual(code, 0);
      assert.match(stderr, /cannot write .*EIO/);
      assert.deepEqual(
        await contents(dir),
        KEY_FILES.map((name) => `old ${name}`),
      );
      const litter = (await readdir(dir.path)).filter((name) => name.startsWith('.'));
      assert.deepEqual(litter, []);
    }
  },
);

test('a new key that cannot get its name leaves nothing behind', requires('strace'), async () => {
  for (let when = 1; when <= 4; when++) {
    await using dir = await TempDir.create();
    const { code, stderr } = await injected(dir, `link:error=ENOSPC:when=${when}`);
    assert.notEqual(code, 0);
    assert.match(stderr, /ENOSPC/);
    assert.deepEqual(await readdir(dir.path), []);
  }
});
