/** Debian's own mandos-client finds our responder by its own Zeroconf, over IPv6 link-local. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';
import { startAnnouncer } from '../support/zeroconf-peer.ts';

const needs = requires('original client', 'gnutls', 'gpg', 'namespaces');

test(
  "the original's client finds our responder and connects to what it announces",
  needs,
  async () => {
    await using keys = await ClientKeys.make();
    await using hooks = await TempDir.create();
    await using network = await NetworkNamespaces.make();
    await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
    const root = inRepository('.cache/originals/mandos-client/usr/lib');
    const [triplet] = readdirSync(root).filter((name) => name.endsWith('-gnu'));
    // Its key ring and its gpg-agent end with the namespaces of its own.
    await using client = RunningProgram.start(
      ...network.right.command(
        ...(['/usr/bin/unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', 'sh'] as const),
        ...['-c', 'mount -t tmpfs tmpfs /run && mkdir /run/tmp && "$@"; exit $?', 'sh'],
        ...[`${root}/${triplet}/mandos/plugins.d/mandos-client`, '--debug', '--retry=1'],
        ...[`--interface=${network.right.interface}`, `--network-hook-dir=${hooks.path}`],
        ...keys.options,
      ),
      { env: { MANDOSPLUGINHELPERDIR: `${root}/${triplet}/mandos/plugin-helpers` } },
    );
    const found = await announcer.waitForLine(/"kind":"connection"/, 60_000);
    assert.match(JSON.parse(found.input).from, /^fe80::[0-9a-f:]+%left0$/);
    assert.match(client.stderr, /Mandos/);
  },
);
