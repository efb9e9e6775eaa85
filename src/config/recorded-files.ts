/**
 * Files as one process read them, for another that may not: a header in JSON with what became of
 * each, then the bytes of all, which are never made a text (S4).
 */
import { type ErrorCode, MandosError } from '../core/error.ts';
import { wipeableBytes, wipeableCopy } from '../core/wipeable-bytes.ts';
import type { ConfigFiles } from './config-files.ts';

type Outcome =
  | { readonly kind: 'read'; readonly path: string; readonly length: number }
  | {
      readonly kind: 'failed';
      readonly path: string;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** Where in the record the header's length is, as 32 bits. */
const HEADER = 4;

/** Reads from `files` and remembers each file. */
export class FileRecorder implements ConfigFiles, Disposable {
  readonly #files: ConfigFiles;
  readonly #read = new Map<string, Uint8Array | MandosError>();

  constructor(files: ConfigFiles) {
    this.#files = files;
  }

  readFile(path: string): Uint8Array {
    try {
      const bytes = this.#files.readFile(path);
      this.#forget(path);
      this.#read.set(path, wipeableCopy(bytes));
      return bytes;
    } catch (error) {
      if (error instanceof MandosError) this.#read.set(path, error);
      throw error;
    }
  }

  homeDirectory(user: string | null): string | null {
    return this.#files.homeDirectory(user);
  }

  environmentVariable(name: string): string | undefined {
    return this.#files.environmentVariable(name);
  }

  /** All that was read, in an array that the caller wipes. */
  record(): Uint8Array {
    const outcomes = [...this.#read].map(([path, read]): Outcome => {
      if (!(read instanceof MandosError)) return { kind: 'read', path, length: read.length };
      return { kind: 'failed', path, code: read.code, message: read.message };
    });
    const header = new TextEncoder().encode(JSON.stringify(outcomes));
    const contents = [...this.#read.values()].filter((read) => read instanceof Uint8Array);
    const length = contents.reduce((sum, bytes) => sum + bytes.length, HEADER + header.length);
    const record = wipeableBytes(length);
    new DataView(record.buffer).setUint32(0, header.length);
    record.set(header, HEADER);
    let offset = HEADER + header.length;
    for (const bytes of contents) {
      record.set(bytes, offset);
      offset += bytes.length;
    }
    return record;
  }

  [Symbol.dispose](): void {
    for (const path of this.#read.keys()) this.#forget(path);
  }

  #forget(path: string): void {
    const read = this.#read.get(path);
    if (read instanceof Uint8Array) read.fill(0);
  }
}

/**
 * Files from a record. One that is not in it is read from `files`, as is the rest.
 * @param record as `FileRecorder` made it
 */
export function recordedFiles(record: Uint8Array, files: ConfigFiles): ConfigFiles {
  const size = new DataView(record.buffer, record.byteOffset).getUint32(0);
  const header = new TextDecoder().decode(record.subarray(HEADER, HEADER + size));
  const outcomes: readonly Outcome[] = JSON.parse(header);
  const found = new Map<string, Uint8Array | MandosError>();
  let offset = HEADER + size;
  for (const outcome of outcomes) {
    if (outcome.kind === 'failed') {
      found.set(outcome.path, new MandosError(outcome.code, outcome.message));
      continue;
    }
    found.set(outcome.path, record.subarray(offset, offset + outcome.length));
    offset += outcome.length;
  }
  return {
    readFile: (path) => {
      const read = found.get(path);
      if (read === undefined) return files.readFile(path);
      if (read instanceof MandosError) throw read;
      return wipeableCopy(read);
    },
    homeDirectory: (user) => files.homeDirectory(user),
    environmentVariable: (name) => files.environmentVariable(name),
  };
}
