/** mandos(8) as a program: its command line, its sockets, its privileges, its end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { bindTcp, closeDescriptor, tcpSocket } from '../../src/native/libc.ts';
import { clientSection } from '../support/client-keys.ts';
import { freePort } from '../support/free-port.ts';
import { ask } from '../support/mandos-peer.ts';
import { RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { ServerProgram } from '../support/server-program.ts';
import { TempDir } from '../support/temp-dir.ts';
import { tlsKey } from '../support/tls-keys.ts';
import { waitForListener } from '../support/wait-for-listener.ts';

const MANDOS = inRepository('bin/mandos');
const key = tlsKey();
const secret = Buffer.from('the blob').toString('base64');
const clients = clientSection('foo', { key_id: key.keyId, secret });

/** Whether a TCP connection to the address comes about. */
async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  const outcome = await Promise.race([
    once(socket, 'connect').then(() => true),
    new Promise<boolean>((resolve) => socket.on('error', () => resolve(false))),
  ]).catch(() => false);
  socket.destroy();
  return outcome;
}

describe('the command line of mandos', () => {
  it('shows its version and its help', async () => {
    const version = await run(MANDOS, ['--version']);
    assert.match(version.stdout.toString(), /^mandos \d+\.\d+\.\d+\n$/);
    const help = await run(MANDOS, ['--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout.toString(), /--configdir/);
  });

  it('tests itself with --check', async () => {
    const { code, stdout } = await run(MANDOS, ['--check']);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /^ok: .*TLS/m);
    assert.doesNotMatch(stdout.toString(), /FAILED/);
  });

  for (const [args, message] of [
    [['--no-such-option'], /--no-such-option/],
    [['--port', 'many'], /port/],
    [['--port', '65536'], /65536/],
    [['--no-zeroconf'], /port or a socket/],
    [['--address', 'here'], /not an IPv6 address/],
    [['--debuglevel', 'LOUD'], /LOUD/],
  ] as const) {
    it(`refuses ${args.join(' ')} with status 2`, async () => {
      const { code, stderr, stdout } = await run(MANDOS, ['--configdir', '/nonexistent', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stdout.length, 0);
    });
  }

  it('says where mandos.conf is wrong', async () => {
    await using dir = await TempDir.create();
    await dir.write('mandos.conf', '[DEFAULT]\nuse_dbus = perhaps\n');
    const { code, stderr } = await run(MANDOS, ['--foreground', '--configdir', dir.path]);
    assert.equal(code, 1);
    assert.match(stderr, /mandos\.conf:2: .*use_dbus/);
  });

  it('refuses a priority that it does not understand, by name', async () => {
    await using dir = await TempDir.create();
    const args = ['--foreground', '--no-zeroconf', '--port', '4711', '--configdir', dir.path];
    const priority = 'SECURE128:+CTYPE-RAWPK:+MAGIC';
    const { code, stderr } = await run(MANDOS, [...args, '--priority', priority]);
    assert.equal(code, 1);
    assert.match(stderr, /MAGIC/);
  });

  it('says that its state cannot be kept where nothing can be made', async () => {
    await using dir = await TempDir.create();
    const args = ['--foreground', '--no-dbus', '--no-zeroconf', '--port', String(await freePort())];
    const folders = ['--configdir', dir.path, '--statedir', '/proc/nothing/here'];
    const { code, stderr } = await run(MANDOS, [...args, ...folders]);
    assert.equal(code, 1);
    assert.match(stderr, /directory '\/proc\/nothing\/here'/);
  });

  it('says that its port is taken', async () => {
    await using server = await ServerProgram.start({});
    await using dir = await TempDir.create();
    const args = ['--foreground', '--no-zeroconf', '--configdir', dir.path];
    const { code, stderr } = await run(MANDOS, [...args, '--port', String(server.port)]);
    assert.equal(code, 1);
    assert.match(stderr, /EADDRINUSE/);
  });
});

describe('the socket of mandos', () => {
  it('takes IPv6 and IPv4 unless told otherwise', async () => {
    await using both = await ServerProgram.start({});
    assert.equal(await answers('::1', both.port), true);
    assert.equal(await answers('127.0.0.1', both.port), true);
  });

  it('takes only IPv4 with --no-ipv6', async () => {
    await using server = await ServerProgram.start({ options: ['--no-ipv6'] });
    assert.equal(await answers('::1', server.port), false);
    assert.equal(await answers('127.0.0.1', server.port), true);
  });

  it('takes only what comes for --address', async () => {
    await using server = await ServerProgram.start({ options: ['--address', '::1'] });
    assert.equal(await answers('::1', server.port), true);
    assert.equal(await answers('127.0.0.1', server.port), false);
  });

  it('may be handed in with --socket, listening or not', async () => {
    await using dir = await TempDir.create(0o711);
    await dir.write('clients.conf', clients);
    const port = await freePort();
    const descriptor = tcpSocket('ipv4');
    bindTcp(descriptor, 'ipv4', '127.0.0.1', port, 0);
    const child = spawn(
      MANDOS,
      [
        ...['--debug', '--no-dbus', '--no-zeroconf', '--socket', '3', '--configdir', dir.path],
        ...['--statedir', dir.join('state')],
      ],
      { stdio: ['ignore', 'ignore', 'pipe', descriptor] },
    );
    closeDescriptor(descriptor);
    try {
      const exit = once(child, 'exit');
      await waitForListener(port, { exit, stderr: '' });
      assert.equal(Buffer.from((await ask(port, key.privatePem)) ?? []).toString(), 'the blob');
    } finally {
      child.kill();
      await once(child, 'close');
    }
  });

  it('says what is wrong with a --socket that is none', async () => {
    const { code, stderr } = await run(MANDOS, [
      ...['--foreground', '--no-zeroconf', '--socket', '0', '--configdir', '/nonexistent'],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /file descriptor 0/);
  });

  it('goes on without an interface that it cannot bind to', async () => {
    await using server = await ServerProgram.start({ options: ['--interface', 'nosuch0'] });
    assert.equal(await answers('127.0.0.1', server.port), true);
    assert.match(server.log, /ERROR: cannot bind to interface nosuch0/);
  });

  it('hears only its --interface', requires('namespaces'), async () => {
    await using dir = await TempDir.create(0o711);
    const options = `--port 4711 --configdir ${dir.path} --statedir ${dir.path}/state`;
    const server = `${MANDOS} --debug --no-dbus --no-zeroconf ${options}`;
    const reach = `${inRepository('scripts/node')} -e '
      require("node:net").connect(4711, process.argv[1])
        .on("connect", () => process.exit(0)).on("error", () => process.exit(1))'`;
    const script = `
      set -e; rm -f log
      ip link set lo up
      ip link add link0 type veth peer name link1
      ip address add 192.0.2.1/24 dev link0
      ip link set link0 up
      ip link set link1 up
      ${server} --interface "$1" 2>log &
      server=$!
      while ! grep -q 'now listening' log; do kill -0 $server; done
      for address in 127.0.0.1 192.0.2.1; do
        if ${reach} $address; then echo reached; else echo refused; fi
      done
      kill $server
      wait $server || true`;
    for (const [name, outcome] of [
      ['lo', 'reached\nrefused\n'],
      ['link0', 'refused\nreached\n'],
    ] as const) {
      const args = ['--net', '/bin/sh', '-c', script, 'sh', name];
      const { stdout, stderr } = await run('/usr/bin/unshare', args, { cwd: dir.path });
      assert.equal(stdout.toString(), outcome, stderr);
    }
  });
});

describe('the process of mandos', () => {
  it('gives up root before it serves, for good', requires('root'), async () => {
    await using server = await ServerProgram.start({ clients });
    await server.program.waitForLine(/now listening/); // the kernel takes connections before
    const status = readFileSync(`/proc/${server.program.pid}/status`, 'latin1');
    const [, ...uids] = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(status) ?? [];
    const [, ...gids] = /^Gid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(status) ?? [];
    assert.equal(new Set(uids).size, 1);
    assert.equal(new Set(gids).size, 1);
    assert.ok(!uids.includes('0') && !gids.includes('0'));
    assert.match(status, /^Groups:\s*$/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^CapPrm:\s+0+$/m);
  });

  it('leaves the groups behind that it was started with', requires('root'), async () => {
    await using dir = await TempDir.create(0o711);
    const port = await freePort();
    const options = ['--debug', '--no-dbus', '--no-zeroconf', '--port', String(port)];
    const folders = ['--configdir', dir.path, '--statedir', dir.join('state')];
    await using server = RunningProgram.start('/usr/bin/setpriv', [
      ...['--groups', '4,24', MANDOS, ...options, ...folders],
    ]);
    await server.waitForLine(/now listening/);
    assert.match(readFileSync(`/proc/${server.pid}/status`, 'latin1'), /^Groups:\s*$/m);
  });

  it('is called mandos in ps and the journal', async () => {
    await using server = await ServerProgram.start({ clients });
    assert.equal(readFileSync(`/proc/${server.program.pid}/comm`, 'latin1'), 'mandos\n');
  });

  it('leaves no core and cannot be looked into', async () => {
    await using server = await ServerProgram.start({ clients });
    await server.program.waitForLine(/now listening/); // the kernel takes connections before
    const limits = readFileSync(`/proc/${server.program.pid}/limits`, 'latin1');
    assert.match(limits, /^Max core file size\s+0\s+0\s/m);
    const owner = await run('/usr/bin/stat', ['-c', '%u', `/proc/${server.program.pid}/mem`]);
    assert.equal(owner.stdout.toString().trim(), '0', 'what is not dumpable belongs to root');
  });

  it('opens no debugger on SIGUSR1, and lives on', async () => {
    await using server = await ServerProgram.start({ clients });
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) server.program.kill(signal);
    await server.program.waitForLine(/ignored SIGPIPE/);
    await server.program.waitForLine(/ignored SIGUSR2/);
    assert.equal(
      Buffer.from((await ask(server.port, key.privatePem)) ?? []).toString(),
      'the blob',
    );
    assert.doesNotMatch(server.log, /[Dd]ebugger/);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`ends well on ${signal}, and tells a waiting client`, async () => {
      const waiting = clientSection('foo', { key_id: key.keyId, secret, approval_delay: 'PT1H' });
      await using server = await ServerProgram.start({ clients: waiting });
      const answer = ask(server.port, key.privatePem);
      await server.program.waitForLine(/waits for approval/);
      server.program.kill(signal);
      assert.deepEqual(await server.program.exit, { code: 0, signal: null });
      assert.equal(await answer, null);
    });
  }

  it(
    'goes into the background when it serves, with a PID file',
    requires('namespaces'),
    async () => {
      await using dir = await TempDir.create(0o711);
      await dir.write('clients.conf', clients);
      const port = await freePort();
      // A /run of its own, so that the machine's PID file is left alone.
      const script = `
      mount -t tmpfs tmpfs /run
      start() {
        "$1" --no-dbus --no-zeroconf --port "$2" --configdir "$3" --statedir "$3/state"
      }
      start "$@" || exit
      echo "started $(cat /run/mandos.pid)"
      read -r line
      start "$@"
      echo "second $? $(cat /run/mandos.pid)"
      read -r line
      kill "$(cat /run/mandos.pid)"
      while [ -s /run/mandos.pid ]; do :; done
      echo ended`;
      await using shell = RunningProgram.start(
        '/usr/bin/unshare',
        ['--mount', '/bin/sh', '-c', script, 'sh', MANDOS, String(port), dir.path],
        { keepInputOpen: true },
      );
      const [, pid] = await shell.waitForLine(/^started (\d+)$/);
      assert.equal(Buffer.from((await ask(port, key.privatePem)) ?? []).toString(), 'the blob');
      for (const descriptor of [0, 1, 2]) {
        assert.equal(readlinkSync(`/proc/${pid}/fd/${descriptor}`), '/dev/null');
      }
      assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
      shell.writeInput('\n');
      await shell.waitForLine(/EADDRINUSE/);
      await shell.waitForLine(new RegExp(`^second 1 ${pid}$`));
      shell.writeInput('\n');
      await shell.waitForLine(/^ended$/);
      assert.equal((await shell.exit).code, 0);
    },
  );
});
