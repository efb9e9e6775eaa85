/** Our server's package on a Debian that has run the original's, with all of systemd. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { originalServer } from './server-machine.ts';

/** As /proc/PID/status shows it. */
const CAP_NET_RAW = 'CapPrm:\t0000000000002000';

const AFTER_THE_PURGE: readonly string[] = [];

it('it takes over the original’s clients, the dead as dead, and leaves nothing when purged', async () => {
  const installation = await originalServer();
  await using lan = await Lan.make();
  await using machine = await Machine.start({
    installation,
    lan,
    init: 'system',
  });
  await machine.typesPassword();
  const report = await machine.report();
  const told = (what: string): readonly string[] => report.lines(what);
  assert.deepEqual(told('original'), ['active'], report.text);
  assert.deepEqual(told('own'), ['active'], report.text);
  assert.deepEqual(told('alive'), ['enabled'], report.text);
  assert.deepEqual(
    told('checked'),
    ['alive', 'shell'],
    'both checkers succeed in the sandbox (L4)',
  );
  assert.deepEqual(told('before'), ['disabled'], report.text);
  assert.deepEqual(told('dead'), [], `it is dead after the upgrade and a restart: ${report.text}`);
  assert.match(told('version').join('\n'), /0\.1\.0/);
  const exposure = /: ([\d.]+) /.exec(told('security').join('\n'))?.[1];
  assert.ok(Number(exposure) < 2, `systemd-analyze security: ${told('security').join('\n')}`);
  assert.deepEqual(told('capabilities'), [CAP_NET_RAW], 'of all threads');
  assert.match(told('announced').join('\n'), /Mandos;_mandos\._tcp/);
  assert.deepEqual(told('restarted'), ['active']);
  assert.deepEqual(told('left'), AFTER_THE_PURGE);
});
