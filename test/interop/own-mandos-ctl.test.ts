/** Our mandos-ctl beside Debian's: the same calls, the same output, status and acts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { milliseconds, wallTime } from '../../src/core/time.ts';
import { FakeModel, makeClient, START } from '../dbus/fake-model.ts';
import { RestartableBus } from '../dbus/restartable-bus.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { type Ctl, originalCtl, ownCtl } from '../support/mandos-ctl.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const needed = requires('original server', 'private bus');

const DAY = 86_400_000;

/** Clients of every kind that the table shows in its own way. */
function clients() {
  return [
    makeClient('foo'),
    makeClient('www.example-1.org', {
      settings: {
        host: '::1',
        checker: 'echo %%(host)s "é" \\ \'\u{1F600}',
        approvedByDefault: false,
        approvalDelay: milliseconds(3_600_000),
        timeout: milliseconds(2 * DAY + 3_723_004),
        extendedTimeout: milliseconds(100 * DAY),
        interval: milliseconds(999),
      },
      life: { kind: 'disabled', reason: 'configured' },
      lastCheckedOk: wallTime(START + 1),
      lastApprovalRequest: wallTime(START + 2000),
      lastCheckerStatus: -1,
      lastEnabled: null,
    }),
    makeClient('bar', {
      settings: { timeout: milliseconds(DAY - 1), host: '', checker: '' },
      lastCheckerStatus: 255,
    }),
    makeClient('naïve client', { settings: { host: 'x'.repeat(70) } }),
    makeClient('日本', { settings: { timeout: milliseconds(0) } }),
    makeClient('0815', { settings: { timeout: milliseconds(1000 * DAY) } }),
    makeClient('watch'),
    makeClient('-5'),
  ];
}

/** A server of ours with these clients and nothing behind it; what is done to it is noted. */
class Recorder implements AsyncDisposable {
  #service: ServiceOnABus;

  private constructor(service: ServiceOnABus) {
    this.#service = service;
  }

  static async start(): Promise<Recorder> {
    return new Recorder(await Recorder.#serve());
  }

  static #serve(): Promise<ServiceOnABus> {
    return ServiceOnABus.start(new FakeModel(clients()));
  }

  /** What comes of a call to mandos-ctl, on clients as they were at the start. */
  async outcome(ctl: Ctl, args: readonly string[], input?: string): Promise<object> {
    const { model, bus } = this.#service;
    for (const client of clients()) model.add(client);
    model.acts.length = 0;
    model.secrets.clear();
    const { code, stdout } = await ctl(bus.address, args, input);
    const removed = model.acts.some(({ act }) => act.kind === 'remove');
    if (removed) await this.#startAgain();
    return {
      code,
      stdout: stdout.toString('utf8'),
      // The original removes clients in no particular order.
      acts: removed
        ? model.acts.toSorted((one, other) => (one.name < other.name ? -1 : 1))
        : [...model.acts],
      secrets: Object.fromEntries(model.secrets),
    };
  }

  /** Clients that come back would come last. */
  async #startAgain(): Promise<void> {
    const [, service] = await Promise.all([
      this.#service[Symbol.asyncDispose](),
      Recorder.#serve(),
    ]);
    this.#service = service;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#service[Symbol.asyncDispose]();
  }
}

async function compare(calls: readonly (readonly string[])[], input?: string): Promise<void> {
  const [theirs, ours] = await Promise.all([Recorder.start(), Recorder.start()]);
  await using _theirs = theirs;
  await using _ours = ours;
  for (const args of calls) {
    const [expected, actual] = await Promise.all([
      theirs.outcome(originalCtl, args, input),
      ours.outcome(ownCtl, args, input),
    ]);
    assert.deepEqual(actual, expected, JSON.stringify(args));
  }
}

/** Each line is a call; words are parted by spaces. */
function lines(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' '));
}

