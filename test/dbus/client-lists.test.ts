/** All clients in one answer, as Debian's server gives it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { KeyId } from '../../src/core/key-id.ts';
import { milliseconds, wallTime } from '../../src/core/time.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { FakeModel, makeClient, START } from './fake-model.ts';
import { CLIENT_INTERFACE, ServiceOnABus } from './service-on-a-bus.ts';
import { plain } from './signal-collector.ts';

const FOO = '/clients/foo';
const model = () => new FakeModel([makeClient('foo'), makeClient('bar')]);

test('GetManagedObjects answers as the reference does', requires('private bus'), async () => {
  const at = (text: string) => wallTime(Date.parse(`${text.slice(0, 23)}Z`));
  const json = JSON.parse(
    readFileSync(inRepository('test/dbus/fixtures/managed-objects.json'), 'utf8'),
  );
  const [reference] = json.data;
  const clients = Object.entries<Record<string, Record<string, { data: never }>>>(reference).map(
    ([, interfaces]) => {
      const shown = interfaces[CLIENT_INTERFACE] ?? {};
      const value = (name: string) => String(shown[name]?.data);
      const time = (name: string) => (value(name) === '' ? null : at(value(name)));
      const duration = (name: string) => milliseconds(Number(shown[name]?.data));
      const foo = makeClient('foo');
      assert.equal(foo.life.kind, 'enabled');
      return makeClient(value('Name'), {
        settings: {
          keyId: value('KeyID') === '' ? null : (value('KeyID') as KeyId),
          fingerprint: value('Fingerprint'),
          host: value('Host'),
          checker: value('Checker'),
          approvalDelay: duration('ApprovalDelay'),
          approvedByDefault: shown.ApprovedByDefault?.data === true,
        },
        life: { ...foo.life, expires: { boot: START as never, wall: at(value('Expires')) } },
        created: at(value('Created')),
        lastEnabled: time('LastEnabled'),
        lastCheckedOk: time('LastCheckedOK'),
        lastCheckerStatus: Number(shown.LastCheckerStatus?.data),
      });
    },
  );
  await using service = await ServiceOnABus.start(new FakeModel(clients));
  const [objects] = await service.call('/', 'org.freedesktop.DBus.ObjectManager.GetManagedObjects');
  // Microseconds are beyond our clock: three digits and three zeros.
  const expected = JSON.stringify(reference).replaceAll(/(T[\d:]{8}\.\d{3})\d{3}/g, '$1000');
  assert.deepEqual(fromPairs(plain(objects)), JSON.parse(expected));
});

/** Dicts arrive as pairs; in this reply every array of pairs is one. */
function fromPairs(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(value.map(([key, inner]) => [key, fromPairs(inner)]));
}

test('GetAllClients and its sister list every client', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  for (const name of ['se.recompile.Mandos', 'se.bsnet.fukt.Mandos']) {
    const [paths] = await service.call('/', `${name}.GetAllClients`);
    assert.deepEqual(paths, [FOO, '/clients/bar']);
    const [dicts] = await service.call('/', `${name}.GetAllClientsWithProperties`);
    const shown = fromPairs(plain(dicts)) as Record<string, Record<string, unknown>>;
    assert.deepEqual(shown[FOO]?.Name, { type: 's', data: 'foo' });
    assert.equal(Object.keys(shown[FOO] ?? {}).length, 21);
  }
});
