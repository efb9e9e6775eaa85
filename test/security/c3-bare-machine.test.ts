/**
 * C3: the boot client needs no clock: it works with the date at 1970, with no `/dev/fd`, no
 * gpg, no avahi, no D-Bus.
 */
import assert from 'node:assert/strict';
import { chmod, chown } from 'node:fs/promises';
import process from 'node:process';
import test from 'node:test';
import { parseKeyId } from '../../src/core/key-id.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { atDate } from '../support/fake-time.ts';
import { startServer, type TestServer } from '../support/mandos-server.ts';
import { type Outcome, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const PASSWORD = 'correct horse battery staple';

async function serverFor(keys: ClientKeys): Promise<TestServer> {
  const keyId = parseKeyId(keys.keyId);
  assert.ok(keyId.kind === 'key-id');
  return await startServer({
    clients: [{ keyId: keyId.keyId, secret: await keys.seal(PASSWORD) }],
  });
}

/** Runs our client by another program. */
async function clientBy(command: readonly string[], keys: ClientKeys): Promise<Outcome> {
  await using server = await serverFor(keys);
  const [program = '', ...args] = command;
  return await run(program, [
    ...args,
    ...[inRepository('bin/mandos-client'), `--connect=127.0.0.1:${server.port}`],
    ...keys.options,
  ]);
}

test('the date may be 1970', requires('faketime', 'namespaces', 'gnutls', 'gpg'), async () => {
  await using keys = await ClientKeys.make();
  // So that the test is known to test something.
  const node = [inRepository('scripts/node'), '--print', 'new Date().getUTCFullYear()'];
  const { stdout: year } = await run(...atDate('1970-01-01 00:01:00', node));
  assert.equal(year.toString().trim(), '1970');
  const [program, args] = atDate('1970-01-01 00:01:00', []);
  const { code, stdout, stderr } = await clientBy([program, ...args], keys);
  assert.deepEqual([code, stdout.toString(), stderr], [0, PASSWORD, '']);
});

test('there may be no environment at all', requires('gnutls', 'gpg'), async () => {
  await using keys = await ClientKeys.make();
  const { code, stdout, stderr } = await clientBy(['/usr/bin/env', '-i'], keys);
  assert.deepEqual([code, stdout.toString(), stderr], [0, PASSWORD, '']);
});

test(
  '/dev, /run, /tmp and /var may be empty',
  requires('gnutls', 'gpg', 'namespaces'),
  async () => {
    await using keys = await ClientKeys.make();
    // The keys are in a temporary folder, so that one stays.
    const places = ['/dev', '/run', '/var', '/tmp'].filter(
      (place) => !keys.directory.startsWith(place),
    );
    const empty = places.map((place) => `mount -t tmpfs tmpfs ${place}`).join(' && ');
    const script = `${empty} && exec "$@"`;
    const bare = ['/usr/bin/unshare', '--mount', '/bin/sh', '-c', script, 'sh'];
    const { code, stdout, stderr } = await clientBy([...bare, '/usr/bin/env', '-i'], keys);
    assert.deepEqual([code, stdout.toString(), stderr], [0, PASSWORD, '']);
  },
);

test('it needs no privileges', requires('gnutls', 'gpg', 'namespaces'), async () => {
  await using keys = await ClientKeys.make();
  // A user that is nobody in this namespace and has no capability in any other.
  const unprivileged = ['/usr/bin/unshare', '--user', '/usr/bin/setpriv', '--bounding-set=-all'];
  const { code, stdout, stderr } = await clientBy(
    [...unprivileged, '--inh-caps=-all', '--no-new-privs'],
    keys,
  );
  assert.deepEqual([code, stdout.toString(), stderr], [0, PASSWORD, '']);
});

/** Leads nowhere but to the libraries of the runtime, the program, the keys and /proc. */
const CHROOT = `set -e
mount -t tmpfs tmpfs "$ROOT"
ldd "$NODE" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$ROOT\${library%/*}" && cp "$library" "$ROOT$library"
done
for place in /proc "$REPOSITORY" "$KEYS"; do
  mkdir -p "$ROOT$place" && mount --bind "$place" "$ROOT$place"
done
exec /usr/sbin/chroot --userspec=65534:65534 --groups= "$ROOT" "$@"
`;

test(
  'in a chroot with nothing but its libraries and /proc, as user 65534',
  requires('root', 'gnutls', 'gpg', 'namespaces'),
  async () => {
    await using keys = await ClientKeys.make();
    await using root = await TempDir.create(0o755);
    const { tlsPrivateKey, tlsPublicKey, openPgpSecretKey, openPgpPublicKey } = keys;
    for (const path of [tlsPrivateKey, tlsPublicKey, openPgpSecretKey, openPgpPublicKey]) {
      await chown(path, 65_534, 65_534);
    }
    await chmod(keys.directory, 0o711);
    await using server = await serverFor(keys);
    const { code, stdout, stderr } = await run(
      '/usr/bin/unshare',
      [
        ...['--mount', '/bin/sh', '-c', CHROOT, 'sh', process.execPath],
        ...['--disable-warning=ExperimentalWarning', '--openssl-config=/nonexistent'],
        ...[inRepository('src/main.ts'), 'mandos-client', `--connect=127.0.0.1:${server.port}`],
        ...keys.options,
      ],
      {
        env: {
          ROOT: root.path,
          NODE: process.execPath,
          REPOSITORY: inRepository('.'),
          KEYS: keys.directory,
        },
      },
    );
    assert.deepEqual([code, stdout.toString(), stderr], [0, PASSWORD, '']);
  },
);
