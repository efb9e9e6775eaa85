/**
 * A new user with nothing but README.md: every command of its first machine is run, in order, on
 * two machines on a link of their own, with the packages installed for real. What cannot be
 * done here has a stand-in: the initial RAM disk and the restart (test/vm/ does both for real),
 * scp, and systemctl.
 */
import assert from 'node:assert/strict';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import { builtPackages } from '../support/built-packages.ts';
import { makeLuksDisk } from '../support/luks-disk.ts';
import { Monitor } from '../support/monitor.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { onATerminal } from '../support/on-a-terminal.ts';
import { OverlayMachine } from '../support/overlay-machine.ts';
import { type Outcome, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';
import { codeBlocks } from './readme.ts';

const PASSWORD = 'the secret of the disk';
const needs = requires(
  ...(['namespaces', 'root', 'cryptsetup', 'tmux', 'pseudo-terminal', 'private bus'] as const),
);

/** Starts and ends the server as the service manager would; the bus reads its policy at boot. */
const SYSTEMCTL = `#!/bin/sh
set -e
[ "$*" = "restart mandos" ]
kill -HUP "$(cat /run/dbus/pid)"
if [ -s /run/mandos.pid ]; then
  kill "$(cat /run/mandos.pid)"
  while [ -s /run/mandos.pid ]; do sleep 0.1; done
fi
exec /usr/sbin/mandos
`;

const STAND_INS: Readonly<Record<string, string>> = {
  systemctl: SYSTEMCTL,
  scp: '#!/bin/sh\n[ "$2" = root@server: ] && exec cp "$1" /run/sent\n',
  reboot: '#!/bin/sh\necho restarted >/run/restarted\n',
};

/** A package that has the name of one that makes initial RAM disks, and says when it did. */
async function makeInitramfsTools(dir: TempDir): Promise<string> {
  const script = `cd "$1" && mkdir -p p/DEBIAN p/usr/sbin &&
printf 'Package: initramfs-tools\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: stand-in\\n' >p/DEBIAN/control &&
printf '#!/bin/sh\\necho "$*" >/run/image-made\\n' >p/usr/sbin/update-initramfs &&
chmod 755 p p/DEBIAN p/usr p/usr/sbin p/usr/sbin/update-initramfs && dpkg-deb --build p initramfs-tools.deb`;
  await succeed('/bin/sh', ['-c', script, 'sh', dir.path]);
  return dir.join('initramfs-tools.deb');
}

/** The two machines, with what somebody has who begins. */
class Story implements AsyncDisposable {
  readonly server: OverlayMachine;
  readonly vault: OverlayMachine;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    server: OverlayMachine,
    vault: OverlayMachine,
    resources: AsyncDisposableStack,
  ) {
    this.server = server;
    this.vault = vault;
    this.#resources = resources;
  }

  static async begin(): Promise<Story> {
    await using resources = new AsyncDisposableStack();
    const dir = resources.use(await TempDir.create());
    const { left, right } = resources.use(await NetworkNamespaces.make());
    await left.ip('address', 'add', '192.0.2.1/24', 'dev', left.interface);
    await right.ip('address', 'add', '192.0.2.2/24', 'dev', right.interface);
    const server = resources.use(await OverlayMachine.start(left, 'server'));
    const vault = resources.use(await OverlayMachine.start(right, 'vault'));
    for (const machine of [server, vault]) await equip(machine);
    await copyFile(await makeInitramfsTools(dir), vault.path('/root/initramfs-tools.deb'));
    await done(vault, 'dpkg --install initramfs-tools.deb && rm initramfs-tools.deb');
    await copyFile(await makeLuksDisk(dir, PASSWORD), vault.path('/dev/sda3'));
    await done(server, 'echo 192.0.2.2 vault >>/etc/hosts');
    await done(server, 'mkdir -p /run/dbus && dbus-daemon --system --fork');
    return new Story(server, vault, resources.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** What everybody has who begins: the packages, and stand-ins for what is not here. */
async function equip(machine: OverlayMachine): Promise<void> {
  for (const [name, script] of Object.entries(STAND_INS)) {
    await machine.write(`/usr/local/bin/${name}`, script, 0o755);
  }
  // Nobody answers apt's question, and no archive is within reach.
  const apt = 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n';
  await machine.write('/etc/apt/apt.conf.d/99test', apt);
  for (const file of await builtPackages()) {
    await copyFile(file, machine.path(`/root/${file.split('/').at(-1)}`));
  }
}

/** Runs a command that must succeed; its standard output. Every question is answered by Return. */
async function done(machine: OverlayMachine, line: string): Promise<string> {
  const options = { timeout: 90_000, input: '\n\n\n' };
  const { code, stdout, stderr } = await machine.shell(line, options);
  assert.equal(code, 0, `${machine.name}: ${line}\n${stdout}${stderr}`);
  return stdout.toString();
}

async function rehearsed(story: Story): Promise<Outcome> {
  return await story.vault.shell('mandos-keygen --test');
}

/** How a command is run that wants a person, and what must be true when one has been run. */
const STEPS: Readonly<Record<string, (story: Story, output: string) => Promise<void>>> = {
  'mandos-keygen --password > vault.conf': async ({ vault }, output) => {
    assert.doesNotMatch(output, new RegExp(PASSWORD));
    assert.match(await vault.read('/root/vault.conf'), /^\[vault\]\nhost = vault\nkey_id = /);
  },
  'scp vault.conf root@server:': async ({ vault, server }) => {
    await copyFile(vault.path('/run/sent'), server.path('/root/vault.conf'));
  },
  'apt install ./mandos-ts-client_*.deb': async ({ vault }) => {
    const keys = await readdir(vault.path('/etc/keys/mandos'));
    assert.ok(keys.includes('tls-privkey.pem'));
    assert.match(await vault.read('/run/image-made'), /-u/);
  },
  'mandos-ctl': async ({ server }, output) => {
    assert.match(output, /^vault +Yes +00:05:00/m);
    await done(server, 'mandos-ctl --start-checker vault');
    const checked =
      'until mandos-ctl vault | grep -q "vault *Yes *00:05:00 *2"; do sleep 0.2; done';
    await done(server, checked);
  },
  'mandos-keygen --test --device /dev/sda3': async (_, output) => {
    assert.match(output, /the password opens '\/dev\/sda3'/);
  },
  reboot: async ({ vault }) => {
    assert.match(await vault.read('/run/restarted'), /restarted/);
    const keys = ['pubkey.txt', 'seckey.txt', 'tls-pubkey.pem', 'tls-privkey.pem'].map(
      (file) => `--${file.split('.')[0]}=/etc/keys/mandos/${file}`,
    );
    const client = '/usr/lib/*/mandos/plugins.d/mandos-client';
    assert.equal(await done(vault, `${client} ${keys.join(' ')}`), PASSWORD);
  },
  'mandos-ctl --disable vault': async (story) => {
    assert.equal((await rehearsed(story)).code, 77);
  },
  'mandos-ctl --explain vault': async (_, output) => {
    assert.match(output, /^No: vault is disabled until an operator enables it/);
  },
  'mandos-ctl --enable vault': async (story) => {
    assert.equal((await rehearsed(story)).code, 0);
  },
  'mandos-ledger': async (_, output) => {
    assert.match(output, /"vault" locked out \(operator\)\n.*"vault" enabled \(d-bus\)\n/);
  },
};

/** Types what the command asks for. */
async function typed(machine: OverlayMachine, line: string): Promise<string> {
  const { shown, code } = await onATerminal(machine.command('/bin/bash', '-c', line).flat(), [
    { expect: 'Password: ' },
    { echo: false },
    { type: `${PASSWORD}\r` },
    { expect: 'again: ' },
    { type: `${PASSWORD}\r` },
  ]);
  assert.equal(code, 0, shown);
  return shown;
}

/** Looks at the screen, and quits. */
async function watched(machine: OverlayMachine): Promise<string> {
  const [program, args] = machine.command('/usr/sbin/mandos-monitor');
  await using monitor = await Monitor.start('', { program: [program, ...args].join(' ') });
  const screen = await monitor.shows(/vault: enabled/);
  await monitor.press('q');
  assert.equal((await monitor.end()).status, 0);
  return screen;
}

async function carryOut(machine: OverlayMachine, line: string): Promise<string> {
  if (line.startsWith('mandos-keygen --password')) return await typed(machine, line);
  if (line === 'mandos-monitor') return await watched(machine);
  return await done(machine, line);
}

test('the first machine, command by command', { ...needs, timeout: 600_000 }, async () => {
  await using story = await Story.begin();
  const unused = new Set(Object.keys(STEPS));
  for (const { machine, lines } of codeBlocks()) {
    if (machine !== 'vault' && machine !== 'server') continue;
    for (const line of lines) {
      const output = await carryOut(story[machine], line);
      await STEPS[line]?.(story, output);
      unused.delete(line);
    }
  }
  assert.deepEqual(unused, new Set());
});

/** The original's package, made again from what is in it; its own scripts are not run. */
async function makeOriginal(dir: TempDir): Promise<string> {
  const control = `Package: mandos\nVersion: 1.8.16-1.1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: stand-in\n`;
  const script = `cd "$1" && cp -a "$2" original && mkdir original/DEBIAN && cd original &&
printf %s "$3" >DEBIAN/control && find etc -type f | sed 's,^,/,' >DEBIAN/conffiles &&
dpkg-deb -Znone --build . ../original.deb`;
  const tree = inRepository('.cache/originals/mandos');
  await succeed('/bin/sh', ['-c', script, 'sh', dir.path, tree, control]);
  return dir.join('original.deb');
}

test('moving over from the original keeps clients and their state', {
  ...requires('namespaces', 'original server'),
  timeout: 600_000,
}, async () => {
  await using dir = await TempDir.create();
  await using network = await NetworkNamespaces.make();
  await using machine = await OverlayMachine.start(network.left, 'server');
  await equip(machine);
  await copyFile(await makeOriginal(dir), machine.path('/root/original.deb'));
  await done(machine, 'dpkg --install original.deb && rm original.deb');
  const fixtures = 'test/server/store/fixtures/reference';
  const state = machine.path('/var/lib/mandos/clients.pickle');
  await copyFile(inRepository(`${fixtures}.conf`), machine.path('/etc/mandos/clients.conf'));
  await copyFile(inRepository(`${fixtures}.pickle`), state);
  await done(machine, 'mkdir -p /run/dbus && dbus-daemon --system --fork');
  const outputs = new Map<string, string>();
  for (const { lines } of codeBlocks().filter((block) => block.machine === 'moving')) {
    for (const line of lines) {
      outputs.set(line, await done(machine, line));
      // The package starts the server where there is a service manager.
      if (line.startsWith('apt install')) await done(machine, 'systemctl restart mandos');
    }
  }
  // Its time has long been over, and its timeout was changed at run time.
  assert.match(outputs.get('mandos-ctl') ?? '', /^foo +No +00:03:00/m);
  assert.match(outputs.get('mandos-ledger') ?? '', /ledger begun \(clients\.pickle\)/);
  const removed = await done(machine, "dpkg --list mandos | grep '^rc' || true");
  assert.match(removed, /^rc +mandos /, 'only its configuration files stay');
  assert.deepEqual(await readFile(state), await readFile(inRepository(`${fixtures}.pickle`)));
});
