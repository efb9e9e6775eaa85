/** From the stored state and clients.conf to the clients the server starts with. */
import { randomInt } from 'node:crypto';
import type { ClientsConf } from '../config/clients-conf.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { storedMoment } from '../core/client-row.ts';
import type { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { Moment } from '../core/moment.ts';
import { type Clock, wallTime } from '../core/time.ts';
import { bootId as readBootId } from '../system/boot-id.ts';
import type { ClientSaver } from './client-saver.ts';
import type { LiveClientStart } from './live-client.ts';
import { startClients } from './store/start-clients.ts';
import { Store } from './store/store.ts';
import { StoreSaver } from './store-saver.ts';

/** How often the store is told that the server lives: so much of a lease a crash can hide. */
const SIGN_OF_LIFE_MILLISECONDS = 30_000;

export interface ServerState extends AsyncDisposable {
  readonly saver: ClientSaver;
  readonly bootId: string;
  /** In the order of clients.conf; all that was decided about them is durable. */
  readonly clients: readonly LiveClientStart[];
  /** Resolves when nothing can be stored any more, however long one waits. */
  readonly failure: Promise<MandosError>;
}

/**
 * Opens the state directory and decides who lives.
 * @throws MandosError when the state can neither be read nor replaced: nobody is to be served
 */
export async function openState(
  conf: ClientsConf,
  settings: ServerSettings,
  clock: Clock,
  log: Log,
): Promise<ServerState> {
  const bootId = readBootId();
  const now = (): Moment => ({ boot: clock.now(), wall: wallTime(Date.now()) });
  const { store, content } = await Store.open({
    directory: settings.stateDirectory,
    now: () => storedMoment(now(), bootId),
    log,
  });
  try {
    for (const problem of content.problems) log.log('critical', problem);
    for (const notice of content.notices) log.log('warning', notice);
    const started = await startClients(conf, content, {
      now: now(),
      bootId,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      restore: settings.restore,
    });
    for (const notice of started.notices) log.log('warning', notice);
    await store.save(started.changes);
    if (started.complete) await store.markComplete();
    await store.touch();
    const sealing = new Map(
      started.clients.map(({ client, sealing }) => [client.settings.name, sealing]),
    );
    const saver = new StoreSaver(store, sealing);
    const signs = setInterval(() => {
      store.touch().catch(() => undefined); // the store has told what is wrong
    }, SIGN_OF_LIFE_MILLISECONDS);
    return {
      saver,
      bootId,
      clients: started.clients.map(({ client, secret, written }) => ({
        client,
        blob: secret,
        written,
      })),
      failure: store.failure,
      async [Symbol.asyncDispose]() {
        clearInterval(signs);
        await store.touch().catch(() => undefined);
        await store[Symbol.asyncDispose]();
        saver[Symbol.dispose]();
      },
    };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}
