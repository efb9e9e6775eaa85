/** L4: as a service, the server keeps of its capabilities only what its checkers need. */
import assert from 'node:assert/strict';
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const CAP_NET_RAW = 1n << 13n;
const NOBODY = 65534;

const CLIENTS = `[web]
key_id = ${'01'.repeat(32)}
secfile = secret
host = localhost
interval = PT1S
`;

/** The capabilities of the threads of a process, by their names. */
function capabilities(pid: number, set: string): ReadonlyMap<string, bigint> {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  return new Map(
    threads.map((path) => {
      const status = readFileSync(`${path}/status`, 'latin1');
      const bits = new RegExp(`^${set}:\\s*(\\w+)$`, 'm').exec(status)?.[1] ?? '';
      return [`${readFileSync(`${path}/comm`, 'latin1').trim()} ${path}`, BigInt(`0x${bits}`)];
    }),
  );
}

it('it reads what only root may read, gives that up, and pings', requires('setpriv'), async () => {
  await using dir = await TempDir.create(0o711);
  await dir.write('mandos.conf', '[DEFAULT]\n');
  await dir.write('clients.conf', CLIENTS.replace('= secret', `= ${dir.join('secret')}`));
  await dir.write('secret', 'sealed');
  await using state = await TempDir.create();
  chownSync(state.path, NOBODY, NOBODY);
  // As its unit does.
  const given = '-all,+net_raw,+dac_read_search';
  await using server = RunningProgram.start('/usr/bin/setpriv', [
    ...['--reuid=nobody', '--regid=nogroup', '--clear-groups', '--no-new-privs'],
    ...[`--inh-caps=${given}`, `--ambient-caps=${given}`, `--bounding-set=${given}`],
    ...[inRepository('bin/mandos'), '--foreground', '--debug', '--no-dbus', '--no-zeroconf'],
    ...['--port', String(await freePort()), '--configdir', dir.path, '--statedir', state.path],
  ]);
  await server.waitForLine(/now listening .* 1 clients/);
  await server.waitForLine(/checker for web succeeded/i);
  for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapAmb']) {
    const threads = capabilities(server.pid, set);
    assert.ok(threads.size > 2, 'the runtime has threads of its own');
    for (const [name, bits] of threads) assert.equal(bits & ~CAP_NET_RAW, 0n, `${set} of ${name}`);
    assert.equal(threads.get(`mandos /proc/${server.pid}/task/${server.pid}`), CAP_NET_RAW, set);
  }
});
