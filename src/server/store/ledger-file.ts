/**
 * The ledger on the disk: append-only, each record durable before `append` returns (F1), with
 * space set aside for every lock-out that may become necessary (F2).
 */
import { closeSync, constants, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type Standing, standing } from '../../core/ledger-entry.ts';
import { createPrivateFile } from '../../system/private-file.ts';
import {
  encodeRecord,
  FIRST_LINK,
  type ReadLedger,
  readLedger,
  ZEROS_AFTER,
} from './ledger-format.ts';
import { emptySummary, include, type LedgerRecord, type LedgerSummary } from './ledger-record.ts';
import { readWholeFile } from './whole-file.ts';

/** The file grows by this much at a time. */
const STEP = 64 * 1024;
/** More than a record that locks out one client takes beside its name. */
const LOCK_OUT_FRAME = 256;

export class LedgerFile {
  readonly #descriptor: number;
  readonly #summary: LedgerSummary;
  #end: number;
  #link: string;
  #size: number;
  /** Up to here there may be remains of a write that failed. */
  #soiledUntil: number;
  #reserved = 0;

  private constructor(descriptor: number, size: number, read: ReadLedger) {
    this.#descriptor = descriptor;
    this.#summary = emptySummary();
    this.#end = read.end;
    this.#link = read.link;
    this.#size = size;
    this.#soiledUntil = read.state.kind === 'torn' ? read.state.until : read.end;
    for (const record of read.records) {
      this.#reserved = this.#reservedAfter(record);
      include(this.#summary, record);
    }
  }

  /** Makes a ledger of these records. Throws `MandosError` when it cannot be written. */
  static create(path: string, records: readonly LedgerRecord[]): void {
    createPrivateFile(path, new Uint8Array(STEP));
    using ledger = new LedgerFile(openSync(path, constants.O_RDWR), STEP, {
      records: [],
      end: 0,
      link: FIRST_LINK,
      state: { kind: 'whole' },
    });
    for (const record of records) ledger.append(record);
  }

  /**
   * What the ledger at `path` says, and the ledger itself unless it is damaged.
   * Throws `MandosError` when it cannot be read for another reason than damage.
   */
  static open(path: string): { readonly read: ReadLedger; readonly ledger: LedgerFile | null } {
    const bytes = readWholeFile(path) ?? Buffer.alloc(0);
    const read = readLedger(bytes);
    if (read.state.kind === 'damaged') return { read, ledger: null };
    const ledger = new LedgerFile(openSync(path, constants.O_RDWR), bytes.length, read);
    return { read, ledger };
  }

  get summary(): LedgerSummary {
    return this.#summary;
  }

  /** The bytes of all records. */
  get length(): number {
    return this.#end;
  }

  /**
   * Writes the record and returns when it is on the disk. A lock-out always finds its space,
   * which was set aside when the client came to life; everything else leaves that space
   * untouched. Throws the system's error when there is no space or the disk fails; then the
   * record may be given again, or another one.
   */
  append(record: LedgerRecord): void {
    const { line, link } = encodeRecord(this.#link, record, this.#end);
    this.makeRoomFor(line.length, record);
    const until = Math.max(this.#end + line.length, this.#soiledUntil);
    // What an earlier failure left there goes with the same write.
    const block = Buffer.alloc(until - this.#end);
    line.copy(block);
    this.#soiledUntil = until;
    this.#write(block, this.#end);
    fdatasyncSync(this.#descriptor);
    this.#end += line.length;
    this.#link = link;
    this.#soiledUntil = this.#end;
    this.#reserved = this.#reservedAfter(record);
    include(this.#summary, record);
  }

  /** Makes sure that there is space for the record and for the lock-outs after it. */
  makeRoomFor(length: number, record: LedgerRecord | null): void {
    const reserved = record === null ? this.#reserved : this.#reservedAfter(record);
    const until = Math.max(this.#end + length, this.#soiledUntil);
    this.#growTo(until + reserved + ZEROS_AFTER);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  /** Zeros are written, not a hole made: only what was written has its place on the disk. */
  #growTo(size: number): void {
    if (size <= this.#size) return;
    const wanted = Math.ceil(size / STEP) * STEP;
    const zeros = Buffer.alloc(STEP);
    for (let offset = this.#size; offset < wanted; offset += STEP) {
      this.#write(zeros.subarray(0, Math.min(STEP, wanted - offset)), offset);
    }
    fsyncSync(this.#descriptor);
    this.#size = wanted;
  }

  #write(bytes: Buffer, offset: number): void {
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    }
  }

  /** The space for a lock-out of everybody who is alive after the record. */
  #reservedAfter(record: LedgerRecord): number {
    let reserved = this.#reserved;
    for (const [name, after] of standingsIn(record)) {
      const before = this.#summary.names.get(name)?.standing;
      if (before === 'alive') reserved -= lockOutSize(name);
      if (after === 'alive') reserved += lockOutSize(name);
    }
    return reserved;
  }
}

function standingsIn(record: LedgerRecord): ReadonlyMap<string, Standing> {
  switch (record.kind) {
    case 'changes':
      return new Map(record.entries.map(({ name, change }) => [name, standing(change)]));
    case 'summary':
      return new Map(record.states.map((state) => [state.name, state.standing]));
    case 'begun':
    case 'complete':
    case 'original':
      return new Map();
  }
}

function lockOutSize(name: string): number {
  return Buffer.byteLength(JSON.stringify(name)) + LOCK_OUT_FRAME;
}
