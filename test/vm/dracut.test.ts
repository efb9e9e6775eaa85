/** A Debian with an image of dracut with systemd boots by itself, or by a typed password. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertClean } from './boot-checks.ts';
import { ownClientInDracutImages } from './dracut-client.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { startOwnServer } from './servers.ts';

describe('in an image of dracut with systemd', () => {
  it('our client boots with our server by Zeroconf', async () => {
    const installation = await ownClientInDracutImages();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan });
    assertClean(await machine.boots());
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it('boots by mandos=connect:, with the options of a drop-in and of the kernel', async () => {
    const { withDropIn } = await ownClientInDracutImages();
    await using lan = await Lan.make();
    const side = await lan.addServer();
    const address = await linkLocalAddress(side.ip);
    await using server = await startOwnServer(side, withDropIn.section, '--no-zeroconf');
    await using machine = await Machine.start({
      installation: withDropIn,
      lan,
      kernelOptions: [`mandos=connect:${address}:${server.port}`, 'ip=:::::eth0:off'],
    });
    const report = await machine.boots();
    assertClean(report);
    assert.match(server.log, /sending secret to vm at fe80::/);
    const [, device, verbosity, helpers] =
      /^.*hook: DEVICE=(\S*) VERBOSITY=(\S*) (\S*)/m.exec(report.console) ?? [];
    assert.equal(device, 'eth0', report.console);
    assert.equal(verbosity, '1', 'MANDOS_CLIENT_OPTIONS of the drop-in');
    assert.equal(helpers, '/lib/mandos/other-helpers', 'PASSWORD_AGENT_OPTIONS of the drop-in');
  });

  it('a person types while there is no server, and when it does not serve us', async () => {
    const installation = await ownClientInDracutImages();
    await using lan = await Lan.make();
    await using machine = await Machine.start({ installation, lan });
    await machine.typesPassword('something else');
    const section = `${installation.section}\nenabled = False\n`;
    await using server = await startOwnServer(await lan.addServer(), section);
    await server.program.waitForLine(/connection from fe80::/, 600_000);
    await machine.typesPassword();
    assertClean(await machine.boots());
    assert.doesNotMatch(server.log, /sending secret/);
  });

  it('does nothing with mandos=off', async () => {
    const installation = await ownClientInDracutImages();
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

async function linkLocalAddress(ip: (...args: readonly string[]) => Promise<string>) {
  const shown = await ip('-o', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'link');
  const address = /inet6 (\S+)\//.exec(shown)?.[1];
  assert.ok(address);
  return address;
}
