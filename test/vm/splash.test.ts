/** A Debian with Plymouth, whose splash screen asks for the password in the place of the console. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertClean } from './boot-checks.ts';
import { ownClientWithPlymouth } from './clients.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';
import { startOwnServer } from './servers.ts';

describe('in an image of initramfs-tools with Plymouth', () => {
  const kernelOptions = ['quiet', 'splash'];

  it('our client boots with our server', async () => {
    const installation = await ownClientWithPlymouth();
    await using lan = await Lan.make();
    await using server = await startOwnServer(await lan.addServer(), installation.section);
    await using machine = await Machine.start({ installation, lan, kernelOptions });
    const report = await machine.boots();
    assertClean(report);
    assert.match(server.log, /sending secret to vm at fe80::/);
    assertPlymouthRan(report.lines('process'));
  });

  it('the splash screen takes the typed password at once', async () => {
    const installation = await ownClientWithPlymouth();
    await using lan = await Lan.make();
    await using machine = await Machine.start({ installation, lan, kernelOptions });
    await machine.typesPassword(undefined, /Please unlock disk cryptroot/);
    const report = await machine.boots();
    assertClean(report);
    assertPlymouthRan(report.lines('process'));
  });
});

/** It lives on into the real system. */
function assertPlymouthRan(processes: readonly string[]): void {
  assert.ok(processes.some((line) => line.startsWith('/usr/sbin/plymouthd ')));
}
