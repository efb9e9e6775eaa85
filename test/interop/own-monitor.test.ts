/** Our mandos-monitor on our server's bus, in a terminal of tmux. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { minutes, wallTime } from '../../src/core/time.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { RestartableBus } from '../dbus/restartable-bus.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { Monitor, type MonitorOptions } from '../support/monitor.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { requires } from '../support/requirements.ts';

const needed = requires('private bus', 'tmux');

function modelOf(...names: string[]): FakeModel {
  const settings = { approvalDelay: minutes(5), approvedByDefault: false };
  const model = new FakeModel(names.map((name) => makeClient(name, { settings })));
  model.now = { boot: model.now.boot, wall: wallTime(Date.now()) };
  return model;
}

function start(address: string, options: MonitorOptions = {}): Promise<Monitor> {
  return Monitor.start(address, { make: 'ours', size: [80, 24], ...options });
}

async function serve(address: string, model: FakeModel): Promise<MandosBus> {
  const log = new RecordingLog();
  const service = new MandosBus({
    address,
    model,
    paths: new ClientPaths(),
    clock: bootClock,
    log,
  });
  await service.ready;
  return service;
}

test('on 80 by 24, larger, tiny, and back', needed, async () => {
  const model = modelOf('bar', 'foo');
  await using service = await ServiceOnABus.start(model);
  await using monitor = await start(service.bus.address);
  const whole =
    /^bar: A checker .*\nfoo: A checker .*\n{10}─{80}\nMandos Monitor version .*\nq: Quit {2}\?: Help\n/;
  await monitor.shows(whole);
  await monitor.resize(132, 50);
  await monitor.shows(/^bar: .*\nfoo: .*\n{23}─{132}\nMandos Monitor/);
  await monitor.resize(20, 3);
  await monitor.shows(/^bar: A checker has\n──── client 1 of 2 ─\n/);
  await monitor.resize(1, 1);
  await monitor.shows(/^b\n$/);
  await monitor.press('Down');
  await monitor.shows(/^f\n$/);
  await monitor.resize(80, 24);
  await monitor.shows(whole);
});

test('it says that the server is gone, and goes on when it is back', needed, async () => {
  const model = modelOf('bar', 'foo');
  await using bus = await RestartableBus.start();
  await using monitor = await start(bus.address);
  await monitor.shows(/^No server: .*[\s\S]*── no server ──[\s\S]*: No Mandos server: /);
  {
    await using _server = await serve(bus.address, model);
    await monitor.shows(/^bar: .*\nfoo: [\s\S]*: The Mandos server is back/);
    await monitor.press('Down');
  }
  await monitor.shows(/^No server: there is no Mandos server on the message bus/);
  await monitor.press('+');
  {
    await using _server = await serve(bus.address, model);
    await monitor.shows(/^bar: .*\nfoo: /);
    await bus.stop();
    await monitor.shows(/^No server: the message bus is gone/);
  }
  await bus.startAgain();
  await using _server = await serve(bus.address, model);
  await monitor.shows(/^bar: .*\nfoo: /);
  // What was selected still is, and keys act again.
  await monitor.press('-');
  await monitor.shows(/^bar: A.*\nfoo: DISABLED/);
  assert.ok(!model.acts.some(({ act }) => act.kind === 'enable'));
});

test('clients that come and go, help, properties and a filter', needed, async () => {
  const model = modelOf('bar', 'foo', 'web1', 'web2');
  await using service = await ServiceOnABus.start(model);
  await using monitor = await start(service.bus.address);
  await monitor.shows(/^bar: .*\nfoo: .*\nweb1: .*\nweb2: /);
  model.add(makeClient('db'));
  await monitor.shows(/^bar: .*\ndb: .*\nfoo: /);
  model.happen('db', { kind: 'remove' });
  await monitor.shows(/^bar: .*\nfoo: /);

  await monitor.press('?');
  await monitor.shows(/^Help of mandos-monitor\n[\s\S]*w, i +Toggle log window line wrap/);
  await monitor.press('PageDown');
  await monitor.shows(/R, _, Ctrl-K +Remove client/);
  await monitor.press('F1');
  await monitor.shows(/^bar: /);

  await monitor.press('Down', 'Enter');
  await monitor.shows(/^Properties of client foo\nName: +foo\n[\s\S]*Approval delay: +0:05:00\n/);
  model.askForSecret('foo', 1);
  await monitor.shows(/State: +Denial in 0:0\d:\d\d\. \(a\)pprove\?/);
  await monitor.press('a');
  await monitor.shows(/State: +A checker has failed/);
  assert.deepEqual(model.acts.at(-1), { name: 'foo', act: { kind: 'approve', approved: true } });
  await monitor.press('Escape');
  await monitor.shows(/^bar: .*\nfoo: /);

  await monitor.type('/WEB2');
  await monitor.shows(/^web2: .*\n{11}Filter: WEB2_\n/);
  await monitor.press('Enter', '-');
  await monitor.shows(/^web2: DISABLED\n{11}──── filter: WEB2, client 1 of 1, of 4 in all ─/);
  await monitor.press('Escape');
  await monitor.shows(/^bar: .*\nfoo: .*\nweb1: .*\nweb2: DISABLED\n/);
});

test('what the server refuses is told', needed, async () => {
  const model = modelOf('bar');
  await using service = await ServiceOnABus.start(model);
  await using monitor = await start(service.bus.address);
  await monitor.shows(/^bar: /);
  model.refuseWith = new Error('a disk is full');
  await monitor.press('-');
  await monitor.shows(/: Cannot disable client bar: the server refused/);
  await monitor.press('-');
  await monitor.shows(/^bar: DISABLED/);
});

/** Everybody may do everything but ask the server. */
const NO_QUESTIONS = `<policy context="default">
  <allow user="*"/><allow own="*"/>
  <allow send_destination="*"/><allow receive_sender="*"/>
  <deny send_destination="se.recompile.Mandos" send_type="method_call"/>
</policy>`;

test('who may not use the server is told so', needed, async () => {
  await using bus = await RestartableBus.start(NO_QUESTIONS);
  await using _server = await serve(bus.address, modelOf('bar'));
  await using monitor = await start(bus.address);
  await monitor.shows(
    /^No server: the server refused [\s\S]*AccessDenied\)\.\nrun it as root\nWaiting/,
  );
});

test('ten thousand clients', needed, async () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `client${String(at).padStart(4, '0')}`);
  const model = modelOf(...names);
  await using service = await ServiceOnABus.start(model);
  await using monitor = await start(service.bus.address);
  await monitor.shows(/^client0000: /);
  await monitor.press('End');
  await monitor.shows(/^client9989: [\s\S]*client9999: .*\n──── client 10000 of 10000 ─/);
  for (const name of names) model.check(name, 'false', 256);
  await monitor.shows(/Checker for client client9999 \(command "false"\) failed/);
  await monitor.type('/777');
  await monitor.shows(/^client7771: [\s\S]*client9777: /);
  await monitor.press('Enter', 'Home');
  await monitor.shows(/^client0777: /);
  await monitor.press('R');
  await monitor.shows(/^client1777: [\s\S]*── filter: 777, client 1 of 18, of 9999 in all ─/);
});
