/**
 * A password question as the systemd Password Agents specification
 * (https://systemd.io/PASSWORD_AGENTS/) has it: a small file of `Key=value` lines below
 * `[Ask]`. Its message is for people; it is not read, and so never logged.
 */
import { latin1Text } from '../../core/bytes.ts';
import { utf8Decode } from '../../zeroconf/utf8.ts';

/** Larger files are no questions. */
export const LARGEST_QUESTION = 65_536;

export interface Question {
  /** The path of the datagram socket that takes the answer. */
  readonly socket: string;
  /** The process that asks; 0 when it cannot be told. */
  readonly pid: number;
  /** In microseconds of CLOCK_MONOTONIC; 0 when the question does not expire. */
  readonly notAfter: number;
  /** What it is about, such as `cryptsetup:/dev/sda5`; empty when it does not say. */
  readonly id: string;
}

export type ParsedQuestion =
  | { readonly kind: 'question'; readonly question: Question }
  | { readonly kind: 'malformed'; readonly why: string };

/** Parses a question file. Unknown keys and lines are ignored, as the specification wants. */
export function parseQuestion(content: Uint8Array): ParsedQuestion {
  const text = utf8Decode(latin1Text(content));
  if (text === null) return malformed('it is not UTF-8');
  const keys = keysOf(text);
  if (keys === null) return malformed('it has no section [Ask]');
  const socket = keys.get('Socket') ?? '';
  if (!/^\/[^\0]*$/.test(socket)) return malformed('it has no absolute path as its Socket');
  const pid = wholeNumber(keys.get('PID') ?? '');
  if (pid === null) return malformed('it has no number as its PID');
  const notAfter = wholeNumber(keys.get('NotAfter') ?? '0');
  if (notAfter === null) return malformed('its NotAfter is no number');
  return { kind: 'question', question: { socket, pid, notAfter, id: keys.get('Id') ?? '' } };
}

/** The keys of `[Ask]`, the last of a name counting; null when there is no such section. */
function keysOf(text: string): ReadonlyMap<string, string> | null {
  const keys = new Map<string, string>();
  let inAsk = false;
  let found = false;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[')) {
      inAsk = line === '[Ask]';
      found ||= inAsk;
      continue;
    }
    const equals = line.indexOf('=');
    if (inAsk && equals > 0) keys.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return found ? keys : null;
}

/** Up to 20 digits, as 64 bits hold; the largest ones lose precision, which does no harm. */
function wholeNumber(text: string): number | null {
  return /^[0-9]{1,20}$/.test(text) ? Number(text) : null;
}

function malformed(why: string): ParsedQuestion {
  return { kind: 'malformed', why };
}
