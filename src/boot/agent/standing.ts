/** Whether a question is one to answer, and if not, why it is left to others. */
import { latin1Text } from '../../core/bytes.ts';
import { parseQuestion, type Question } from './question.ts';

/** A file of the agent directory named `ask.*`. */
export type QuestionFile =
  | { readonly kind: 'read'; readonly name: string; readonly content: Uint8Array }
  | { readonly kind: 'unreadable'; readonly name: string; readonly why: string };

/** A question to be answered. */
export interface OpenQuestion extends Question {
  /** The file's name in the agent directory. */
  readonly name: string;
}

export type Standing =
  | { readonly kind: 'open'; readonly question: OpenQuestion }
  | {
      readonly kind: 'left';
      readonly name: string;
      readonly why: string;
      /** Something is not as it should be, or a person is needed. */
      readonly warn: boolean;
    };

/** What a question is judged by, besides itself. */
export interface Surroundings {
  /** Now on CLOCK_MONOTONIC, in microseconds. */
  readonly monotonic: number;
  isAlive(pid: number): boolean;
  /** Whether this very asker had an answer from us before. */
  wasAnswered(asker: Asker): boolean;
}

/** Who asks: a process that asks again about the same thing did not like the answer. */
export type Asker = Pick<Question, 'pid' | 'id'>;

/**
 * Only questions of systemd-cryptsetup are answered. The disk's password is no business of
 * anybody else, and sent as the PIN of a security chip it would lock that chip.
 */
const ANSWERED_IDS = 'cryptsetup:';

export function judge(file: QuestionFile, surroundings: Surroundings): Standing {
  const { name } = file;
  const left = (why: string, warn = false): Standing => ({ kind: 'left', name, why, warn });
  if (file.kind === 'unreadable') return left(file.why, true);
  const parsed = parseQuestion(file.content);
  if (parsed.kind === 'malformed') return left(parsed.why, true);
  const { question } = parsed;
  if (!question.id.startsWith(ANSWERED_IDS)) {
    return left(`its id is ${JSON.stringify(question.id)}, not ${ANSWERED_IDS}…`);
  }
  if (isExpired(question, surroundings.monotonic)) return left('its time is over');
  if (question.pid > 0 && !surroundings.isAlive(question.pid)) {
    return left(`PID ${question.pid}, which asked, is gone`);
  }
  // Every wrong answer costs one of the few attempts: the others are the person's (C2, F5).
  if (surroundings.wasAnswered(question)) {
    return left('it had the password from the Mandos server before; please type it', true);
  }
  return { kind: 'open', question: { ...question, name } };
}

function isExpired(question: Question, monotonic: number): boolean {
  return question.notAfter !== 0 && question.notAfter <= monotonic;
}

/** Names of question files; all else in the directory is other agents' and sockets. */
export function isQuestionName(name: string): boolean {
  return name.startsWith('ask.');
}

/** One line that stands for the asker in a record; the id may be any text. */
export function askerLine({ pid, id }: Asker): string {
  return `${pid} ${encodeURIComponent(id.toWellFormed())}`;
}

/** The lines of a record of `askerLine`s. */
export function askerLines(record: Uint8Array): readonly string[] {
  return latin1Text(record)
    .split('\n')
    .filter((line) => line !== '');
}
