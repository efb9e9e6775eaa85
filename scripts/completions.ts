/**
 * Makes packaging/completions/ from the declarations of the operators' programs: run it when an
 * option has changed. Each file is where the shell's package looks for it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { serverProgram } from '../src/config/server-command-line.ts';
import { LOG_LEVELS } from '../src/core/log.ts';
import { VERSION } from '../src/core/version.ts';
import { CTL_PROGRAM } from '../src/operator/ctl/ctl-options.ts';
import { keygenProgram } from '../src/operator/keygen/command-line.ts';
import { TLS_KEY_TYPES } from '../src/operator/keygen/tls-key-type.ts';
import { LEDGER_PROGRAM } from '../src/programs/mandos-ledger.ts';
import { MONITOR_PROGRAM } from '../src/programs/mandos-monitor.ts';
import { bashCompletion } from './completions/bash.ts';
import {
  type Completed,
  type CompletedProgram,
  completedProgram,
} from './completions/completed-program.ts';
import { fishCompletion } from './completions/fish.ts';
import { zshCompletion } from './completions/zsh.ts';

const words = (...list: readonly string[]): Completed => ({ kind: 'words', words: list });

const PROGRAMS: readonly CompletedProgram[] = [
  completedProgram(serverProgram(VERSION), {
    interface: { kind: 'interface' },
    debuglevel: words(...LOG_LEVELS.map((level) => level.toUpperCase())),
  }),
  completedProgram(keygenProgram(VERSION), {
    type: words('RSA', 'ed25519'),
    subtype: words('RSA', 'cv25519'),
    'tls-keytype': words(...TLS_KEY_TYPES),
  }),
  completedProgram(CTL_PROGRAM, {}, { kind: 'client' }),
  completedProgram(LEDGER_PROGRAM),
  completedProgram(MONITOR_PROGRAM),
];

/** The files by their paths below packaging/completions/. */
export const COMPLETIONS: ReadonlyMap<string, string> = new Map(
  PROGRAMS.flatMap((program) => [
    [`bash/${program.name}`, bashCompletion(program)],
    [`zsh/_${program.name}`, zshCompletion(program)],
    [`fish/${program.name}.fish`, fishCompletion(program)],
  ]),
);

if (import.meta.main) {
  for (const [path, content] of COMPLETIONS) {
    const file = resolve(import.meta.dirname, '../packaging/completions', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
