/** Debian's own mandos-client finds our responder by its own Zeroconf, over IPv6 link-local. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { startOriginalClientOnLink } from '../support/original-client-on-link.ts';
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
    await using client = startOriginalClientOnLink(network.right, keys, hooks.path);
    const found = await announcer.waitForLine(/"kind":"connection"/, 60_000);
    assert.match(JSON.parse(found.input).from, /^fe80::[0-9a-f:]+%left0$/);
    assert.match(client.stderr, /Mandos/);
  },
);
