/** password-agent and the real systemd-ask-password, in a /run of their own. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { RunningProgram, run, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const AGENT = inRepository('bin/password-agent');
const ORIGINAL = inRepository(
  '.cache/originals/mandos-client/usr/lib/dracut/modules.d/90mandos/password-agent',
);
const needs = requires('root', 'namespaces', 'systemd-ask-password');
const ask = (id: string, ...more: string[]) => [
  'systemd-ask-password',
  ...['--no-tty', '--timeout=20', `--id=${id}`, ...more, 'Which password?'],
];

/** A mount namespace whose /run is empty but for the agent directory. */
class PrivateRun implements AsyncDisposable {
  readonly #holder: RunningProgram;
  readonly #dir: TempDir;

  private constructor(holder: RunningProgram, dir: TempDir) {
    this.#holder = holder;
    this.#dir = dir;
  }

  static async make(): Promise<PrivateRun> {
    const script =
      'mount -t tmpfs -o mode=755 none /run && mkdir -p /run/systemd/ask-password && echo ready && exec sleep infinity';
    const holder = RunningProgram.start('/usr/bin/unshare', [
      ...['--mount', '--propagation', 'private', '/bin/sh', '-c', script],
    ]);
    await holder.waitForLine(/^ready$/);
    return new PrivateRun(holder, await TempDir.create(0o711));
  }

  start(...command: readonly string[]): RunningProgram {
    const { pid } = this.#holder;
    return RunningProgram.start('/usr/bin/nsenter', [`--mount=/proc/${pid}/ns/mnt`, ...command]);
  }

  async client(script: string): Promise<string> {
    return await this.#dir.write('client', `#!/bin/sh\n${script}\n`, 0o755);
  }

  /** Waits until as many questions are asked. */
  async questions(count: number): Promise<void> {
    const script = `until [ "$(ls /run/systemd/ask-password | grep -c '^ask\\.')" = ${count} ]; do sleep 0.02; done; echo there`;
    await using look = this.start('/bin/sh', '-c', script);
    await look.waitForLine(/^there$/);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

test('the password comes out of systemd-ask-password as it went in', needs, async () => {
  await using place = await PrivateRun.make();
  await using asker = place.start(...ask('cryptsetup:/dev/vda5', '-n'));
  await place.questions(1);
  await using agent = place.start(AGENT, await place.client(String.raw`printf 'p \303\244\t"ss'`));
  assert.deepEqual(await asker.exit, { code: 0, signal: null });
  assert.equal(asker.stdout.toString(), 'p ä\t"ss');
  assert.deepEqual(await agent.exit, { code: 0, signal: null });
  assert.equal(agent.stderr, '');
});

test(
  'several at once, one of them late, are answered; one of another kind is not',
  needs,
  async () => {
    await using place = await PrivateRun.make();
    await using first = place.start(...ask('cryptsetup:/dev/vda5'));
    await using second = place.start(...ask('cryptsetup:/dev/vdb1'));
    await using other = place.start(...ask('tpm2-pin'));
    await place.questions(3);
    const client = await place.client(
      'echo ready >&2; until [ -e "$0.go" ]; do sleep 0.05; done; printf secret',
    );
    await using agent = place.start(AGENT, client);
    await agent.waitForLine(/^ready$/);
    await using third = place.start(...ask('cryptsetup:/dev/vdc1'));
    await place.questions(4);
    await succeed('/usr/bin/touch', [`${client}.go`]);
    for (const asker of [first, second, third]) {
      assert.equal((await asker.exit).code, 0);
      assert.equal(asker.stdout.toString(), 'secret\n');
    }
    await place.questions(1);
    other.kill('SIGTERM');
    await other.exit;
    assert.equal(other.stdout.length, 0);
  },
);

test('a question that times out ends the client, and the agent', needs, async () => {
  await using place = await PrivateRun.make();
  await using asker = place.start(...ask('cryptsetup:/dev/vda5', '--timeout=2'));
  await place.questions(1);
  await using agent = place.start(
    AGENT,
    await place.client("trap 'echo ended >&2; exit 1' TERM; while :; do sleep 0.05; done"),
  );
  await agent.waitForLine(/^ended$/);
  assert.deepEqual(await agent.exit, { code: 0, signal: null });
  assert.notEqual((await asker.exit).code, 0);
});

test('a person who answers first wins, and the agent gives way', needs, async () => {
  await using place = await PrivateRun.make();
  await using asker = place.start(...ask('cryptsetup:/dev/vda5', '-n'));
  await place.questions(1);
  await using agent = place.start(
    AGENT,
    await place.client("trap 'exit 1' TERM; echo ready >&2; while :; do sleep 0.05; done"),
  );
  await agent.waitForLine(/^ready$/);
  const typed =
    'import glob, socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.sendto(b"+typed", glob.glob("/run/systemd/ask-password/sck.*")[0])';
  await using person = place.start('/usr/bin/python3', '-c', typed);
  assert.equal((await person.exit).code, 0);
  assert.equal((await asker.exit).code, 0);
  assert.equal(asker.stdout.toString(), 'typed');
  assert.deepEqual(await agent.exit, { code: 0, signal: null });
});

test(
  'the original and ours end with the same status and give the same answer',
  requires('root', 'namespaces', 'systemd-ask-password', 'original client'),
  async () => {
    for (const args of [
      ['--user=0'],
      ['--user=x'],
      ['--group='],
      ['--us=5'],
      ['--nonsense'],
      ['-d/nonexistent'],
    ]) {
      const [ours, theirs] = await Promise.all([run(AGENT, args), run(ORIGINAL, args)]);
      assert.equal(ours.code, theirs.code, args.join(' '));
    }
    const given: string[] = [];
    for (const program of [AGENT, ORIGINAL]) {
      await using place = await PrivateRun.make();
      await using asker = place.start(...ask('cryptsetup:/dev/vda5'));
      await place.questions(1);
      const client = await place.client('printf "$MANDOSPLUGINHELPERDIR $*"');
      await using agent = place.start(program, '--helper-directory=/h', '--', client, '--x');
      assert.equal((await asker.exit).code, 0);
      given.push(asker.stdout.toString());
      // The original stays until the question would have expired.
      if (program === AGENT) assert.equal((await agent.exit).code, 0);
    }
    assert.deepEqual(given, ['/h --x\n', '/h --x\n']);
  },
);
