/**
 * Going into the background: the program starts itself again, detached, and the first one
 * waits until the second serves, so that whoever started it learns whether it works.
 */
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ExitStatus } from '../core/error.ts';
import { sameCommand } from './own-program.ts';

/** Set for the second process, to one of the two values. */
const MARK = 'MANDOS_IN_BACKGROUND';

const ALONE = 'alone';
const WITH_SOCKET = 'with-socket';

/** The second process tells the first on this descriptor. */
const NEWS_DESCRIPTOR = 3;

/** Where the second process finds a socket that was handed to the first. */
const SOCKET_DESCRIPTOR = 4;

export type News =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly lines: readonly string[] };

/** Whether this is the second process. */
export function inBackground(): boolean {
  return process.env[MARK] !== undefined;
}

/** What this process was given besides the standard descriptors and the socket. */
export function backgroundDescriptors(): readonly number[] {
  return inBackground() ? [NEWS_DESCRIPTOR] : [];
}

/** In the second process: the socket that was handed to the first, or null. */
export function inheritedSocket(): number | null {
  return process.env[MARK] === WITH_SOCKET ? SOCKET_DESCRIPTOR : null;
}

/** The second process's word to the first, once. */
export function tellParent(news: News): void {
  const text = news.kind === 'ready' ? 'ready\n' : news.lines.map((line) => `${line}\n`).join('');
  try {
    writeSync(NEWS_DESCRIPTOR, text);
    closeSync(NEWS_DESCRIPTOR);
  } catch {
    // The first process is gone; there is nobody to tell.
  }
}

/**
 * The first process: starts the second and returns its exit status, 0 once it is ready.
 * @param socket passed on to the second (`inheritedSocket`)
 */
export async function backgroundParent(
  say: (line: string) => void,
  socket: number | null,
): Promise<number> {
  const { path, args, argv0 = path } = sameCommand();
  const child = spawn(path, args, {
    argv0,
    detached: true,
    env: { ...process.env, [MARK]: socket === null ? ALONE : WITH_SOCKET },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', ...(socket === null ? [] : [socket])],
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      say(`cannot start the server in the background (${error.message})`);
      resolve(ExitStatus.osError);
    });
    child.once('close', (code) => resolve(code ?? ExitStatus.failure));
  });
  const news = child.stdio[NEWS_DESCRIPTOR] as Readable;
  let text = '';
  for await (const chunk of news.setEncoding('utf8')) text += String(chunk);
  if (text === 'ready\n') {
    child.unref();
    return ExitStatus.ok;
  }
  for (const line of text.split('\n')) if (line !== '') say(line);
  const status = await ended;
  return status === ExitStatus.ok ? ExitStatus.failure : status;
}
