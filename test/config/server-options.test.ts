import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMandosConf } from '../../src/config/mandos-conf.ts';
import { readServerOptions } from '../../src/config/server-options.ts';
import type { ServerSettings } from '../../src/config/server-settings.ts';
import { MandosError } from '../../src/core/error.ts';
import { memoryFiles } from './memory-files.ts';

const CONF = '/etc/mandos/mandos.conf';

function start(args: readonly string[], conf?: string) {
  return readServerOptions(args, '9.9', memoryFiles(conf === undefined ? {} : { [CONF]: conf }));
}

function settings(args: readonly string[], conf?: string): ServerSettings {
  const result = start(args, conf);
  assert.ok(result.kind === 'serve');
  return result.settings;
}

const DEFAULTS: ServerSettings = {
  configDirectory: '/etc/mandos',
  interface: null,
  address: null,
  port: 0,
  socket: null,
  debug: false,
  debugLevel: null,
  priority: 'SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA',
  serviceName: 'Mandos',
  useDbus: true,
  useIpv6: true,
  restore: true,
  stateDirectory: '/var/lib/mandos',
  foreground: false,
  zeroconf: true,
};

test('nothing said and no mandos.conf: the defaults of the manual', () => {
  assert.deepEqual(settings([]), DEFAULTS);
  assert.deepEqual(settings([], '[DEFAULT]\n'), DEFAULTS);
  assert.deepEqual(settings([], ''), DEFAULTS);
});

const ALL_IN_CONF = `[DEFAULT]
interface = enp1s0
address = fe80::aede:48ff:fe71:f6f2
port = 1025
socket = 3
debug = True
debuglevel = info
priority = NORMAL:%PROFILE_MEDIUM
servicename = Daena
use_dbus = False
use_ipv6 = True
restore = no
statedir = /srv/%(x)s
foreground = 1
zeroconf = off
`;

test('mandos.conf sets every option, texts as they are written', () => {
  assert.deepEqual(settings([], ALL_IN_CONF), {
    configDirectory: '/etc/mandos',
    interface: 'enp1s0',
    address: 'fe80::aede:48ff:fe71:f6f2',
    port: 1025,
    socket: 3,
    debug: true,
    debugLevel: 'info',
    priority: 'NORMAL:%PROFILE_MEDIUM',
    serviceName: 'Daena',
    useDbus: false,
    useIpv6: true,
    restore: false,
    stateDirectory: '/srv/%(x)s',
    foreground: true,
    zeroconf: false,
  });
});

test('the command line wins over mandos.conf', () => {
  const args = ['-i', 'lo', '-a127.0.0.1', '--port=7', '--socket', '0', '--debuglevel', 'ERROR'];
  const more = ['--priority=X', '--servicename=Y', '--statedir=/s', '--no-ipv6', '--foreground'];
  assert.deepEqual(settings([...args, ...more], ALL_IN_CONF), {
    ...settings([], ALL_IN_CONF),
    interface: 'lo',
    address: '127.0.0.1',
    port: 7,
    socket: 0,
    debugLevel: 'error',
    priority: 'X',
    serviceName: 'Y',
    stateDirectory: '/s',
    useIpv6: false,
  });
  const off = settings(['--no-dbus', '--no-ipv6', '--no-restore', '--no-zeroconf', '-p1']);
  assert.deepEqual(
    [off.useDbus, off.useIpv6, off.restore, off.zeroconf],
    [false, false, false, false],
  );
});

test('debug mode stays in the foreground', () => {
  assert.equal(settings(['--debug']).foreground, true);
  assert.equal(settings([], '[DEFAULT]\ndebug=yes\n').foreground, true);
});

test('an empty value in mandos.conf or on the command line is none', () => {
  const conf = '[DEFAULT]\ninterface=\naddress=\nport=\nsocket=\ndebuglevel=\n';
  assert.deepEqual(settings([], conf), DEFAULTS);
  assert.equal(settings(['--interface', ''], '[DEFAULT]\ninterface=eth0\n').interface, null);
  assert.equal(settings(['--debuglevel', '']).debugLevel, null);
});

test('mandos.conf is looked for in --configdir', () => {
  const files = memoryFiles({ '/x/mandos.conf': '[DEFAULT]\nport=5\n' });
  const result = readServerOptions(['--configdir', '/x'], '9.9', files);
  assert.ok(result.kind === 'serve');
  assert.equal(result.settings.port, 5);
  assert.equal(result.settings.configDirectory, '/x');
});

test('numbers are written as Python reads them', () => {
  assert.equal(settings(['-p', ' 42_556 ']).port, 42556);
  assert.equal(settings([], '[DEFAULT]\nx=42\nport = %(x)s_1\n').port, 421);
});

test('a debug level may be written in any case, also by the other names Python knows', () => {
  const names = ['CRITICAL', 'fatal', 'Error', 'WARN', 'warning', 'Info', 'debug', 'NOTSET'];
  assert.deepEqual(
    names.map((name) => settings(['--debuglevel', name]).debugLevel),
    ['critical', 'critical', 'error', 'warning', 'warning', 'info', 'debug', 'debug'],
  );
});

