/** Loads every source file once: the runtime keeps what it compiles (see scripts/node). */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SOURCES = resolve(import.meta.dirname, '../src');

for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
  // main.ts would run a program.
  if (!name.endsWith('.ts') || name.endsWith('.d.ts') || name === 'main.ts') continue;
  try {
    await import(join(SOURCES, name));
  } catch {
    // A thread's file is not for the main thread; compiled it is all the same.
  }
}
