import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Operation } from './write-trace.ts';

const SECTOR = 512;

/** True as often as false, or as a test wants it. */
export type Toss = () => boolean;

interface VirtualFile {
  /** What the program sees. */
  content: Buffer;
  /** What is on the disk for sure. */
  durable: Buffer;
}

type Names = ReadonlyMap<string, VirtualFile | 'directory'>;

/**
 * A disk on which the operations of a program are done again, to see what a crash after any of
 * them leaves: of the program alone (`kill -9`: all that was done is there), or of the machine.
 * Then of what was not synced each sector is old or new, and changes of names were done up to
 * some point, as on a journalling file system.
 */
export class VirtualDisk {
  #names = new Map<string, VirtualFile | 'directory'>([['.', 'directory']]);
  /** The names after each change that was not synced; the first is on the disk for sure. */
  #namesSince: Names[] = [new Map(this.#names)];

  do(operation: Operation): void {
    switch (operation.kind) {
      case 'tell':
        return;
      case 'create':
        if (this.#names.has(operation.path)) return;
        this.#rename((names) =>
          names.set(operation.path, { content: Buffer.alloc(0), durable: Buffer.alloc(0) }),
        );
        return;
      case 'make directory':
        this.#rename((names) => names.set(operation.path, 'directory'));
        return;
      case 'remove':
        this.#rename((names) => names.delete(operation.path));
        return;
      case 'rename':
        this.#rename((names) => move(names, operation.from, operation.to));
        return;
      case 'write': {
        const file = this.#file(operation.path);
        const end = operation.at + operation.bytes.length;
        if (end > file.content.length) file.content = resized(file.content, end);
        operation.bytes.copy(file.content, operation.at);
        return;
      }
      case 'resize': {
        const file = this.#file(operation.path);
        file.content = resized(file.content, operation.length);
        return;
      }
      case 'sync': {
        const synced = this.#names.get(operation.path);
        if (synced === 'directory') this.#namesSince = [new Map(this.#names)];
        else if (synced !== undefined) synced.durable = Buffer.from(synced.content);
        return;
      }
    }
  }

  /** Writes what is there when the program is killed. */
  writeKilled(directory: string): void {
    write(directory, this.#names, (file) => file.content);
  }

  /** Writes what may be there when the machine stops; `toss` decides about each sector. */
  writeStopped(directory: string, toss: Toss): void {
    let survived = 0;
    while (survived < this.#namesSince.length - 1 && toss()) survived++;
    const names = this.#namesSince[survived] ?? new Map();
    write(directory, names, (file) => torn(file, toss));
  }

  #rename(change: (names: Map<string, VirtualFile | 'directory'>) => void): void {
    change(this.#names);
    this.#namesSince.push(new Map(this.#names));
  }

  #file(path: string): VirtualFile {
    const file = this.#names.get(path);
    if (file === undefined || file === 'directory') throw new Error(`${path} is no file`);
    return file;
  }
}

function move<T>(names: Map<string, T>, from: string, to: string): void {
  for (const [name, what] of [...names]) {
    if (name !== from && !name.startsWith(`${from}/`)) continue;
    names.delete(name);
    names.set(to + name.slice(from.length), what);
  }
}

function resized(bytes: Buffer, length: number): Buffer {
  const other = Buffer.alloc(length);
  bytes.copy(other);
  return other;
}

function torn({ content, durable }: VirtualFile, toss: Toss): Buffer {
  // The new length is there as soon as anything that needs it is; or without it.
  const grown = content.length !== durable.length && toss();
  const result = resized(durable, grown ? content.length : durable.length);
  for (let at = 0; at < result.length; at += SECTOR) {
    const end = Math.min(at + SECTOR, result.length);
    const changed = Buffer.compare(content.subarray(at, end), result.subarray(at, end)) !== 0;
    if (changed && toss()) content.copy(result, at, at, end);
  }
  return result;
}

function write(directory: string, names: Names, contentOf: (file: VirtualFile) => Buffer): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  const sorted = [...names].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, what] of sorted) {
    if (path === '.') continue;
    if (what === 'directory') mkdirSync(join(directory, path), { recursive: true, mode: 0o700 });
    else {
      mkdirSync(join(directory, dirname(path)), { recursive: true, mode: 0o700 });
      writeFileSync(join(directory, path), contentOf(what), { mode: 0o600 });
    }
  }
}
