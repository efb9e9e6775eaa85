/** Debian's mandos-monitor on our server, in a terminal of tmux. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { minutes, wallTime } from '../../src/core/time.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { Monitor } from '../support/monitor.ts';
import { requires } from '../support/requirements.ts';

const needed = requires('original server', 'tmux');

function startModel(): FakeModel {
  const settings = { approvalDelay: minutes(5), approvedByDefault: false };
  const model = new FakeModel(['bar', 'foo'].map((name) => makeClient(name, { settings })));
  model.now = { boot: model.now.boot, wall: wallTime(Date.now()) };
  return model;
}

test('a failing check, an approval counting down, and keys that act', needed, async () => {
  const model = startModel();
  await using service = await ServiceOnABus.start(model);
  await using monitor = await Monitor.start(service.bus.address);
  await monitor.shows(/^bar:.*\nfoo:/m);

  model.check('foo', 'false', 256);
  await monitor.shows(/Checker for client foo \(command "false"\) failed with exit code 1/);

  model.askForSecret('bar', 1);
  const [, first = ''] =
    /Denial in 0:(\d\d:\d\d)/.exec(await monitor.shows(/^bar: Denial in/m)) ?? [];
  const later = await monitor.shows(new RegExp(`^bar: Denial in 0:(?!${first})`, 'm'));
  assert.match(later, /\(a\)pprove\?/);
  await monitor.press('a');
  await monitor.shows(/^bar: (?!Denial)/m);
  assert.deepEqual(model.acts.at(-1), { name: 'bar', act: { kind: 'approve', approved: true } });

  model.askForSecret('foo', 2);
  await monitor.shows(/^foo: Denial in/m);
  await monitor.press('Down');
  await monitor.press('d');
  await monitor.shows(/Client foo was rejected; reason: Denied/);
  assert.deepEqual(model.acts.at(-1), { name: 'foo', act: { kind: 'approve', approved: false } });

  await monitor.press('-');
  await monitor.shows(/^foo: DISABLED/m);
  await monitor.press('+');
  await monitor.shows(/^foo: (?!DISABLED)/m);
  await monitor.press('R');
  await monitor.showsNo(/^foo:/m);
  assert.deepEqual(model.acts.at(-1), { name: 'foo', act: { kind: 'remove' } });
});

test('it follows the server through a restart', needed, async () => {
  const model = startModel();
  await using service = await ServiceOnABus.start(model);
  await using monitor = await Monitor.start(service.bus.address);
  await monitor.shows(/^bar:.*\nfoo:/m);
  await service.service[Symbol.asyncDispose]();
  await monitor.showsNo(/^(bar|foo):/m);
  const { address } = service.bus;
  const context = { address, model, paths: new ClientPaths(), clock: bootClock, log: service.log };
  await using again = new MandosBus(context);
  await again.ready;
  await monitor.shows(/^bar:.*\nfoo:/m);
});
