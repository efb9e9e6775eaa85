import { readdirSync, statSync } from 'node:fs';
import { succeed } from './process.ts';
import { inRepository } from './repository.ts';

const FOLDER = inRepository('build');

/** What the packages are made of. */
const SOURCES = ['src', 'packaging', 'scripts', 'package.json', 'README.md'];

/** The Debian packages of this tree; built first when there are none, or older ones. */
export async function builtPackages(): Promise<readonly string[]> {
  if (!isCurrent()) {
    // One build at a time, whoever asks.
    const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
    const script = 'mkdir -p "$1" && exec flock "$1/.packages.lock" sh "$2"';
    const args = ['-c', script, 'sh', FOLDER, inRepository('scripts/deb')];
    await succeed('/bin/sh', args, { env, timeout: 500_000 });
  }
  return packages();
}

function packages(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => `${FOLDER}/${name}`);
}

function isCurrent(): boolean {
  try {
    const built = packages().map((path) => statSync(path).mtimeMs);
    return built.length === 2 && Math.min(...built) > Math.max(...SOURCES.map(lastChange));
  } catch {
    return false;
  }
}

function lastChange(name: string): number {
  const path = inRepository(name);
  const inside = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => `${path}/${file}`)
    : [];
  return Math.max(...[path, ...inside].map((file) => statSync(file).mtimeMs));
}
