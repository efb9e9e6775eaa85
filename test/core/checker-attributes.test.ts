import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkerAttributes } from '../../src/core/checker-attributes.ts';
import { expandChecker } from '../../src/core/checker-command.ts';
import { LifeWorld, newClient, START } from './life-world.ts';

test('a checker can name the client as it is', () => {
  const client = newClient({ host: "o'host" });
  const attributes = checkerAttributes(client, null);
  assert.deepEqual(expandChecker('%(name)s %(host)s %(enabled)s %(last_checked_ok)s', attributes), {
    kind: 'command',
    command: `foo 'o'"'"'host' True None`,
  });
  assert.equal(attributes.created, START.wall);
  assert.ok(attributes.expires !== null && attributes.expires > START.wall);
});

test('a client that is locked out has no expiry', () => {
  const world = new LifeWorld().happen({ kind: 'disable' });
  const attributes = checkerAttributes(world.client, '/clients/foo');
  assert.equal(attributes.enabled, false);
  assert.equal(attributes.expires, null);
  assert.equal(attributes.dbus_object_path, '/clients/foo');
});
