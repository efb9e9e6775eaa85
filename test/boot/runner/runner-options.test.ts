import assert from 'node:assert/strict';
import test from 'node:test';
import { readRunnerJob } from '../../../src/boot/runner/runner-options-node.ts';
import {
  argumentsFor,
  environmentFor,
  isDisabled,
  type RunnerSettings,
} from '../../../src/boot/runner/runner-settings.ts';

/** The settings of a command line, after the text of a configuration file. */
function settingsOf(args: string[], config: string | null = null): RunnerSettings {
  const job = readRunnerJob(args, () => config);
  assert.ok(job.kind === 'run');
  return job.settings;
}

// Each as Debian's plugin-runner 1.8.16 has been seen to pass it on.
for (const [config, args] of [
  ['--options-for=foo:a,b # comment\n#another\n\n--options-for=foo:c#d\n', ['a', 'b', 'c']],
  ['  -o foo:e\t-o\nfoo:f\n', ['e', 'f']],
  ['--options-for="foo:a" --options-for=foo:"b" -o foo:q\\\\ \n', ['"b"', 'q\\\\']],
  ['--options-for foo:g -ofoo:h', ['g', 'h']],
  ['-g --debug,x,,y', ['--debug', 'x', '', 'y']],
  ['-g x -o foo:own', ['own', 'x']],
  ['-o foo:\xc3\xa5,\v\n', ['\xc3\xa5', '']],
] as const) {
  test(`${JSON.stringify(config)} in the file gives ${JSON.stringify(args)}`, () => {
    assert.deepEqual(argumentsFor('foo', settingsOf([], config)), args);
  });
}

for (const key of ['', 'none']) {
  test(`the key ${JSON.stringify(key)}, which cryptsetup gives a key script, is no argument`, () => {
    assert.deepEqual(settingsOf([key], '--userid=12'), settingsOf([], '--userid=12'));
    assert.throws(() => settingsOf([key, key]), /unexpected argument/);
  });
}

test('a key that is a file is an argument too many', () => {
  assert.throws(() => settingsOf(['/etc/key']), /unexpected argument "\/etc\/key"/);
});

test('no options are none, where the original passes an empty one on', () => {
  assert.deepEqual(argumentsFor('foo', settingsOf(['-o', 'foo:', '-g', ''])), []);
});

for (const id of ['12', ' 12', '\t+12', '+12']) {
  test(`the user ID ${JSON.stringify(id)} is 12, as for the original`, () => {
    const { userId, warnings } = settingsOf([`--userid=${id}`]);
    assert.deepEqual([userId, warnings], [12, []]);
  });
}

test('the command line comes after the file and overrides it', () => {
  const config = '--disable=foo --userid=5 -o foo:a --plugin-dir=/file';
  const settings = settingsOf(['-e', 'foo', '--userid=6', '-o', 'foo:b'], config);
  assert.equal(isDisabled('foo', settings), false);
  assert.equal(settings.userId, 6);
  assert.equal(settings.pluginDirectory, '/file');
  assert.deepEqual(argumentsFor('foo', settings), ['a', 'b']);
});

test('of --disable and --enable the last counts, for each plugin', () => {
  const settings = settingsOf(['-d', 'a', '-e', 'a', '-e', 'b', '-d', 'b']);
  assert.deepEqual([isDisabled('a', settings), isDisabled('b', settings)], [false, true]);
});

test('the environment for one plugin is over that for all, which is over the inherited', () => {
  const settings = settingsOf([
    ...['-G', 'A=global', '-G', 'B=global', '-E', 'foo:A=own=x', '-E', 'foo:EMPTY='],
    ...['-E', 'bar:C=other', '-G', 'nonsense', '-G', '=x', '--plugin-helper-dir=/helpers'],
  ]);
  assert.deepEqual(environmentFor('foo', settings, { A: 'i', B: 'i', C: 'i', D: 'i' }), {
    ...{ A: 'own=x', B: 'global', C: 'i', D: 'i', EMPTY: '' },
    MANDOSPLUGINHELPERDIR: '/helpers',
  });
});

test('the defaults are those of the original', () => {
  const { pluginDirectory, helperDirectory, userId, groupId, debug } = settingsOf([]);
  assert.deepEqual(
    [pluginDirectory, helperDirectory, userId, groupId, debug],
    ['/lib/mandos/plugins.d', '/lib/mandos/plugin-helpers', 65534, 65534, false],
  );
  const paths: string[] = [];
  readRunnerJob([], (path) => {
    paths.push(path);
    return null;
  });
  assert.deepEqual(paths, ['/conf/conf.d/mandos/plugin-runner.conf']);
});

test('--config-file inside the file means nothing', () => {
  const paths: string[] = [];
  const job = readRunnerJob(['--config-file=/a'], (path) => {
    paths.push(path);
    return '--config-file=/b --debug';
  });
  assert.deepEqual(paths, ['/a']);
  assert.ok(job.kind === 'run' && job.settings.debug);
});

for (const id of ['x', '-1', '', '99999999999', '0x10', '10 ', '4294967295']) {
  test(`the user ID ${JSON.stringify(id)} is told to be bad, and 65534 is used`, () => {
    const { userId, warnings } = settingsOf([`--userid=${id}`]);
    assert.equal(userId, 65534);
    assert.equal(warnings.length, 1);
  });
}

for (const args of [['--bogus'], ['operand'], ['-o', 'foo'], ['-o', ':x'], ['-E', 'foo'], ['-d']]) {
  test(`${args.join(' ')} is 64 on the command line and 78 in the file`, () => {
    assert.throws(() => settingsOf(args), { code: 'usage', exitCode: 64 });
    assert.throws(() => settingsOf([], args.join('\n')), { code: 'usage', exitCode: 78 });
  });
}
