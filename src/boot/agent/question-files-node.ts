/** The agent directory as it is now. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { LARGEST_QUESTION } from './question.ts';
import { isQuestionName, type QuestionFile } from './standing.ts';

/**
 * All files named `ask.*`.
 * @throws MandosError `file-missing` when there is no such directory, `file-unreadable`
 */
export function questionFiles(directory: string): readonly QuestionFile[] {
  return namesIn(directory).flatMap((name) => read(directory, name) ?? []);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter(isQuestionName);
  } catch (cause) {
    const code = codeOf(cause);
    throw new MandosError(
      code === 'ENOENT' ? 'file-missing' : 'file-unreadable',
      `cannot read the agent directory ${directory} (${code})`,
      { exitCode: ExitStatus.osFile, cause },
    );
  }
}

/** Null when it has just gone. Never waits for a pipe or device of that name. */
function read(directory: string, name: string): QuestionFile | null {
  const unreadable = (why: string): QuestionFile => ({ kind: 'unreadable', name, why });
  let descriptor: number;
  try {
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
    descriptor = openSync(join(directory, name), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? null : unreadable(`it cannot be read (${code})`);
  }
  try {
    if (!fstatSync(descriptor).isFile()) return unreadable('it is not a file');
    const buffer = new Uint8Array(LARGEST_QUESTION + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += count;
      if (length > LARGEST_QUESTION) return unreadable('it is too large');
      if (count === 0) return { kind: 'read', name, content: buffer.slice(0, length) };
    }
  } catch (error) {
    return unreadable(`it cannot be read (${codeOf(error)})`);
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
