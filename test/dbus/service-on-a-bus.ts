import { milliseconds } from '../../src/core/time.ts';
import { BusConnection } from '../../src/dbus/connection.ts';
import { Variant } from '../../src/dbus/wire.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { FakeModel } from './fake-model.ts';
import { RestartableBus } from './restartable-bus.ts';

export const SERVICE = 'se.recompile.Mandos';
export const CLIENT_INTERFACE = 'se.recompile.Mandos.Client';
export const PROPERTIES_INTERFACE = 'org.freedesktop.DBus.Properties';

/** The service with a fake model on a bus of its own, and a program that calls it. */
export class ServiceOnABus implements AsyncDisposable {
  readonly bus: RestartableBus;
  readonly model: FakeModel;
  readonly log: RecordingLog;
  readonly service: MandosBus;
  readonly caller: BusConnection;

  private constructor(parts: {
    bus: RestartableBus;
    model: FakeModel;
    log: RecordingLog;
    service: MandosBus;
    caller: BusConnection;
  }) {
    this.bus = parts.bus;
    this.model = parts.model;
    this.log = parts.log;
    this.service = parts.service;
    this.caller = parts.caller;
  }

  static async start(model = new FakeModel(), policy?: string): Promise<ServiceOnABus> {
    await using cleanup = new AsyncDisposableStack();
    const bus = cleanup.use(await RestartableBus.start(policy));
    const log = new RecordingLog();
    const { address } = bus;
    const service = cleanup.use(
      new MandosBus({ address, model, paths: new ClientPaths(), clock: bootClock, log }),
    );
    await service.ready;
    const caller = cleanup.use(await BusConnection.open(address, { clock: bootClock, log }));
    cleanup.move();
    return new ServiceOnABus({ bus, model, log, service, caller });
  }

  call(path: string, name: string, signature = '', body: readonly unknown[] = []) {
    const dot = name.lastIndexOf('.');
    return this.caller.call({
      destination: SERVICE,
      path,
      interface: name.slice(0, dot),
      member: name.slice(dot + 1),
      signature,
      body,
      timeout: milliseconds(20_000),
    });
  }

  async get(path: string, property: string, from = CLIENT_INTERFACE): Promise<unknown> {
    const [value] = await this.call(path, `${PROPERTIES_INTERFACE}.Get`, 'ss', [from, property]);
    if (!(value instanceof Variant)) throw new TypeError('Get gave no variant');
    return value.value;
  }

  async set(path: string, property: string, signature: string, value: unknown): Promise<void> {
    const body = [CLIENT_INTERFACE, property, new Variant(signature, value)];
    await this.call(path, `${PROPERTIES_INTERFACE}.Set`, 'ssv', body);
  }

  async introspect(path: string): Promise<string> {
    const [xml] = await this.call(path, 'org.freedesktop.DBus.Introspectable.Introspect');
    return String(xml);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.caller[Symbol.asyncDispose]();
    await this.service[Symbol.asyncDispose]();
    await this.bus[Symbol.asyncDispose]();
  }
}
