/** The contract is what Debian's server says of itself, to the last byte. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { FakeModel, makeClient } from './fake-model.ts';
import { SERVICE, ServiceOnABus } from './service-on-a-bus.ts';

const BUSCTL = '/usr/bin/busctl';

function reference(name: string): string {
  return readFileSync(inRepository(`test/dbus/fixtures/introspection-${name}.xml`), 'utf8');
}

/** A part of systemd: not every machine has it. */
function needsBusctl(): { readonly skip?: string } {
  return existsSync(BUSCTL) ? requires('private bus') : { skip: `${BUSCTL} is missing` };
}

const model = () => new FakeModel([makeClient('foo'), makeClient('bar')]);

test("introspection is that of Debian's server", requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  assert.equal(await service.introspect('/'), reference('root'));
  assert.equal(await service.introspect('/clients/foo'), reference('client'));
  assert.equal(await service.introspect('/clients'), reference('clients-node'));
  assert.equal(await service.introspect('/clients/nobody'), reference('nonexistent'));
});

test('busctl finds every object', needsBusctl(), async () => {
  await using service = await ServiceOnABus.start(model());
  const address = `--address=${service.bus.address}`;
  const tree = await succeed(BUSCTL, [address, '--list', 'tree', SERVICE]);
  assert.equal(tree.toString(), '/\n/clients\n/clients/bar\n/clients/foo\n');
});

test('without clients there is nothing below the root', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(new FakeModel());
  assert.equal((await service.introspect('/')).includes('<node name="clients"/>'), false);
  assert.equal(await service.introspect('/clients'), reference('nonexistent'));
});
