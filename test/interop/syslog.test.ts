/** What an administrator of the original looks for in the system log is there with ours. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { DaemonOnABus, type Make } from '../support/daemon-on-a-bus.ts';
import { DatagramListener } from '../support/datagram-listener.ts';
import { ask } from '../support/mandos-peer.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';
import { tlsKey } from '../support/tls-keys.ts';

const needed = requires('original server', 'namespaces');

/** Of syslog(3). */
const WARNING = 'WARNING';
const INFO = 'INFO';
const DEBUG = 'DEBUG';

const PRIORITIES = { [WARNING]: 28, [INFO]: 30, [DEBUG]: 31 } as const;

/** In this order; each is looked for after the one before. */
const FACTS: readonly [level: keyof typeof PRIORITIES, fact: RegExp][] = [
  [DEBUG, /setuid|running as user/],
  [INFO, /now listening on .*\b127\.0\.0\.1\b/i],
  [INFO, /starting checker .exit 3. for failing/i],
  [INFO, /checker for failing failed/i],
  [INFO, /starting checker .kill -9 \$\$. for crashing/i],
  [WARNING, /checker for crashing crashed\?/i],
  [INFO, /starting checker .true. for good/i],
  [INFO, /checker for good succeeded/i],
  [INFO, /sending secret to good/i],
  [INFO, /client not found for key ID: [0-9A-F]{64}, address: .*127\.0\.0\.1/i],
  [INFO, /client off is disabled/i],
  [INFO, /client slow needs approval/i],
  [WARNING, /client slow .*timed out while waiting for approval/i],
  [INFO, /client patient needs approval/i],
  [INFO, /sending secret to patient/i],
  [INFO, /client unwanted needs approval/i],
  [WARNING, /client unwanted was not approved/i],
];

const names = ['failing', 'crashing', 'good', 'off', 'slow', 'patient', 'unwanted'] as const;
const keys = new Map(names.map((name) => [name, tlsKey()]));

const checked = { interval: 'PT1S', timeout: 'PT1M' };
const CLIENTS = Object.entries({
  failing: { ...checked, checker: 'exit 3' },
  crashing: { ...checked, checker: 'kill -9 $$' },
  good: checked,
  off: { enabled: 'False' },
  slow: { approval_delay: 'PT1S', approved_by_default: 'False' },
  patient: { approval_delay: 'PT1H' },
  unwanted: { approval_delay: 'PT1H' },
}).map(([name, more]) =>
  clientSection(name, {
    key_id: keys.get(name as (typeof names)[number])?.keyId ?? '',
    fingerprint: '0'.repeat(40),
    host: 'localhost',
    checker: 'true',
    secret: Buffer.from('the blob').toString('base64'),
    ...more,
  }),
);

/** The lines without what differs from run to run. */
async function story(make: Make): Promise<readonly string[]> {
  await using dir = await TempDir.create(0o711);
  await using syslog = await DatagramListener.start(dir.join('log'));
  await using daemon = await DaemonOnABus.start(make, {
    clients: CLIENTS.join('\n'),
    options: ['--debuglevel', 'DEBUG'],
    command: (program, ...args) => [
      '/usr/bin/unshare',
      [
        '--mount',
        inRepository('test/support/with-syslog.sh'),
        dir.join('log'),
        ...[program, ...args],
      ],
    ],
  });
  const asks = async (key: Uint8Array | undefined) =>
    (await ask(daemon.port, key ?? new Uint8Array())) !== null;
  const decide = async (option: string, name: (typeof names)[number]): Promise<boolean> => {
    const answer = asks(keys.get(name)?.privatePem);
    await syslog.waitFor(new RegExp(`client ${name} needs approval`, 'i'));
    assert.equal((await daemon.ctl(option, name)).code, 0);
    return await answer;
  };
  await syslog.waitFor(/checker for good succeeded/i);
  await syslog.waitFor(/checker for crashing crashed/i);
  await syslog.waitFor(/checker for failing failed/i);
  assert.equal(await asks(keys.get('good')?.privatePem), true);
  assert.equal(await asks(tlsKey().privatePem), false);
  assert.equal(await asks(keys.get('off')?.privatePem), false);
  assert.equal(await asks(keys.get('slow')?.privatePem), false);
  assert.equal(await decide('--approve', 'patient'), true);
  await syslog.waitFor(/sending secret to patient/i);
  assert.equal(await decide('--deny', 'unwanted'), false);
  await syslog.waitFor(/unwanted was not approved/);
  daemon.program.kill('SIGTERM');
  assert.deepEqual(await daemon.program.exit, { code: 0, signal: null });
  return syslog.datagrams;
}

/** The checks of different clients begin in any order. */
const UNORDERED = /checker/;

for (const make of ['original', 'ours'] as const) {
  test(`the system log of a day, ${make}`, needed, async () => {
    const lines = await story(make);
    let from = 0;
    for (const [level, fact] of FACTS) {
      const head = `^<${PRIORITIES[level]}>Mandos \\[\\d+\\]: ${level}: `;
      const line = new RegExp(`${head}.*${fact.source}`, fact.flags);
      const start = UNORDERED.test(fact.source) ? 0 : from;
      const index = lines.findIndex((text, place) => place >= start && line.test(text));
      assert.notEqual(index, -1, `no ${line} from line ${from} on in:\n${lines.join('\n')}`);
      if (start === from) from = index + 1;
    }
    assert.equal(
      lines.some((text) => text.includes('the blob')),
      false,
    );
  });
}
