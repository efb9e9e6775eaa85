/** A Debian with an image of dracut without systemd: plugin-runner takes the place of its prompt. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { assertClean } from './boot-checks.ts';
import { ownClientInDracutImages } from './dracut-client.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { startOwnServer } from './servers.ts';

/** The prompt of our password-prompt, and that of cryptsetup itself. */
const OURS = /^Password \(\/dev\/vda\): $/m;
const CRYPTSETUPS = /Enter passphrase for \/dev\/vda: ?/;

describe('in an image of dracut without systemd', () => {
  it('our client boots with our server by Zeroconf', async () => {
    const { withoutSystemd: installation } = await ownClientInDracutImages();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan, kernelOptions: ['rd.auto'] });
    assertClean(await machine.boots());
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it('a person types when there is no server, and after its wrong password; nothing opens a shell', async () => {
    const { withoutSystemd: installation } = await ownClientInDracutImages();
    const wrong = await readFile(join(installation.files, 'wrong-section'), 'utf8');
    await using lan = await Lan.make();
    await using machine = await Machine.start({ installation, lan, kernelOptions: ['rd.auto'] });
    await machine.typesPassword('something else', OURS);
    await machine.sees(/Wrong password/);
    await using server = await startOwnServer(await lan.addServer(), wrong);
    // Once in the place of the prompt, and once beside it.
    await machine.sees(/(Wrong password[\s\S]*){3}/);
    await machine.sees(/Mandos: the password from the server does not unlock/);
    assert.match(server.log, /(sending secret to vm at fe80::[\s\S]*){2}/);
    for (let tries = 0; tries < 4; tries++) await machine.typesPassword('something else', OURS);
    await machine.typesPassword(undefined, OURS);
    const report = await machine.boots();
    assertClean(report);
    assert.equal(report.console.match(/Wrong password/g)?.length, 7);
  });

  it('boots with a server that comes after somebody has typed wrongly twice', async () => {
    const { withoutSystemd: installation } = await ownClientInDracutImages();
    await using lan = await Lan.make();
    await using machine = await Machine.start({ installation, lan, kernelOptions: ['rd.auto'] });
    for (let tries = 0; tries < 2; tries++) await machine.typesPassword('something else', OURS);
    await machine.sees(/(Wrong password[\s\S]*){2}/);
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    assertClean(await machine.boots());
    assert.match(server.log, /sending secret to vm at fe80::/);
  });

  it('does nothing with mandos=off', async () => {
    const { withoutSystemd: installation } = await ownClientInDracutImages();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({
      installation,
      lan,
      kernelOptions: ['rd.auto', 'mandos=off'],
    });
    await machine.typesPassword(undefined, CRYPTSETUPS);
    assertClean(await machine.boots());
    assert.doesNotMatch(server.log, /connection from/);
  });
});
