/** The completions are those of the programs as they are, and the shells take them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { COMPLETIONS } from '../../scripts/completions.ts';
import { clientsJson } from '../../src/operator/ctl/client-json.ts';
import type { ClientView } from '../../src/operator/server/client-view.ts';
import { onATerminal } from '../support/on-a-terminal.ts';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const FOLDER = inRepository('packaging/completions');
const needs = requires('shells', 'pseudo-terminal');

test('what is in packaging/completions is made from the declarations of today', () => {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(FOLDER.length + 1));
  assert.deepEqual(files.toSorted(), [...COMPLETIONS.keys()].toSorted());
  for (const [path, content] of COMPLETIONS) {
    const hint = `${path} is out of date; run: scripts/node scripts/completions.ts`;
    assert.equal(readFileSync(`${FOLDER}/${path}`, 'utf8'), content, hint);
  }
});

/** A stand-in for a mandos-ctl with a server, in front of all other programs. */
async function machine(): Promise<TempDir> {
  const dir = await TempDir.create();
  const clients = ['desert', 'desk $(kill $$)', 'attic'].map(
    (Name) => ({ Name, Host: 'x' }) as ClientView,
  );
  await dir.write('mandos-ctl', `#!/bin/sh\ncat <<'END'\n${clientsJson(clients)}END\n`, 0o755);
  await dir.write('vault.blob', '');
  return dir;
}

/** Behind `typed`, the tabulator key adds or shows `added`. */
type Completed = readonly [typed: string, added: string];

const CASES: readonly Completed[] = [
  ['mandos --debugl', 'evel='],
  ['mandos --debuglevel=CR', 'ITICAL'],
  ['mandos --debuglevel CR', 'ITICAL'],
  ['mandos --interface l', 'o'],
  ['mandos --statedir /usr/shar', 'e/'],
  ['mandos-keygen --dev', 'ice='],
  ['mandos-keygen --passfile vaul', 't.blob'],
  ['mandos-keygen -T ed4', '48'],
  ['mandos-ledger --st', 'atedir='],
  ['mandos-ctl --bump', '-timeout'],
  ['mandos-ctl --bump-timeout dese', 'rt'],
  ['mandos-ctl --explain desk\\ ', '\\$\\(kill\\ \\$\\$\\)'],
  ['mandos-ctl --secret vau', 'lt.blob'],
];

/** Types each line at a shell's prompt, presses the key, and takes the line away again. */
async function typeAll(shell: readonly string[], prepare: string, dir: TempDir): Promise<void> {
  const path = `PATH=${dir.path}:/usr/sbin:/usr/bin:/bin`;
  await onATerminal(
    [
      ...['/usr/bin/env', '-i', path, 'TERM=dumb', `HOME=${dir.path}`],
      ...['/bin/sh', '-c', 'exec "$@" >&2', 'sh', ...shell],
    ],
    [
      { type: `cd ${dir.path}; ${prepare}; printf 'rea%s' dy\r` },
      { expect: 'ready' },
      ...CASES.flatMap(([typed, added]) => [
        { type: typed },
        { expect: typed },
        { type: '\t' },
        { expect: added },
        { type: '\u0015' },
      ]),
      { type: 'exit\r' },
    ],
  );
}

test('bash completes options, values, files, interfaces and clients', needs, async () => {
  await using dir = await machine();
  const prepare = `for file in ${FOLDER}/bash/*; do . "$file"; done`;
  await typeAll(['/bin/bash', '--norc', '--noprofile', '-i'], prepare, dir);
});

test('zsh completes options, values, files, interfaces and clients', needs, async () => {
  await using dir = await machine();
  const prepare = `fpath=(${FOLDER}/zsh $fpath); autoload -Uz compinit; compinit -D -u`;
  await typeAll(['/usr/bin/zsh', '-f', '-i'], prepare, dir);
});

test('fish completes options, values, files, interfaces and clients', needs, async () => {
  await using dir = await machine();
  for (const [typed, added] of CASES) {
    const script = `for file in ${FOLDER}/fish/*; source $file; end; complete -C "$argv[1]"`;
    const output = await succeed('/usr/bin/fish', ['--no-config', '-c', script, typed], {
      cwd: dir.path,
      env: { PATH: `${dir.path}:/usr/bin:/bin`, HOME: dir.path },
    });
    const found = output.toString().split('\n');
    // It shows what is meant, and quotes when it is chosen.
    const word = `${typed.split(/[ =]/).at(-1)}${added}`.replace(/=$/, '').replaceAll('\\', '');
    const matching = found.filter((line) => line.split('\t')[0]?.endsWith(word));
    assert.equal(matching.length, 1, `${typed}: ${output}`);
  }
});