const MISUSES: readonly (readonly string[])[] = [
  ['--nope'],
  ['foo'],
  ['--', 'foo'],
  ['--deb'],
  ['--p', '1'],
  ['--port'],
  ['--port', 'foo'],
  ['--port', '0x10'],
  ['--port', '-1'],
  ['--port', '65536'],
  ['--debug=1'],
  ['--debuglevel', 'FOO'],
  ['--debuglevel', '__proto__'],
  ['--socket', '-1'],
  ['--socket', 'x'],
  ['--address', 'foo'],
  ['--address', 'localhost'],
  ['--address', '127.0.0.1'],
  ['--address', '::1', '--no-ipv6'],
  ['--interface', '-x'],
  ['--no-zeroconf'],
  ['--no-zeroconf', '--port', '0'],
  ['--servicename', ''],
  ['--servicename', 'x'.repeat(64)],
];

for (const args of MISUSES) {
  test(`mandos ${args.join(' ')}: refused with status 2`, () => {
    assert.throws(
      () => start(args),
      (error: unknown) =>
        error instanceof MandosError && error.code === 'usage' && Number(error.exitCode) === 2,
    );
  });
}

test('port 0 on the command line takes the port of mandos.conf away', () => {
  assert.throws(() => start(['--no-zeroconf', '-p0'], '[DEFAULT]\nport=5\n'), /port or a socket/);
});

test('an address may be mapped IPv4, have a scope, or be IPv4 without IPv6', () => {
  assert.equal(settings(['-a', '::FFFF:192.0.2.3']).address, '::FFFF:192.0.2.3');
  assert.equal(settings(['-a', 'fe80::1%eth0']).address, 'fe80::1%eth0');
  assert.equal(settings(['-a', '192.0.2.3', '--no-ipv6']).address, '192.0.2.3');
});

const BROKEN_CONF: readonly (readonly [string, RegExp])[] = [
  ['[DEFAULT]\nfoo\n', /^\/etc\/mandos\/mandos\.conf:2: /],
  ['foo=1\n', /^\/etc\/mandos\/mandos\.conf:1: /],
  ['[DEFAULT]\nport=1\nport=2\n', /mandos\.conf:3: .*line 2/],
  ['[DEFAULT]\n\nport=foo\n', /mandos\.conf:3: option "port": not a whole number/],
  ['[DEFAULT]\nport=99999\n', /mandos\.conf:2: port 99999/],
  ['[DEFAULT]\nport=-3\n', /mandos\.conf:2: port -3/],
  ['[DEFAULT]\nport=%(nope)s\n', /mandos\.conf:2: option "port": .*"nope"/],
  ['[DEFAULT]\nsocket=x\n', /mandos\.conf:2: option "socket"/],
  ['[DEFAULT]\ndebug=maybe\n', /mandos\.conf:2: option "debug"/],
  ['[DEFAULT]\ndebug=\n', /mandos\.conf:2: option "debug"/],
  ['[DEFAULT]\nzeroconf=maybe\n', /mandos\.conf:2: option "zeroconf"/],
  ['[DEFAULT]\nforeground=maybe\n', /mandos\.conf:2: option "foreground"/],
  ['[DEFAULT]\ndebuglevel=FOO\n', /mandos\.conf:2: there is no debug level "FOO"/],
  ['[DEFAULT]\naddress=foo\n', /mandos\.conf:2: address "foo"/],
];

for (const [conf, message] of BROKEN_CONF) {
  test(`mandos.conf ${JSON.stringify(conf)}: refused with file, line and status 1`, () => {
    assert.throws(
      () => start([], conf),
      (error: unknown) =>
        error instanceof MandosError && error.exitCode === 1 && message.test(error.message),
    );
  });
}

test('a bad value in mandos.conf does not matter when the command line has another', () => {
  assert.equal(settings(['--port', '7'], '[DEFAULT]\nport=99999\n').port, 7);
});

test('what mandos.conf has besides is ignored, and said', () => {
  const conf = parseMandosConf(
    'm.conf',
    new TextEncoder().encode('[DEFAULT]\nfoo=%(bar)s\n[server]\nport=5\n'),
  );
  assert.deepEqual(conf.settings, {});
  assert.deepEqual(conf.warnings, [
    'm.conf:2: unknown option "foo" ignored',
    'm.conf:3: section "server" ignored: only [DEFAULT] counts',
  ]);
});

test('a mandos.conf that cannot be read is an error', () => {
  const files = memoryFiles();
  const locked = {
    ...files,
    readFile: () => {
      throw new MandosError('file-unreadable', 'locked');
    },
  };
  assert.throws(() => readServerOptions([], '9.9', locked), { code: 'file-unreadable' });
});

test('--help, --version and --check are told apart from serving', () => {
  assert.equal(start(['--check']).kind, 'check');
  for (const args of [['--version'], ['-v']]) {
    assert.deepEqual(start(args), { kind: 'print', text: 'mandos 9.9\n' });
  }
  const help = start(['-h']);
  assert.ok(help.kind === 'print');
  const names = ['interface', 'address', 'port', 'check', 'debug', 'debuglevel', 'priority'];
  const more = ['servicename', 'configdir', 'version', 'statedir', 'socket', 'foreground'];
  const negated = ['no-dbus', 'no-ipv6', 'no-restore', 'no-zeroconf', 'help'];
  for (const name of [...names, ...more, ...negated])
    assert.match(help.text, new RegExp(`--${name}\\b`));
});
