import assert from 'node:assert/strict';
import test from 'node:test';
import { readClientJob } from '../../src/boot/client-options-node.ts';
import type { ClientSettings } from '../../src/boot/client-settings.ts';
import { MandosError } from '../../src/core/error.ts';

function settings(...args: string[]): ClientSettings {
  const job = readClientJob(args);
  assert.ok(job.kind === 'run');
  return job.settings;
}

function printed(...args: string[]): string {
  const job = readClientJob(args);
  assert.ok(job.kind === 'print');
  return job.text;
}

test('without options everything is as mandos-client(8mandos) says', () => {
  assert.deepEqual(settings(), {
    connect: null,
    servers: [],
    interfaces: { names: [], onlyBringUp: null },
    keyFiles: {
      pubkey: '/conf/conf.d/mandos/pubkey.txt',
      seckey: '/conf/conf.d/mandos/seckey.txt',
      tlsPubkey: '/conf/conf.d/mandos/tls-pubkey.pem',
      tlsPrivkey: '/conf/conf.d/mandos/tls-privkey.pem',
    },
    tlsPolicy: { kind: 'default' },
    dh: { bits: null, parametersFile: null },
    delay: 2500,
    retry: 10_000,
    networkHookDirectory: '/lib/mandos/network-hooks.d',
    debug: false,
  });
});

test('every option is taken, long and short', () => {
  const long = settings(
    ...['--connect=192.0.2.1:4711', '--interface', 'eth0', '--pubkey=a', '--seckey=b'],
    ...['--tls-pubkey=c', '--tls-privkey=d', '--dh-bits=3072', '--dh-params=e', '--delay=1.5'],
    ...['--retry=.25', '--network-hook-dir=f', '--debug', '--priority=SECURE256:+CTYPE-RAWPK'],
  );
  assert.deepEqual(long.keyFiles, { pubkey: 'a', seckey: 'b', tlsPubkey: 'c', tlsPrivkey: 'd' });
  assert.deepEqual(long.dh, { bits: 3072, parametersFile: 'e' });
  assert.deepEqual([long.delay, long.retry, long.debug], [1500, 250, true]);
  assert.equal(long.networkHookDirectory, 'f');
  assert.equal(long.tlsPolicy.kind, 'restricted');
  const short = settings(
    ...['-c', '192.0.2.1:4711', '-ieth0', '-p', 'a', '-s', 'b', '-T', 'c', '-t', 'd'],
  );
  assert.deepEqual(short.keyFiles, long.keyFiles);
  assert.deepEqual(short.connect, long.connect);
  assert.deepEqual(short.interfaces, { names: ['eth0'], onlyBringUp: null });
});

test('--server may be repeated', () => {
  const { servers, connect } = settings('--server=192.0.2.1:4711', '--server', '2001:db8::1:4712');
  assert.deepEqual(servers, [
    { address: '192.0.2.1', port: 4711, interface: null },
    { address: '2001:db8::1', port: 4712, interface: null },
  ]);
  assert.equal(connect, null);
});

test('the priority of the original’s default means our own settings', () => {
  const text = 'SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA';
  assert.deepEqual(settings(`--priority=${text}`).tlsPolicy, { kind: 'default' });
});

test('interfaces come in lists and by repetition', () => {
  const { interfaces } = settings('-i', 'eth0,eth1', '--interface=eth2,,eth0');
  assert.deepEqual(interfaces, { names: ['eth0', 'eth1', 'eth2'], onlyBringUp: null });
});

test('after "none" no more interfaces are brought up', () => {
  assert.deepEqual(settings('-i', 'none').interfaces, { names: [], onlyBringUp: [] });
  const { interfaces } = settings('-i', 'eth0,none,eth1');
  assert.deepEqual(interfaces, { names: ['eth0', 'eth1'], onlyBringUp: ['eth0'] });
});

// Each was tried on the original, which ends with EX_USAGE as well.
const REFUSED_BY_BOTH = [
  ...['--retry=abc', '--retry=-1', '--retry=1.5x', '--retry=inf', '--retry=', '--retry=2147484'],
  ...['--delay=abc', '--delay=-1', '--delay=', '--delay=1e9', '--dh-bits=abc', '--dh-bits=-1'],
  ...['--dh-bits=1.5', '--dh-bits=', '--dh-bits=4294967296', '--foo', 'foo', '-d'],
  ...['--connect=1', '--connect=127.0.0.1:http', '--connect=127.0.0.1:65536', '--debug=1', '-c'],
];
// The original takes these and then does nothing useful, for ever.
const REFUSED_BY_US = ['--retry=nan', '--delay=nan', '--connect=localhost:1', '--priority=FOO'];

for (const arg of [...REFUSED_BY_BOTH, ...REFUSED_BY_US]) {
  test(`${arg} is refused as bad usage`, () => {
    assert.throws(
      () => readClientJob([arg]),
      (error) => error instanceof MandosError && error.exitCode === 64,
    );
  });
}

for (const [arg, retry] of [
  ['--retry=1e3', 1_000_000],
  ['--retry= 1', 1000],
  ['--retry=0', 0],
  ['--retry=2147483.6', 2_147_483_600],
  ['--re=1', 1000],
] as const) {
  test(`${arg} is taken, as by the original`, () => {
    assert.equal(settings(arg).retry, retry);
  });
}

test('help, usage and version are printed', () => {
  for (const option of ['--help', '-?', '--usage']) {
    assert.match(printed(option), /^Usage: mandos-client /);
    assert.match(printed(option), /--network-hook-dir/);
  }
  assert.match(printed('--version'), /^mandos-client \d/);
  assert.equal(printed('-V'), printed('--version'));
});
