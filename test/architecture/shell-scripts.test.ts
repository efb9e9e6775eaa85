/** Every shell script and shell library of the project passes shellcheck. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

/** What a shell script begins with, and what a file that others read as one. */
const SHELL = /^(#!(\/usr)?\/bin\/(env )?(ba|da)?sh\b|# shellcheck shell=)/;

function firstLine(path: string): string {
  const descriptor = openSync(inRepository(path), 'r');
  try {
    const start = Buffer.alloc(64);
    return start.toString('latin1', 0, readSync(descriptor, start));
  } finally {
    closeSync(descriptor);
  }
}

function shellScripts(): string[] {
  const ofOthers = /(^|\/)fixtures\/|\.md$/;
  return ['.ci', 'bin', 'packaging', 'scripts', 'test']
    .flatMap((folder) =>
      readdirSync(inRepository(folder), { recursive: true, withFileTypes: true }),
    )
    .filter((entry) => entry.isFile())
    .map((entry) => relative(inRepository('.'), join(entry.parentPath, entry.name)))
    .filter((path) => !ofOthers.test(path) && SHELL.test(firstLine(path)));
}

it('shell scripts pass shellcheck', requires('shellcheck'), async () => {
  const scripts = shellScripts();
  assert.ok(scripts.includes('scripts/setup'), 'the search finds scripts');
  const outcome = await run('/usr/bin/shellcheck', ['--external-sources', '--', ...scripts], {
    cwd: inRepository('.'),
    timeout: 100_000,
  });
  assert.equal(outcome.stdout.toString(), '');
  assert.equal(outcome.code, 0, outcome.stderr);
});