describe("our mandos-ctl does what Debian's does", needed, () => {
  it('shows tables and JSON', async () => {
    await compare([
      [],
      ['--'],
      ['watch'],
      ['foo', 'watch'],
      ['naïve client'],
      ['-5'],
      ['--', '-5'],
      ['-v', '-5', 'foo'],
      ['0815', '日本', 'foo'],
      ...lines(`
        --verbose
        -v foo
        -v -v bar
        --verb bar foo
        foo -v
        --dump-json
        -j
        -j bar foo
        --dump bar
        bar foo bar
        --debug foo
        --deb -j foo
        -- foo bar`),
    ]);
  });

  it('does not know everybody', async () => {
    await compare([
      [''],
      ['-x y'],
      ...lines(`
        nobody
        foo nobody
        -
        -9
        -v nobody
        -j foo nobody
        -e foo nobody
        -d nobody
        -r nobody
        -V nobody
        -V --all nobody
        -e -- -foo
        FOO
        @foo`),
    ]);
  });

  it('changes clients', async () => {
    await compare(
      lines(`
        -e foo
        --enable www.example-1.org foo
        -d foo
        --disable --all
        -a -d foo
        -b foo
        --bump-timeout bar foo bar
        --start-checker foo
        --stop-checker foo
        -A foo
        -D foo bar
        --approve --all
        --deny -a
        --approve-by-default www.example-1.org
        --deny-by-default foo
        -r foo
        --remove bar foo
        --remove --all
        -r -D foo
        -D -r foo
        --deny --remove --deny bar
        foo -e
        -e -e foo
        -A -A foo
        -be foo
        -eb foo`),
    );
  });

  it('sets values', async () => {
    await compare([
      ['--checker', 'exit 3', 'foo'],
      ['-c', '-x y', 'foo'],
      ['--checker=', 'foo'],
      ['-c', '', 'foo'],
      ['-H', 'naïve 日本', 'foo'],
      ['--host', '-5', 'foo'],
      ['--timeout', '1d 2h', 'foo'],
      ['-t', '1w 1d 1h 1m 1s', 'foo'],
      ['-t', '1d,2h', 'foo'],
      ['-t', ' 1h', 'foo'],
      ...lines(`
        -c true foo
        -c - foo
        -ctrue foo
        -c=true foo
        --checker=a=b foo
        -H ::1 foo bar
        -H= bar foo
        -t PT5M foo
        -tPT5M foo
        -t=PT5M foo
        -bt1d foo
        -t PT0S foo
        -t P1DT2H3M4S foo
        -t P2W foo
        -t 1h30m foo
        -t 5 foo
        -t 0 foo
        --timeout=5m foo
        --time 5m foo
        --extended-timeout PT6M foo
        --ex PT6M foo
        --ext 5m foo
        -i PT7M foo
        --int=PT7M bar foo
        --approval-delay PT8M foo
        --approval-du 9m foo
        -t 1d -t 2d foo
        -b -e --start-checker -c c -t PT5M --extended-timeout PT6M -i PT7M foo
        --approve-by-default --approval-delay PT8M --approval-duration PT9M -H h -A bar foo
        -d --stop-checker -D --deny-by-default foo
        -H h -c c -b -e foo bar`),
    ]);
  });

  it('takes secrets from files and standard input', async () => {
    await using dir = await TempDir.create();
    const secret = await dir.write('secret', 'a\0\xff blob\n');
    await compare(
      [
        ['--secret', secret, 'foo'],
        ['-s', secret, '-e', 'foo', 'bar'],
        [`-s${secret}`, '--all'],
        ['-s', '-', 'foo'],
        ['--secret=-', 'bar', 'foo'],
        ['-s', dir.join('no such file'), 'foo'],
        ['-s', dir.path, 'foo'],
        ['-s', '', 'foo'],
        ['-s', secret],
      ],
      'from standard input\0',
    );
  });

  it('tells who is enabled', async () => {
    await compare(
      lines(`
        -V foo
        -V www.example-1.org
        --is-enabled foo
        --is foo
        -V foo bar
        -V
        -V --all
        -V -a foo
        -V -V foo
        -V -e www.example-1.org
        -e -V www.example-1.org
        -d -V foo
        -b -V -d foo
        -V -v foo
        -V -j foo
        -V -r foo`),
    );
  });

  it('refuses contradictions', async () => {
    await compare(
      lines(`
        -e
        -t PT5M
        -r
        -D -r
        -a
        --all
        -a foo
        -a -v
        -a -j
        -v -j
        -v -j foo
        -j -j
        -vj
        -v -e foo
        -j -e foo
        -v -a -e
        -e -d foo
        -d -e foo
        --start-checker --stop-checker foo
        --approve-by-default --deny-by-default foo
        -A -D foo
        -r -e foo
        -r -A foo
        -r -r foo`),
    );
  });

  it('refuses what it cannot understand', async () => {
    await compare([
      ['-H', '-e y', 'foo'],
      ...lines(`
        --bogus
        -e --bogus=3 foo
        -z foo
        -ez foo
        -vfoo
        -t
        -t -5m foo
        -c -x foo
        -s
        --timeout
        --ver foo
        --app foo
        --a foo
        --s foo
        --st foo
        --de foo
        --den foo
        --verbose=1 foo
        --en=1 foo
        --version=1
        --help=1
        --e foo
        --approval-d 5m foo
        foo -e bar
        foo -e bar --debug
        foo -e --
        -e -d --help`),
    ]);
  });

  it('ends alike where there is no server, and no bus', async () => {
    await using bus = await RestartableBus.start();
    for (const address of [bus.address, 'unix:path=/nonexistent/bus', 'tcp:host=nowhere']) {
      for (const args of lines('-v\n-j\nfoo\n-e foo\n-V foo\n-e -d foo\n-s /nonexistent foo')) {
        const [theirs, ours] = await Promise.all([
          originalCtl(address, args),
          ownCtl(address, args),
        ]);
        assert.equal(ours.code, theirs.code, `${args.join(' ')}: ${ours.stderr}`);
        assert.deepEqual(ours.stdout, theirs.stdout);
      }
    }
  });
});
