import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseInteger } from '../../src/config/ini-scalars.ts';
import {
  action,
  asText,
  flag,
  type Habits,
  type Options,
  type ProgramDeclaration,
  value,
  values,
} from '../../src/config/option-declaration.ts';
import { parseCommandLine } from '../../src/config/options.ts';
import { ExitStatus, MandosError } from '../../src/core/error.ts';

const options = {
  help: action('help', { long: 'help', short: '?', description: 'show this help' }),
  usage: action('usage', { long: 'usage', description: 'show a short help' }),
  version: action('version', { long: 'version', short: 'V', description: 'show the version' }),
  interface: value({
    long: 'interface',
    short: 'i',
    valueName: 'NAME',
    parse: asText,
    description: 'which interface',
  }),
  port: value({
    long: 'port',
    short: 'p',
    valueName: 'PORT',
    parse: parseInteger,
    description: 'which port',
  }),
  priority: value({
    long: 'priority',
    valueName: 'STRING',
    parse: asText,
    description: 'a description so long that it has to be continued on another line of the help',
  }),
  hook: values({ long: 'hook', short: 'H', valueName: 'HOOK', parse: asText, description: 'run' }),
  debug: flag({ long: 'debug', short: 'd', description: 'tell everything' }),
  force: flag({ long: 'force', short: 'f', description: 'overwrite' }),
  hidden: flag({ long: 'hidden' }),
} as const satisfies Options;

function program(habits: Habits = 'getopt', operands?: string): ProgramDeclaration<typeof options> {
  return {
    name: 'prog',
    version: '1.2',
    purpose: 'Tests the reading of command lines.',
    habits,
    misuseStatus: ExitStatus.usage,
    ...(operands === undefined ? {} : { operands }),
    options,
  };
}

function run(args: readonly string[], declaration = program()) {
  const result = parseCommandLine(declaration, args);
  assert.ok(result.kind === 'run');
  return result;
}

function printed(args: readonly string[]): string {
  const result = parseCommandLine(program(), args);
  assert.ok(result.kind === 'print');
  return result.text;
}

const NOTHING = {
  hook: [],
  debug: false,
  force: false,
  hidden: false,
};

test('what is not given is false, empty or not there', () => {
  assert.deepEqual(run([]).values, NOTHING);
});

test('a value may be joined or follow, after a long or a short name', () => {
  for (const args of [
    ['--port=7'],
    ['--port', '7'],
    ['-p7'],
    ['-p', '7'],
    ['-dp7'],
    ['-dp', '7'],
  ]) {
    assert.equal(run(args).values.port, 7, args.join(' '));
  }
  assert.equal(run(['--interface=']).values.interface, '');
  assert.equal(run(['--interface', '']).values.interface, '');
  assert.equal(run(['--priority=a=b']).values.priority, 'a=b');
});

test('short flags may be grouped', () => {
  assert.deepEqual(run(['-df']).values, { ...NOTHING, debug: true, force: true });
});

test('a long option may be abbreviated as far as it is clear', () => {
  assert.equal(run(['--po', '7']).values.port, 7);
  assert.equal(run(['--i=x']).values.interface, 'x');
  assert.equal(run(['--de']).values.debug, true);
  assert.throws(() => run(['--p=7']), /--p could be --port, --priority/);
  assert.throws(() => run(['--h']), /--h could be --help, --hook, --hidden/);
});

test('the last value counts, unless all do', () => {
  const { values: found } = run(['-p1', '--port=2', '-Ha', '--hook', 'b', '--ho=c']);
  assert.equal(found.port, 2);
  assert.deepEqual(found.hook, ['a', 'b', 'c']);
});

test('operands may stand anywhere, and after "--" nothing is an option', () => {
  const { operands, values: found } = run(
    ['a', '-d', 'b', '--', '-f', '--'],
    program('getopt', 'X'),
  );
  assert.deepEqual(operands, ['a', 'b', '-f', '--']);
  assert.deepEqual(found, { ...NOTHING, debug: true });
  assert.throws(() => run(['a']), /unexpected argument "a"/);
  assert.throws(() => run(['--', 'a']), /unexpected argument "a"/);
});

test('a value that starts with a dash is taken as the habits have it', () => {
  assert.equal(run(['-p', '-1']).values.port, -1);
  assert.equal(run(['--interface', '-x']).values.interface, '-x');
  const argparse = program('argparse');
  assert.equal(run(['-p', '-1'], argparse).values.port, -1);
  assert.equal(run(['-p=5'], argparse).values.port, 5);
  assert.equal(run(['--interface=-x'], argparse).values.interface, '-x');
  assert.throws(() => run(['--interface', '-x'], argparse), /--interface needs a value/);
  assert.throws(() => run(['-p=5']), /not a whole number: "=5"/);
});

