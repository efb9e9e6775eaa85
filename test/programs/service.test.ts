/** mandos(8) as a service: what it tells the service manager, and the sockets it is handed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, it } from 'node:test';
import { bindTcp, closeDescriptor, listenTcp, tcpSocket } from '../../src/native/libc.ts';
import { clientSection } from '../support/client-keys.ts';
import { DatagramListener } from '../support/datagram-listener.ts';
import { freePort } from '../support/free-port.ts';
import { ask } from '../support/mandos-peer.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { ServerHome } from '../support/server-home.ts';
import { TempDir } from '../support/temp-dir.ts';
import { tlsKey } from '../support/tls-keys.ts';

const MANDOS = inRepository('bin/mandos');
const key = tlsKey();
const secret = Buffer.from('the blob').toString('base64');
const clients = clientSection('foo', { key_id: key.keyId, secret });

/** A socket on loopback as a service manager makes it. */
async function boundSocket(): Promise<{ descriptor: number; port: number }> {
  const port = await freePort();
  const descriptor = tcpSocket('ipv4');
  bindTcp(descriptor, 'ipv4', '127.0.0.1', port, 0);
  listenTcp(descriptor, 16);
  return { descriptor, port };
}

/** Runs a shell line with these descriptors from 3 on; `$MANDOS` is the server. */
function withDescriptors(line: string, home: ServerHome, descriptors: readonly number[]) {
  const args = `--no-dbus --no-zeroconf --configdir ${home.path()} --statedir ${home.state()}`;
  const child = spawn('/bin/sh', ['-c', line], {
    env: {
      PATH: '/usr/bin:/bin',
      MANDOS: `${MANDOS} ${args}`,
      MANDOS_TEST_RUN: process.env.MANDOS_TEST_RUN,
    },
    stdio: ['ignore', 'ignore', 'pipe', ...descriptors],
  });
  for (const descriptor of descriptors) closeDescriptor(descriptor);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  return { child, log: () => log };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}

describe('mandos under a service manager', () => {
  it('is ready when it serves, well while it works, and says that it stops', async () => {
    await using dir = await TempDir.create(0o711);
    const socket = dir.join('notify');
    await using manager = await DatagramListener.start(socket);
    await using home = await ServerHome.make(clients);
    await using server = await home.start({
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' },
    });
    const [ready] = await manager.waitFor(/^READY=1$/m);
    assert.match(ready ?? '', new RegExp(`^STATUS=.*port ${server.port}$`, 'm'));
    assert.equal(
      Buffer.from((await ask(server.port, key.privatePem)) ?? []).toString(),
      'the blob',
    );
    await manager.waitFor(/^WATCHDOG=1$/, 5);
    await server.stop();
    await manager.waitFor(/^STOPPING=1$/m);
    assert.match(manager.datagrams[0] ?? '', /^READY=1$/m);
    assert.equal(manager.datagrams.filter((text) => text.startsWith('READY')).length, 1);
  });

  it('is not ready when it cannot start', async () => {
    await using dir = await TempDir.create(0o711);
    const socket = dir.join('notify');
    await using manager = await DatagramListener.start(socket);
    await using home = await ServerHome.make(clients);
    await using first = await home.start();
    const again = home.start({
      env: { NOTIFY_SOCKET: socket },
      options: ['--port', String(first.port)],
    });
    await assert.rejects(again, /EADDRINUSE/);
    assert.deepEqual(manager.datagrams, []);
  });

  it('shows its checkers nothing of the service manager', async () => {
    await using dir = await TempDir.create(0o711);
    const socket = dir.join('notify');
    await using _manager = await DatagramListener.start(socket);
    await using home = await ServerHome.make(
      clientSection('foo', { key_id: key.keyId, secret, checker: 'env', interval: 'PT1S' }),
    );
    await using server = await home.start({
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '20000000', LISTEN_FDNAMES: 'x' },
    });
    await server.program.waitForLine(/checker for foo: PATH=/);
    await server.program.waitForLine(/checker for foo succeeded/i);
    assert.doesNotMatch(server.log, /NOTIFY_SOCKET|WATCHDOG|LISTEN_/);
  });
});

describe('a socket that is handed to mandos', () => {
  const activated = 'export LISTEN_FDS LISTEN_PID=$$; exec $MANDOS --foreground --debug';

  it('by the service manager is served, without a port in the settings', async () => {
    await using home = await ServerHome.make(clients);
    const { descriptor, port } = await boundSocket();
    const { child, log } = withDescriptors(`LISTEN_FDS=1; ${activated}`, home, [descriptor]);
    try {
      const blob = await ask(port, key.privatePem);
      assert.equal(Buffer.from(blob ?? []).toString(), 'the blob', log());
    } finally {
      await stop(child);
    }
  });

  it('must be the only one', async () => {
    await using home = await ServerHome.make(clients);
    const sockets = [(await boundSocket()).descriptor, (await boundSocket()).descriptor];
    const { child, log } = withDescriptors(`LISTEN_FDS=2; ${activated}`, home, sockets);
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(log(), /handed over "2" sockets/);
    assert.match(log(), /hint: .*ListenStream/);
  });

  it('must be a TCP socket', async () => {
    await using home = await ServerHome.make(clients);
    const line = `LISTEN_FDS=1; exec 3</dev/null; ${activated}`;
    const { child, log } = withDescriptors(line, home, []);
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(log(), /file descriptor 3 cannot be used as a socket \(ENOTSOCK\)/);
  });

  for (const [how, line] of [
    ['with --socket', '$MANDOS --socket 3'],
    ['by the service manager', 'LISTEN_FDS=1; export LISTEN_FDS LISTEN_PID=$$; exec $MANDOS'],
  ]) {
    it(`${how} goes along into the background`, requires('namespaces'), async () => {
      await using home = await ServerHome.make(clients);
      const { descriptor, port } = await boundSocket();
      // Namespaces of its own: for the PID file, and so that the server ends with the test.
      await using dir = await TempDir.create(0o711);
      const script = await dir.write(
        'run',
        `mount -t tmpfs tmpfs /run
         sh -c '${line}' || exit
         exec 3>&-
         echo "started $(cat /run/mandos.pid)" >&2
         exec sleep infinity`,
      );
      const { child, log } = withDescriptors(
        `exec /usr/bin/unshare --mount --pid --fork --kill-child=KILL --mount-proc /bin/sh ${script}`,
        home,
        [descriptor],
      );
      try {
        const blob = await ask(port, key.privatePem);
        assert.equal(Buffer.from(blob ?? []).toString(), 'the blob', log());
      } finally {
        await stop(child, 'SIGKILL'); // unshare takes no notice of TERM
      }
    });
  }
});
