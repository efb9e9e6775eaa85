/** What is ours in mandos-ctl's command line; the rest is compared with Debian's (test/interop). */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type ListJob,
  readCtlJob,
  wordJob,
  wordOf,
} from '../../../src/operator/ctl/command-line.ts';

function listJob(...args: readonly string[]): ListJob {
  const job = readCtlJob(args);
  assert.ok(job.kind === 'list');
  return job;
}

function refused(...args: readonly string[]): void {
  assert.throws(() => readCtlJob(args), { code: 'usage', exitCode: 2 }, args.join(' '));
}

test('--watch and --explain are jobs of their own', () => {
  assert.deepEqual(readCtlJob(['--watch']), { kind: 'watch', names: [], debug: false });
  assert.deepEqual(readCtlJob(['--watch', 'foo', 'bar', '--debug']), {
    kind: 'watch',
    names: ['foo', 'bar'],
    debug: true,
  });
  assert.deepEqual(readCtlJob(['--explain', 'foo']), {
    kind: 'explain',
    names: ['foo'],
    debug: false,
  });
  assert.deepEqual(readCtlJob(['--explain', '--all']), {
    kind: 'explain',
    names: [],
    debug: false,
  });
});

test('they go with nothing else', () => {
  refused('--explain');
  refused('--watch', '--explain', 'foo');
  refused('--watch', '--all');
  for (const other of ['-v', '-j', '-e', '-V', '-A', '-r', '--timeout=PT5M']) {
    refused('--explain', other, 'foo');
    refused('--watch', other, 'foo');
  }
});

test('they are in the way of no abbreviation that the original has', () => {
  const job = readCtlJob(['--ex', 'PT5M', 'foo']);
  assert.ok(job.kind === 'act');
  assert.deepEqual(job.actions, [{ kind: 'set', property: 'ExtendedTimeout', value: 300_000 }]);
  refused('--watc');
  refused('--expl', 'foo');
});

test('as words they may be names', () => {
  assert.equal(wordOf(listJob('watch')), 'watch');
  assert.equal(wordOf(listJob('explain', 'a')), 'explain');
  assert.equal(wordOf(listJob('a', 'watch')), null);
  assert.equal(wordOf(listJob('--verbose', 'watch')), null);
  assert.equal(wordOf(listJob('--dump-json', 'explain')), null);
  assert.equal(wordOf(listJob()), null);
  // As a script asks for whatever client it is given.
  assert.equal(wordOf(listJob('--', 'watch')), null);
  assert.equal(wordOf(listJob('watch', '--', 'a')), null);
});

test('as words they are the jobs of the options', () => {
  const job = listJob('watch', 'a', 'b', '--debug');
  assert.deepEqual(wordJob('watch', job), readCtlJob(['--watch', 'a', 'b', '--debug']));
  assert.deepEqual(wordJob('explain', listJob('explain', 'a')), readCtlJob(['--explain', 'a']));
  assert.deepEqual(readCtlJob(['explain', '--all']), readCtlJob(['--explain', '--all']));
  refused('explain', 'a', '--all');
  refused('watch', '--all');
  assert.throws(() => wordJob('explain', listJob('explain')), { code: 'usage', exitCode: 2 });
});

test('a time that makes no sense is refused, and says which option', () => {
  assert.throws(() => readCtlJob(['--timeout', 'PT5', 'foo']), {
    code: 'usage',
    exitCode: 2,
    message: /--timeout: .*PT5/,
  });
});

test('what is removed can only be denied before', () => {
  for (const more of ['-b', '-e', '-V', '--host=x', '-r']) {
    if (more !== '-r') refused('-r', '-D', more, 'foo');
    refused('-r', more, 'foo');
  }
});

test('--check is found wherever it is, but not among operands', () => {
  assert.equal(readCtlJob(['--bogus', '-e', '-d', '--check']).kind, 'self-test');
  assert.deepEqual(listJob('--', '--check').names, ['--check']);
});
