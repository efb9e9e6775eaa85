import type { Name } from './name.ts';
import type { ResourceRecord } from './record.ts';

/**
 * Multicast DNS messages (RFC 6762, section 18). The codec is the project's own: npm's
 * dns-packet needs `Buffer` and throws on bad packets, while this one runs on any
 * ECMAScript engine, is total, and is bounded in time and memory (N3).
 */

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly questionClass: number;
  /** The QU bit: the asker would like a unicast answer. */
  readonly unicast: boolean;
}

export interface Message {
  /** 0 but for legacy queries (section 6.7). */
  readonly id: number;
  readonly response: boolean;
  /** More known answers follow in other packets (section 7.2). */
  readonly truncated: boolean;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** The largest message that section 17 allows. */
export const LARGEST_MESSAGE = 9000;

/** What is sent fits into the smallest IPv6 packet, so that it is never fragmented. */
export const LARGEST_SENT = 1232;

const NOTHING: Message = {
  id: 0,
  response: false,
  truncated: false,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

export function query(parts: Partial<Message>): Message {
  return { ...NOTHING, ...parts };
}

export function response(parts: Partial<Message>): Message {
  return { ...NOTHING, ...parts, response: true };
}
