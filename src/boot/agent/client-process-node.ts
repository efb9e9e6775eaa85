/** The client program as a process, and the password it writes. */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { MandosError } from '../../core/error.ts';
import type { Password } from '../../core/secret.ts';
import { closeDescriptor, SystemCallError } from '../../native/libc.ts';
import { type RealIds, withRealIds } from '../../native/libc-identity.ts';
import { pipe } from '../../native/libc-processes.ts';
import { errnoName } from '../../system/errno.ts';
import { type Command, ownCommand } from '../../system/own-program.ts';
import { ownPrograms } from '../own-programs-node.ts';
import { readSecretPipe, type SecretPipe } from '../secret-pipe-node.ts';
import type { ClientEnd, ClientRun } from './agent-machine.ts';

export interface ClientCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Its real IDs; it keeps the effective ones of this process (mandos-client(8mandos)). */
  readonly realIds: RealIds;
  readonly helperDirectory: string;
}

/**
 * Once the client has ended, how long something it started may keep its standard output
 * open before that is no longer waited for.
 */
const LEFT_OPEN_MILLISECONDS = 1000;

/** @throws MandosError `privileges` */
export function startClientProcess(command: ClientCommand): ClientRun {
  const { readEnd, writeEnd } = pipe();
  const output = readSecretPipe(readEnd);
  try {
    const child = asRealUser(command.realIds, () => spawnClient(command, writeEnd));
    const exited = new Promise<Exit>((resolve) => {
      child.once('error', (error) => resolve({ kind: 'unstartable', why: codeOf(error) }));
      child.once('exit', (code, signal) => resolve({ kind: 'exited', code, signal }));
    });
    return {
      ended: endOf(command.program, exited, output),
      signal: (signal) => {
        child.kill(signal);
      },
    };
  } catch (error) {
    output.abandon();
    throw error;
  } finally {
    closeDescriptor(writeEnd);
  }
}

function spawnClient({ program, args, helperDirectory }: ClientCommand, output: number) {
  const { path, args: first, argv0 = path } = commandFor(program);
  return spawn(path, [...first, ...args], {
    argv0,
    env: { ...process.env, MANDOSPLUGINHELPERDIR: helperDirectory },
    stdio: ['ignore', output, 'inherit'],
  });
}

/** execv(3) looks in no PATH, and neither does this. */
function commandFor(program: string): Command {
  const path = program.includes('/') ? program : `./${program}`;
  try {
    const real = realpathSync(path);
    const ours = ownPrograms(['mandos-client']).programAt(real, basename(path));
    if (ours !== null) return ownCommand(ours, real, program);
  } catch {
    // To start it says what is wrong.
  }
  return { path, args: [], argv0: program };
}

function asRealUser<T>(wanted: RealIds, act: () => T): T {
  const now = { user: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 };
  if (now.user === wanted.user && now.group === wanted.group) return act();
  try {
    return withRealIds(wanted, now, act);
  } catch (cause) {
    if (!(cause instanceof SystemCallError)) throw cause;
    throw new MandosError(
      'privileges',
      `cannot start the client as user ${wanted.user}, group ${wanted.group}: ${cause.call}: ${errnoName(cause.errno)}`,
      { hint: 'run it as root', cause },
    );
  }
}

type Exit =
  | { readonly kind: 'unstartable'; readonly why: string }
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null };

async function endOf(
  program: string,
  exited: Promise<Exit>,
  output: SecretPipe,
): Promise<ClientEnd> {
  const exit = await exited;
  if (exit.kind === 'unstartable') {
    output.abandon();
    return { kind: 'unstartable', why: `${program}: ${exit.why}` };
  }
  const secret = await output.end(LEFT_OPEN_MILLISECONDS);
  const failure = failureOf(exit.code, exit.signal, secret);
  if (failure === null && secret !== null) return { kind: 'password', password: secret };
  secret?.[Symbol.dispose]();
  return { kind: 'failed', why: failure ?? '' };
}

function failureOf(
  code: number | null,
  signal: string | null,
  secret: Password | null,
): string | null {
  if (signal !== null) return `it was ended by ${signal}`;
  if (code !== 0) return `its exit status was ${code}`;
  if (secret === null) return 'it wrote more than a password';
  return secret.bytes.length === 0 ? 'it wrote no password' : null;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
