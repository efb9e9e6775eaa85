/**
 * The ledger as bytes (F1): lines of text, each chained to the one before by its hash, and
 * after the last one nothing but zeros.
 *
 *     SHA-256 in hex of (hash before, space, JSON) | space | JSON | line feed
 *
 * The zeros are space set aside, so that a lock-out can be written when the disk is full (F2).
 * They also show where the ledger ends: one that was cut off has too few of them, and a line
 * that was being written when the power failed still has zeros in the place of whole sectors.
 * A line that is wrong in any other way was damaged later, and might have been a lock-out.
 */
import { hash } from 'node:crypto';
import { parseJson } from './json-shape.ts';
import { isRecord, type LedgerRecord } from './ledger-record.ts';

/** There are always at least this many zeros after the last line. */
export const ZEROS_AFTER = 4096;

/** A disk writes whole sectors; no write of less is ever torn. */
const SECTOR = 512;
const LINE_FEED = 10;
const HASH_LENGTH = 64;

/** The hash before that of the first line. */
export const FIRST_LINK = '0'.repeat(HASH_LENGTH);

export interface EncodedRecord {
  readonly line: Buffer<ArrayBuffer>;
  /** The hash that the next line is chained to. */
  readonly link: string;
}

/** The line for a record, to be written at `offset` of the file. */
export function encodeRecord(link: string, record: LedgerRecord, offset: number): EncodedRecord {
  const json = Buffer.from(JSON.stringify(record));
  // The line feed never begins a sector: a line without one is then never a torn one.
  const padding = (offset + HASH_LENGTH + 1 + json.length) % SECTOR === 0 ? ' ' : '';
  const padded = Buffer.concat([json, Buffer.from(padding)]);
  const next = hashOf(link, padded);
  const line = Buffer.concat([Buffer.from(`${next} `), padded, Buffer.of(LINE_FEED)]);
  return { line, link: next };
}

function hashOf(link: string, json: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${link} `), json]), 'hex');
}

export interface ReadLedger {
  /** Those that can be trusted: every one before the first that cannot. */
  readonly records: readonly LedgerRecord[];
  /** Where the next line begins, and the hash it is chained to. */
  readonly end: number;
  readonly link: string;
  readonly state:
    | { readonly kind: 'whole' }
    /** A crash interrupted the writing of a line; it was never reported done. */
    | { readonly kind: 'torn'; readonly until: number }
    | { readonly kind: 'damaged'; readonly what: string };
}

/** Reads a whole ledger. Never throws. */
export function readLedger(bytes: Buffer): ReadLedger {
  const records: LedgerRecord[] = [];
  let link = FIRST_LINK;
  let end = 0;
  const until = endOfContent(bytes);
  const result = (state: ReadLedger['state']): ReadLedger => ({ records, end, link, state });
  const damaged = (what: string) => result({ kind: 'damaged', what });
  while (end < until) {
    const lineFeed = bytes.indexOf(LINE_FEED, end);
    const lineEnd = lineFeed === -1 ? until : lineFeed;
    const line = decodeLine(link, bytes.subarray(end, lineEnd));
    if (line === null) {
      return isTorn(bytes, end, until)
        ? result({ kind: 'torn', until })
        : damaged(`line ${records.length + 1} is not what was written`);
    }
    if (lineFeed === -1) return damaged(`line ${records.length + 1} has no end`);
    const [record] = records;
    if ((record === undefined) !== (line.record.kind === 'begun')) {
      return damaged('it does not begin with its first line');
    }
    records.push(line.record);
    link = line.link;
    end = lineEnd + 1;
  }
  if (records.length === 0) return damaged('it is empty');
  if (bytes.length - end < ZEROS_AFTER) return damaged('it was cut off');
  return result({ kind: 'whole' });
}

interface DecodedLine {
  readonly record: LedgerRecord;
  readonly link: string;
}

function decodeLine(link: string, line: Buffer): DecodedLine | null {
  const json = line.subarray(HASH_LENGTH + 1);
  const next = hashOf(link, json);
  if (line.toString('latin1', 0, HASH_LENGTH + 1) !== `${next} `) return null;
  const record = parseJson(json.toString('utf8'));
  return isRecord(record) ? { record, link: next } : null;
}

/** Where the zeros at the end of the file begin. */
function endOfContent(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/** Whether what is in [start, end) can be what a crash leaves of one line. */
function isTorn(bytes: Buffer, start: number, end: number): boolean {
  if (bytes.length - end < ZEROS_AFTER) return false;
  const lineFeed = bytes.indexOf(LINE_FEED, start);
  if (lineFeed !== -1 && lineFeed < end - 1) return false;
  // Only its first sectors were written.
  if (end % SECTOR === 0 && lineFeed === -1) return true;
  for (let from = start; from < end; ) {
    const to = Math.min(from - (from % SECTOR) + SECTOR, bytes.length);
    if (bytes.subarray(from, to).every((byte) => byte === 0)) return true;
    from = to;
  }
  return false;
}
