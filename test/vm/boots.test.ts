/** A Debian with an image of initramfs-tools boots by itself, or by a typed password. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assertClean, assertNoShell } from './boot-checks.ts';
import { originalClient, ownClient, ownClientWithTwoDisks } from './clients.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { STRANGER, startOriginalServer, startOwnServer } from './servers.ts';

describe('in an image of initramfs-tools, by Zeroconf with nothing but IPv6 link-local', () => {
  it('our client boots with our server', async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan });
    assertClean(await machine.boots());
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it("our client boots with Debian's server", async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    await using _ = await startOriginalServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan });
    assertClean(await machine.boots());
  });

  it("Debian's client boots with our server", async () => {
    const installation = await originalClient();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan });
    assert.deepEqual((await machine.boots()).lines('disk'), ['control', 'cryptroot']);
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it('boots with the second server, which comes late, when the first does not know it', async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    await using stranger = await startOwnServer(await lan.addServer(), STRANGER);
    await using machine = await Machine.start({ installation, lan });
    await stranger.program.waitForLine(/connection from fe80::/, 600_000);
    await machine.sees(/Please unlock disk cryptroot/);
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    assertClean(await machine.boots());
    assert.match(server.log, /sending secret to vm at fe80::/);
    assert.doesNotMatch(stranger.log, /sending secret/);
  });

  it('unlocks two disks', async () => {
    const installation = await ownClientWithTwoDisks();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({
      installation,
      lan,
      moreDisks: [installation.second],
    });
    assertClean(await machine.boots(), ['cryptroot', 'second']);
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it('reaches the server through the bridge that a network hook makes, and leaves none', async () => {
    const { bridge: installation } = await ownClientWithTwoDisks();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan });
    const report = await machine.boots();
    assertClean(report);
    assert.match(server.log, /sending secret to vm at fe80::/);
    const interfaces = report.lines('interface').map((line) => line.split(' ')[0]);
    assert.deepEqual(interfaces, ['eth0', 'lo']);
  });
});

describe('in an image of initramfs-tools, with mandos= on the command line of the kernel', () => {
  const ip = 'ip=192.0.2.2::192.0.2.1:255.255.255.0::eth0:off';

  it('connects to an address, over IPv4', async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    const side = await lan.addServer();
    await side.ip('address', 'add', '192.0.2.1/24', 'dev', 'eth0');
    await using server = await startOwnServer(side, installation.section, '--no-zeroconf');
    await using machine = await Machine.start({
      installation,
      lan,
      kernelOptions: [ip, `mandos=connect:192.0.2.1:${server.port}`],
    });
    const report = await machine.boots();
    assert.deepEqual(report.lines('disk'), ['control', 'cryptroot']);
    assert.match(server.log, /sending secret to vm at \S*192\.0\.2\.2/);
  });

  it('boots with all that an administrator may add and change', async () => {
    const { administered: installation } = await ownClientWithTwoDisks();
    await using lan = await Lan.make();
    const side = await lan.addServer();
    await side.ip('address', 'add', '192.0.2.1/24', 'dev', 'eth0');
    await using server = await startOwnServer(side, installation.section, '--no-zeroconf');
    const address = `192.0.2.1:${server.port}`;
    await using machine = await Machine.start({
      installation,
      lan,
      // The interface is left to DEVICE in initramfs.conf.
      kernelOptions: [
        'ip=192.0.2.2::192.0.2.1:255.255.255.0:::off',
        `mandos=connect:192.0.2.1:1,loudly,connect:${address}`,
      ],
    });
    const report = await machine.boots();
    const { console } = report;
    assert.deepEqual(report.lines('disk'), ['control', 'cryptroot']);
    assert.match(server.log, /sending secret to vm at \S*192\.0\.2\.2/);
    const told = Array.from(console.matchAll(/own (?:plugin|hook): .*/g), String);
    assert.deepEqual(told, [
      `own hook: data of its own, modules: 1, eth0 to ${address}`,
      'own hook: --dh-params=/conf/conf.d/mandos/dhparams.pem',
      'own plugin: hello --one --two=2',
      'own hook: stopped',
    ]);
    assert.deepEqual(
      report.lines('process').filter((line) => /mandos|sleep 1000/.test(line)),
      [],
    );
    assert.deepEqual(report.lines('file'), []);
    assertNoShell(console);
  });

  it('does nothing with mandos=off', async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({
      installation,
      lan,
      kernelOptions: ['mandos=off'],
    });
    await machine.typesPassword();
    assertClean(await machine.boots());
    assert.doesNotMatch(server.log, /connection from/);
  });
});

describe('in an image of initramfs-tools, without a server that helps', () => {
  it('the prompt takes the typed password at once', async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    await using machine = await Machine.start({ installation, lan });
    await machine.typesPassword();
    assertClean(await machine.boots());
  });

  it('a locked-out client gets no secret; wrong and right passwords are typed', async () => {
    const installation = await ownClient();
    await using lan = await Lan.make();
    const section = `${installation.section}\nenabled = False\n`;
    await using server = await startOwnServer(await lan.addServer(), section);
    await using machine = await Machine.start({ installation, lan });
    await server.program.waitForLine(/connection from fe80::/, 600_000);
    await machine.typesPassword('something else');
    await machine.sees(/cryptsetup failed, bad password/);
    await machine.typesPassword();
    assertClean(await machine.boots());
    assert.doesNotMatch(server.log, /sending secret/);
  });

  it('a wrong password from a server leaves a person more than one try', async () => {
    const installation = await ownClient();
    const wrong = await readFile(join(installation.files, 'wrong-section'), 'utf8');
    await using lan = await Lan.make();
    await using _ = await startOwnServer(await lan.addServer(), wrong);
    await using machine = await Machine.start({ installation, lan });
    await machine.sees(/the password from the server does not unlock cryptroot/);
    await machine.typesPassword('something else');
    await machine.sees(/(cryptsetup failed, bad password[\s\S]*){2}/);
    await machine.typesPassword();
    assertClean(await machine.boots());
  });
});
