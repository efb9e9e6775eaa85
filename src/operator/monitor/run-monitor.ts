/** The thin shell around the model: events of the terminal and the server in, actions out. */
import { orCancelled } from '../../core/cancellation.ts';
import { MandosError } from '../../core/error.ts';
import { silentLog } from '../../core/log.ts';
import { after, type Clock, seconds, type WallTime } from '../../core/time.ts';
import { systemBusAddress } from '../../dbus/bus-address.ts';
import { Interruption } from '../../system/interruptible.ts';
import { ScreenTerminal } from '../../system/screen-terminal.ts';
import { ServerWatch } from '../server/server-watch.ts';
import { actText, doAct } from './client-acts.ts';
import type { MonitorAction, MonitorEvent } from './model.ts';
import { render } from './render.ts';
import { ScreenPainter } from './screen-painter.ts';
import { charsetOf, type TerminalKind } from './terminal-kind.ts';
import { startModel, update } from './update.ts';

/** Countdowns count. */
const TICK = seconds(1);

export interface MonitorContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly kind: TerminalKind;
  readonly clock: Clock;
  readonly wallNow: () => WallTime;
  readonly signal: AbortSignal;
}

/**
 * Shows the server on the terminal until somebody quits. The terminal is then as it was.
 * Throws `MandosError` when the terminal goes away, `Interruption` on Ctrl-C, and the
 * signal's reason.
 */
export async function runMonitor(context: MonitorContext): Promise<void> {
  const { env, kind, clock, wallNow, signal } = context;
  const end = Promise.withResolvers<void>();
  /** What is called from outside must not throw there: the terminal would stay as it is. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      end.reject(error);
    }
  };
  const take = (event: MonitorEvent): void =>
    guarded(() => {
      const next = update(model, event, wallNow());
      model = next.model;
      for (const action of next.actions) perform(action);
      painter.request();
    });
  const perform = (action: MonitorAction): void => {
    switch (action.kind) {
      case 'act':
        act(action).catch(end.reject);
        return;
      case 'redraw':
        painter.forget();
        return;
      case 'suspend':
        screen.suspend().catch(end.reject);
        return;
      case 'interrupt':
        end.reject(new Interruption('SIGINT'));
        return;
      case 'quit':
        end.resolve();
        return;
      default:
        action satisfies never;
    }
  };
  const act = async (action: Extract<MonitorAction, { kind: 'act' }>): Promise<void> => {
    const what = actText(action.act, action.name);
    const { service } = watch;
    try {
      if (service === null) take({ kind: 'failed', what, why: 'there is no server' });
      else await doAct(service, action.act, action.path);
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
      take({ kind: 'failed', what, why: error.message });
    }
  };

  await using screen = new ScreenTerminal(kind, {
    key: (key) => take({ kind: 'key', key }),
    resized: () => take({ kind: 'resized', size: screen.size }),
    resumed: () => painter.forget(),
    lost: end.reject,
  });
  let model = startModel(screen.size, charsetOf(env), wallNow());
  const painter = new ScreenPainter({
    clock,
    frame: () => render(model, wallNow()),
    write: (text) => screen.write(text),
    fail: end.reject,
  });
  painter.request();
  using _ = ticking(clock, () => painter.request());
  const address = systemBusAddress(env);
  await using watch = new ServerWatch({ address, clock, log: silentLog, tell: take });
  await orCancelled(end.promise, signal);
}

function ticking(clock: Clock, tick: () => void): Disposable {
  let callOff: () => void;
  const wait = (): void => {
    callOff = clock.at(after(clock.now(), TICK), () => {
      tick();
      wait();
    });
  };
  wait();
  return { [Symbol.dispose]: () => callOff() };
}
