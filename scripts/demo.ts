/**
 * `npm run demo`: two machines with encrypted disks and one Mandos server, on loopback.
 * Everything shown is the output of the real programs; nothing outside a temporary folder
 * is touched, and everything started is stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { styleText } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'mandos-demo-'));
// As root the server becomes another user, who must reach its state in there.
chmodSync(folder, 0o711);
const running = new Set<ChildProcess>();
let step = 0;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function title(text: string): void {
  step++;
  process.stdout.write(`\n${styleText('bold', `${step}. ${text}`)}\n`);
}

function tell(text: string): void {
  process.stdout.write(`   ${text.replaceAll('\n', '\n   ')}\n`);
}

function show(program: string, args: readonly string[]): void {
  const line = [program, ...args].join(' ').replaceAll(folder, '.');
  process.stdout.write(`   ${styleText('cyan', `$ ${line}`)}\n`);
}

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(join(ROOT, 'bin', program), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Runs to its end, or until `milliseconds` have passed. */
async function run(
  program: string,
  args: readonly string[],
  milliseconds = 60_000,
): Promise<Outcome> {
  show(program, args);
  const child = start(program, args);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => err.push(bytes));
  const timer = setTimeout(() => child.kill('SIGTERM'), milliseconds);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return {
    code: typeof code === 'number' ? code : null,
    stdout: Buffer.concat(out).toString(),
    stderr: Buffer.concat(err).toString(),
  };
}

async function must(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} failed:\n${stderr}`);
  return stdout;
}

/** What mandos-keygen does on a new machine: four key files. */
async function makeKeys(name: string): Promise<void> {
  const args = ['--dir', join(folder, name), '--name', name, '--type', 'ed25519'];
  await must('mandos-keygen', args);
}

/** A section for clients.conf with the machine's password, sealed. */
async function seal(name: string, password: string): Promise<string> {
  const file = join(folder, `${name}.password`);
  writeFileSync(file, password, { mode: 0o600 });
  const dir = join(folder, name);
  const args = ['--passfile', file, '--dir', dir, '--name', name, '--no-ssh'];
  return await must('mandos-keygen', args);
}

/** Starts the server; its port, and what it logs from then on. */
async function serve(): Promise<{ readonly port: number; readonly log: Log }> {
  const args = ['--debug', '--no-dbus', '--no-zeroconf', '--configdir', folder];
  const port = 20_000 + (process.pid % 20_000);
  args.push('--port', String(port), '--statedir', join(folder, 'state'));
  show('mandos', args);
  const log = new Log(start('mandos', args));
  await log.until(/now listening/);
  return { port, log };
}

/** The lines of a server's log, as they come. */
class Log {
  #text = '';
  #ended = false;
  #look: () => void = () => undefined;

  constructor(child: ChildProcess) {
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString();
      this.#look();
    });
    child.once('close', () => {
      this.#ended = true;
      this.#look();
    });
  }

  /** Waits for a line; without its time and process number. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.#text.split('\n').find((one) => pattern.test(one));
      if (line !== undefined) return line.replace(/^.*?\]: /, '');
      if (this.#ended) throw new Error(`the server ended:\n${this.#text}`);
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }
}

/** What the client in the initial RAM disk of the machine gets. */
async function boot(name: string, port: number, milliseconds?: number): Promise<Outcome> {
  const file = (key: string): string => join(folder, name, key);
  const args = [
    ...['--connect', `127.0.0.1:${port}`, '--retry', '1', '--interface', 'none'],
    ...['--pubkey', file('pubkey.txt'), '--seckey', file('seckey.txt')],
    ...['--tls-privkey', file('tls-privkey.pem'), '--tls-pubkey', file('tls-pubkey.pem')],
  ];
  return await run('mandos-client', args, milliseconds);
}

async function demo(): Promise<void> {
  tell('A server with an encrypted disk asks for its password whenever it boots, and');
  tell('somebody has to come and type it. Mandos answers in your place, as long as the');
  tell('machine is where it should be. This is a rehearsal with two machines, web and db.');

  title('Each machine makes its own keys');
  await makeKeys('web');
  await makeKeys('db');
  tell('One key proves who the machine is, the other opens its password. On a real machine');
  tell('both lie in the initial RAM disk; here in two folders.');

  title("Each machine seals its disk's password for itself");
  const web = await seal('web', 'opens the disk of web');
  const db = await seal('db', 'opens the disk of db');
  const [, shown = ''] = /((?:.*\n){8})/.exec(web) ?? [];
  tell(`${shown}…`);
  tell('This section goes to the Mandos server. The server cannot read what it keeps: only');
  tell('the machine that sealed the password can open it.');

  title('The Mandos server knows both, and checks all the time whether they are there');
  const checks = 'interval = PT1S\ntimeout = PT3S\n';
  const sections = [`${web}checker = true\n${checks}`, `${db}checker = false\n${checks}`];
  writeFileSync(join(folder, 'clients.conf'), sections.join('\n'), { mode: 0o600 });
  const { port, log } = await serve();
  tell('In this rehearsal the checker of web always succeeds and that of db always fails: db was');
  tell('stolen. The usual checker is a ping, or a look at the SSH host key. The server says:');
  tell(await log.until(/checker for web succeeded/));
  tell(await log.until(/checker for db failed/));
  tell(await log.until(/client db is disabled/));

  title('web reboots');
  const good = await boot('web', port);
  tell(`The password that unlocks its disk: ${styleText('green', good.stdout)}`);
  tell('It went over the network only inside TLS 1.3, and inside that still sealed.');
  if (good.stdout !== 'opens the disk of web') throw new Error('web did not get its password');

  title('The thief boots db within reach of the server');
  const bad = await boot('db', port, 2500);
  if (bad.stdout !== '') throw new Error('db got a password');
  tell(
    `Its password: ${styleText('red', 'none')}. It asked again and again, until it was stopped:`,
  );
  tell(bad.stderr.trim().split('\n').slice(0, 2).join('\n'));

  title('What a stranger gets');
  await makeKeys('stranger');
  const stranger = await boot('stranger', port, 1500);
  if (stranger.stdout !== '') throw new Error('a stranger got a password');
  tell('The same nothing: from outside, a locked-out machine and an unknown one look alike.');

  process.stdout.write('\nThat is Mandos. README.md says how to set it up.\n');
}

let status = 0;
try {
  await demo();
} catch (error) {
  process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
  status = 1;
} finally {
  const ended = [...running].map((child) => once(child, 'close'));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ended);
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status;
