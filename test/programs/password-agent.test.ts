/** The real program, with questions as systemd asks them and clients of our own. */
import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import test from 'node:test';
import { PasswordAsker } from '../support/password-asker.ts';
import { RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const PROGRAM = inRepository('bin/password-agent');
const needs = requires('root', 'python');

/** A client that finds no server. */
const WAITING = "trap 'echo ended >&2; exit 1' TERM; echo ready >&2; while :; do sleep 0.05; done";

/** An agent directory and a client, which is a shell script. */
class Desk implements AsyncDisposable {
  readonly #dir: TempDir;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  static async create(): Promise<Desk> {
    const dir = await TempDir.create(0o711);
    await mkdir(dir.join('ask'));
    return new Desk(dir);
  }

  get questions(): string {
    return this.#dir.join('ask');
  }

  async ask(name: string, lines: Parameters<typeof PasswordAsker.ask>[2] = {}) {
    return await PasswordAsker.ask(this.questions, name, lines);
  }

  async client(script: string): Promise<string> {
    return await this.#dir.write('client', `#!/bin/sh\n${script}\n`, 0o755);
  }

  /** @param command the client, and before it `--` with options of the agent */
  agent(...command: readonly string[]): RunningProgram {
    return RunningProgram.start(PROGRAM, [`--agent-directory=${this.questions}`, ...command]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

test('the client’s output, whatever bytes, is the answer; then all ends well', needs, async () => {
  await using desk = await Desk.create();
  await using asker = await desk.ask('a');
  await using agent = desk.agent(await desk.client(String.raw`printf 'p\0w\377\n'`));
  assert.equal(await asker.answer(), '+p\0w\xff\n\0');
  await asker.takeAway();
  assert.deepEqual(await agent.exit, { code: 0, signal: null });
  assert.deepEqual([agent.stdout.length, agent.stderr], [0, '']);
});

test('a password of 100 kB arrives whole', needs, async () => {
  await using desk = await Desk.create();
  await using asker = await desk.ask('a');
  await using _agent = desk.agent(await desk.client("head -c 100000 /dev/zero | tr '\\0' x"));
  assert.equal(await asker.answer(), `+${'x'.repeat(100_000)}\0`);
});

test('two questions, and one that comes later, are all answered', needs, async () => {
  await using desk = await Desk.create();
  await using first = await desk.ask('a');
  await using second = await desk.ask('b');
  const client = await desk.client(
    'echo ready >&2; until [ -e "$0.go" ]; do sleep 0.05; done; echo pw',
  );
  await using agent = desk.agent(client);
  await agent.waitForLine(/^ready$/);
  await using third = await desk.ask('c');
  await writeFile(`${client}.go`, '');
  for (const asker of [first, second, third]) assert.equal(await asker.answer(), '+pw\n\0');
});

/** What a process has open besides its standard streams. */
const OPEN_FILES = `
import os
def target(name):
    try:
        return os.readlink("/proc/self/fd/" + name)
    except OSError:
        return "gone"
print(os.getresuid(), os.getresgid(), os.environ["MANDOSPLUGINHELPERDIR"])
for name in os.listdir("/proc/self/fd"):
    if int(name) > 2: print(target(name))
`;

/** Descriptors that whoever runs the tests lets through to everybody. */
function everybodys(): ReadonlySet<string> {
  const paths = readdirSync('/proc/self/fd').map((name) => `/proc/self/fd/${name}`);
  const open = paths.filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  return new Set(open.map((path) => readlinkSync(path)));
}

test('the client has other real IDs and no descriptor of ours', needs, async () => {
  await using desk = await Desk.create();
  await using asker = await desk.ask('a');
  // No shell: it would give up the effective IDs.
  await using _agent = desk.agent(
    ...['-u', '1000', '-g1001', '--helper-directory=/some/where', '--'],
    ...['/usr/bin/python3', '-c', OPEN_FILES],
  );
  const [ids, ...open] = (await asker.answer()).split(/\n\0?/);
  assert.equal(ids, '+(1000, 0, 0) (1001, 0, 0) /some/where');
  const others = new Set([...everybodys(), '', 'gone']);
  assert.deepEqual(
    open.filter((target) => !others.has(target)),
    [],
  );
});

test('the client’s options follow --', needs, async () => {
  await using desk = await Desk.create();
  await using asker = await desk.ask('a');
  const client = await desk.client('printf %s "$*"');
  await using _agent = desk.agent('--', client, '--foo=1', '-u', '7', '--');
  assert.equal(await asker.answer(), '+--foo=1 -u 7 --\0');
});

test('a client that fails is started again', needs, async () => {
  await using desk = await Desk.create();
  await using asker = await desk.ask('a');
  const client = await desk.client('[ -e "$0.tried" ] || { : >"$0.tried"; exit 69; }; echo pw');
  await using agent = desk.agent(client);
  // The folder is root's; the shell has the rights of user 65534.
  await agent.waitForLine(/the client failed: its exit status was (69|2); again in 1 s/);
  await writeFile(`${client}.tried`, '');
  assert.equal(await asker.answer(), '+pw\n\0');
});

test('when the question goes, the client gets TERM and the agent ends', needs, async () => {
  await using desk = await Desk.create();
  await using asker = await desk.ask('a');
  await using agent = desk.agent(await desk.client(WAITING));
  await agent.waitForLine(/^ready$/);
  await asker.takeAway();
  await agent.waitForLine(/^ended$/);
  assert.deepEqual(await agent.exit, { code: 0, signal: null });
});

test(
  'when the asker dies and leaves its question, the search ends; the agent waits',
  needs,
  async () => {
    await using desk = await Desk.create();
    await using asker = await desk.ask('a');
    await using agent = desk.agent(await desk.client(WAITING));
    await agent.waitForLine(/^ready$/);
    await asker.die();
    await agent.waitForLine(/leaving ask\.a to others: PID \d+, which asked, is gone/);
    await agent.waitForLine(/^ended$/);
    await using next = await desk.ask('b');
    await agent.waitForLine(/^ready$/);
    assert.equal(next.answers, 0);
  },
);

test('questions of others, broken ones, pipes and links are left alone', needs, async () => {
  await using desk = await Desk.create();
  await using foreign = await desk.ask('a', { Id: 'tpm2-pin' });
  await using unnamed = await desk.ask('b', { Id: null });
  await using expired = await desk.ask('c', { NotAfter: 1 });
  await using fifo = RunningProgram.start('/usr/bin/mkfifo', [`${desk.questions}/ask.fifo`]);
  await fifo.exit;
  await writeFile(`${desk.questions}/ask.garbage`, Buffer.from([0xff, 0, 1]));
  await using agent = desk.agent(await desk.client('echo pw'));
  for (const name of ['a', 'b', 'c', 'fifo', 'garbage']) {
    await agent.waitForLine(new RegExp(`leaving ask\\.${name} to others: `));
  }
  await using ours = await desk.ask('d');
  assert.equal(await ours.answer(), '+pw\n\0');
  assert.deepEqual([foreign.answers, unnamed.answers, expired.answers], [0, 0, 0]);
  assert.doesNotMatch(agent.stderr, /A message for people/);
});

test(
  'an asker that asks again gets no second answer, from the next agent either',
  needs,
  async () => {
    await using desk = await Desk.create();
    const client = await desk.client('echo wrong');
    await using first = await desk.ask('a', { PID: process.pid, Id: 'cryptsetup:/dev/x' });
    await using agent = desk.agent(client);
    await first.answer();
    await first.takeAway();
    assert.equal((await agent.exit).code, 0);
    const record = await readFile(`${desk.questions}.mandos-answered`, 'latin1');
    assert.doesNotMatch(record, /wrong/);
    await using again = await desk.ask('b', { PID: process.pid, Id: 'cryptsetup:/dev/x' });
    await using next = desk.agent(client);
    await next.waitForLine(/leaving ask\.b to others: .*please type it/);
    assert.equal(again.answers, 0);
  },
);

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} ends the client, then the agent by that signal`, needs, async () => {
    await using desk = await Desk.create();
    await using asker = await desk.ask('a');
    await using agent = desk.agent(await desk.client(WAITING));
    await agent.waitForLine(/^ready$/);
    agent.kill('SIGUSR2');
    agent.kill(signal);
    assert.deepEqual(await agent.exit, { code: null, signal });
    assert.match(agent.stderr, /^ended$/m);
    assert.equal(asker.answers, 0);
  });
}

test(
  'something the client leaves behind with its output open delays the answer little',
  needs,
  async () => {
    await using desk = await Desk.create();
    await using asker = await desk.ask('a');
    await using _agent = desk.agent(await desk.client('sleep 30 & echo pw'));
    assert.equal(await asker.answer(), '+pw\n\0');
  },
);

for (const [why, args, code, message] of [
  ['an unknown option', ['--frobnicate'], 64, /unknown option/],
  ['a user by name', ['--user=nobody'], 64, /no ID of an ordinary user/],
  ['root as the user', ['--user=0'], 64, /no ID of an ordinary user/],
  ['an abbreviation that could be two', ['--gro=5'], 64, /--group, --groupid/],
  ['no agent directory', ['-d/nonexistent'], 72, /cannot read the agent directory/],
] as const) {
  test(`${why} ends it with ${code}`, async () => {
    const { code: status, stdout, stderr } = await run(PROGRAM, args);
    assert.deepEqual([status, stdout.length], [code, 0]);
    assert.match(stderr, message);
  });
}

test('nothing to answer, or a client that is not there, ends it with 1', needs, async () => {
  await using desk = await Desk.create();
  await using idle = desk.agent('/bin/true');
  assert.deepEqual(await idle.exit, { code: 1, signal: null });
  await using _asker = await desk.ask('a');
  await using lost = desk.agent('/nonexistent');
  assert.deepEqual(await lost.exit, { code: 1, signal: null });
  assert.match(lost.stderr, /cannot start the client: \/nonexistent: ENOENT/);
});

test('--test runs the self-tests, --version and --help print', async () => {
  const tests = await run(PROGRAM, ['--test']);
  assert.equal(tests.code, 0);
  assert.match(tests.stdout.toString(), /^1\.\.4\nok 1 /);
  const version = await run(PROGRAM, ['-V']);
  assert.match(version.stdout.toString(), /^password-agent \d/);
  const help = await run(PROGRAM, ['-?']);
  assert.match(help.stdout.toString(), /--agent-directory=DIRECTORY/);
});
