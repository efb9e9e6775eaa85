import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { succeed } from '../../support/process.ts';
import { TempDir } from '../../support/temp-dir.ts';

/** One system call of a program that changed something below its directory, or a line it told. */
export type Operation =
  | { readonly kind: 'tell'; readonly text: string }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'resize'; readonly path: string; readonly length: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'make directory'; readonly path: string };

const CALLS = [
  ...['openat', 'close', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate'],
  ...['rename', 'unlink', 'mkdir', 'rmdir'],
];

/**
 * Runs the module on a directory and returns everything it did to what is below that, in
 * order. Paths are relative to the directory.
 */
export async function traceWrites(module: string): Promise<readonly Operation[]> {
  await using dir = await TempDir.create();
  const directory = dir.join('state');
  const trace = dir.join('trace');
  await succeed('/usr/bin/strace', [
    ...['-f', '-qq', '-o', trace, '-s', '1000000', '-xx', '--seccomp-bpf'],
    ...['-e', `trace=${CALLS.join(',')}`, process.execPath, module, directory],
  ]);
  return readTrace(await readFile(trace, 'latin1'), directory);
}

function readTrace(text: string, directory: string): Operation[] {
  const operations: Operation[] = [];
  const open = new Map<number, string>();
  for (const { call, args, result } of callsIn(text)) {
    if (result < 0) continue;
    const path = (index: number): string | null => below(directory, textOf(args[index] ?? ''));
    const file = open.get(Number(args[0]));
    switch (call) {
      case 'openat': {
        const opened = path(1);
        if (opened === null) break;
        open.set(result, opened);
        if (args[2]?.includes('O_CREAT')) operations.push({ kind: 'create', path: opened });
        break;
      }
      case 'close':
        open.delete(Number(args[0]));
        break;
      case 'write':
        if (Number(args[0]) === 1) operations.push({ kind: 'tell', text: textOf(args[1] ?? '') });
        else if (file !== undefined) {
          // What is written to a new file at once; everything else has its place told.
          const bytes = bytesOf(args[1] ?? '').subarray(0, result);
          operations.push({ kind: 'write', path: file, at: 0, bytes });
        }
        break;
      case 'pwrite64': {
        if (file === undefined) break;
        const bytes = bytesOf(args[1] ?? '').subarray(0, result);
        operations.push({ kind: 'write', path: file, at: Number(args[3]), bytes });
        break;
      }
      case 'ftruncate':
        if (file === undefined) break;
        operations.push({ kind: 'resize', path: file, length: Number(args[1]) });
        break;
      case 'fsync':
      case 'fdatasync':
        if (file !== undefined) operations.push({ kind: 'sync', path: file });
        break;
      case 'rename': {
        const from = path(0);
        const to = path(1);
        if (from === null || to === null) break;
        operations.push({ kind: 'rename', from, to });
        for (const [descriptor, name] of open) {
          if (name.startsWith(`${from}/`)) open.set(descriptor, to + name.slice(from.length));
        }
        break;
      }
      case 'unlink':
      case 'rmdir': {
        const removed = path(0);
        if (removed !== null) operations.push({ kind: 'remove', path: removed });
        break;
      }
      case 'mkdir': {
        const made = path(0);
        if (made !== null) operations.push({ kind: 'make directory', path: made });
        break;
      }
      default:
        throw new Error(`an unexpected call: ${call}`);
    }
  }
  return operations;
}

interface Call {
  readonly call: string;
  readonly args: readonly string[];
  readonly result: number;
}

function* callsIn(text: string): Generator<Call> {
  const unfinished = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, started] = /^(.*) <unfinished \.\.\.>$/.exec(rest) ?? [];
    if (started !== undefined) {
      unfinished.set(thread, started);
      continue;
    }
    const [, ended] = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest) ?? [];
    const whole = ended === undefined ? rest : `${unfinished.get(thread) ?? ''}${ended}`;
    const [, call, list, result] = /^(\w+)\((.*)\) += (-?\d+)/.exec(whole) ?? [];
    if (call === undefined || list === undefined) continue;
    // All texts are in hexadecimal: a comma only ever separates.
    yield { call, args: list.split(', '), result: Number(result) };
  }
}

function bytesOf(quoted: string): Buffer {
  return Buffer.from(quoted.replaceAll(/"|\\x/g, ''), 'hex');
}

function textOf(quoted: string): string {
  return bytesOf(quoted).toString('utf8');
}

function below(directory: string, path: string): string | null {
  if (path === directory) return '.';
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : null;
}