const MISUSES: readonly (readonly [readonly string[], RegExp])[] = [
  [['--nope'], /^unknown option --nope$/],
  [['-x'], /^unknown option -x$/],
  [['-dx'], /^unknown option -x$/],
  [['-p'], /^option --port needs a value$/],
  [['--port'], /^option --port needs a value$/],
  [['--debug=1'], /^option --debug takes no value$/],
  [['--port=x'], /^option --port: not a whole number: "x"$/],
  [['--'.concat('__proto__')], /^unknown option/],
];

for (const [args, message] of MISUSES) {
  test(`"${args.join(' ')}" is refused with the program's own status`, () => {
    assert.throws(
      () => run(args),
      (error: unknown) =>
        error instanceof MandosError &&
        error.code === 'usage' &&
        error.exitCode === ExitStatus.usage &&
        message.test(error.message),
    );
  });
}

test('help, usage and version are texts to print, and win over what follows', () => {
  assert.equal(printed(['--version', '--nope']), 'prog 1.2\n');
  assert.equal(printed(['-V']), 'prog 1.2\n');
  assert.equal(
    printed(['--usage']),
    `Usage: prog [-?|--help] [--usage] [-V|--version] [-i|--interface=NAME]
            [-p|--port=PORT] [--priority=STRING] [-H|--hook=HOOK]...
            [-d|--debug] [-f|--force]
`,
  );
  assert.equal(
    printed(['-?']),
    `${printed(['--usage'])}
Tests the reading of command lines.

Options:
  -?, --help            show this help
      --usage           show a short help
  -V, --version         show the version
  -i, --interface=NAME  which interface
  -p, --port=PORT       which port
      --priority=STRING
                        a description so long that it has to be continued on
                        another line of the help
  -H, --hook=HOOK       run
  -d, --debug           tell everything
  -f, --force           overwrite
`,
  );
});

test('any command line is read, printed for, or refused', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '-',
      '--',
      '--port',
      '--p',
      '-p',
      '-df',
      '--hook=x',
      '-i',
      '1',
      '=',
      '--=',
      '-=',
    ),
  );
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom<Habits>('getopt', 'argparse'), (args, habits) => {
      try {
        parseCommandLine(program(habits, '[FILE]...'), args);
      } catch (error) {
        assert.ok(error instanceof MandosError && error.code === 'usage');
      }
    }),
  );
});

test('an option that cannot be abbreviated leaves the abbreviations of others alone', () => {
  const declaration = {
    ...program(),
    options: {
      ...options,
      device: flag({ long: 'device', unabbreviated: true, description: 'new' }),
    },
  } as const;
  const read = (arg: string) => {
    const line = parseCommandLine(declaration, [arg]);
    assert.ok(line.kind === 'run');
    return [line.values.debug, line.values.device];
  };
  assert.deepEqual(read('--de'), [true, false]);
  assert.deepEqual(read('--device'), [false, true]);
  assert.throws(() => read('--devi'), /unknown option --devi/);
});

test('the options are told in the order in which they were given', () => {
  const { given } = run(['-d', '--hook=a', '-p', '5', '-d', '--hook', 'b']);
  assert.deepEqual(given, [
    { key: 'debug', value: true },
    { key: 'hook', value: 'a' },
    { key: 'port', value: 5 },
    { key: 'debug', value: true },
    { key: 'hook', value: 'b' },
  ]);
});

test('options that exclude each other are refused, each may be repeated', () => {
  const declaration = { ...program(), exclusive: [['debug', 'force']] as const };
  assert.deepEqual(run(['-d', '-d'], declaration).values.debug, true);
  assert.throws(() => run(['-d', '-p1', '--force'], declaration), { code: 'usage' });
});

test('argparse takes operands together only, getopt anywhere', () => {
  const mixed = ['a', '-d', 'b'];
  assert.deepEqual(run(mixed, program('getopt', '[FILE]...')).operands, ['a', 'b']);
  assert.throws(() => run(mixed, program('argparse', '[FILE]...')), { code: 'usage' });
  assert.throws(() => run(['a', '-d', '--'], program('argparse', '[FILE]...')), { code: 'usage' });
  const together = ['-d', 'a', '--', '-b'];
  assert.deepEqual(run(together, program('argparse', '[FILE]...')).operands, ['a', '-b']);
});

test('argparse takes negative numbers and words with spaces for operands and values', () => {
  const argparse = program('argparse', '[FILE]...');
  assert.deepEqual(run(['-5', '-x y', '--no such'], argparse).operands, [
    '-5',
    '-x y',
    '--no such',
  ]);
  assert.equal(run(['-i', '-x y'], argparse).values.interface, '-x y');
  assert.equal(run(['-p', '-5'], argparse).values.port, -5);
  assert.throws(() => run(['-i', '-d y'], argparse), { code: 'usage' });
  assert.throws(() => run(['-5'], program('getopt', '[FILE]...')), { code: 'usage' });
});
