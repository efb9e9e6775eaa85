/** The commands for developers that nothing else runs, with little to do for each. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

test(
  'npm run bench prints a figure for every scenario',
  requires('root', 'namespaces'),
  async () => {
    const little = ['--secrets', '5', '--crowd', '3', '--starts', '1', '--lives', '3'];
    const short = ['--interval', '1', '--watch', '2', '--boots', '1', '--ours-only'];
    const { code, stdout, stderr } = await run(
      ...(['/bin/sh', [inRepository('scripts/bench'), ...little, ...short]] as const),
      { timeout: 100_000 },
    );
    assert.equal(code, 0, stderr);
    for (const figure of [
      'CPU per secret (ms)',
      'processes among 3 stalled peers',
      'storm of 3: served',
      'boot by our server: to the password (ms)',
      '1 clients: start to first secret (ms)',
      '3 clients living: GetManagedObjects (ms)',
    ]) {
      const line = stdout
        .toString()
        .split('\n')
        .find((row) => row.startsWith(figure));
      assert.match(line ?? `no ${figure}`, /\s\d+(\.\d+)?$/);
    }
    assert.match(stdout.toString(), /^storm of 3: served\s+3\.00$/m);
  },
);

test('npm run fuzz feeds every target and finds nothing', async () => {
  const { code, stdout, stderr } = await run(
    ...(['/bin/sh', [inRepository('scripts/fuzz'), '--seconds', '1']] as const),
    { timeout: 100_000 },
  );
  assert.equal(code, 0, `${stdout}${stderr}`);
  const told = `${stdout}${stderr}`.match(/^fuzz: \w+: \d+ inputs, nothing found$/gm) ?? [];
  assert.ok(told.length >= 11, told.join('\n'));
});
