/** The store when its thread ends by itself: noticed at once, and nobody waits for it (F1, F2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { silentLog } from '../../../src/core/log.ts';
import type { Answer, Request } from '../../../src/server/store/job.ts';
import { Store } from '../../../src/server/store/store.ts';
import { StoreThread } from '../../../src/server/store/thread.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { storedAt } from './state-world.ts';

const HANG = { timeout: 20_000 };

async function openStore(directory: string) {
  const thread = new StoreThread();
  const options = { directory, now: () => storedAt(1), log: silentLog };
  const { store } = await Store.open(options, thread);
  return { thread, store };
}

const change = { name: 'a', row: undefined, ledger: { kind: 'added', enabled: true } } as const;

/** A thread that keeps a job to itself until it is let go on. */
class HeldThread extends StoreThread {
  readonly held = Promise.withResolvers<void>();

  override async ask(request: Request): Promise<Answer> {
    if (request.kind === 'job') await this.held.promise;
    return await super.ask(request);
  }
}

describe('a disk that does not answer', HANG, () => {
  it('is told of, and counts as one that fails until it answers', async () => {
    await using dir = await TempDir.create();
    const thread = new HeldThread();
    const log = new RecordingLog();
    const options = { directory: dir.join('state'), now: () => storedAt(1), log, slow: 10 };
    const { store } = await Store.open(options, thread);
    await using _store = store;
    const saved = store.save([change]);
    while (!store.failing) await setImmediate();
    assert.match(log.at('error').join(), /writing to '.*' has taken 0.01 s and goes on/);
    thread.held.resolve();
    await saved;
    assert.equal(store.failing, false);
    assert.match(log.at('warning').join(), /the writing to '.*' is done/);
  });
});

describe('a store whose thread has ended', HANG, () => {
  it('says so at once, though it was asked nothing', async () => {
    await using dir = await TempDir.create();
    const { thread, store } = await openStore(dir.join('state'));
    await using _store = store;
    assert.equal(store.failing, false);
    await thread.stop();
    const failure = await store.failure;
    assert.match(failure.message, /nothing can be stored in '.*' any more: the store has ended/);
    assert.equal(failure.exitCode, 70);
    assert.equal(store.failing, true);
  });

  it('rejects what is being written, what waits and what comes', async () => {
    await using dir = await TempDir.create();
    const { thread, store } = await openStore(dir.join('state'));
    await using _store = store;
    const all = [store.save([change]), store.touch(), store.markComplete()];
    const stopped = thread.stop();
    for (const one of all) await assert.rejects(one, /nothing can be stored/);
    await stopped;
    await assert.rejects(store.save([change]), /nothing can be stored/);
    await assert.rejects(store.touch(), /nothing can be stored/);
    await assert.rejects(store.markComplete(), /nothing can be stored/);
  });

  it('tells the fault that ended it', async () => {
    const thread = new StoreThread();
    const job = { strict: [], rows: new Map(), loose: [], complete: false, sign: storedAt(1) };
    await assert.rejects(thread.ask({ kind: 'job', job }), /the store failed/);
    const { cause } = await thread.ended;
    assert.match(String(cause), /a job before the state was opened/);
  });

  it('does not take its end for a failure when it was closed', async () => {
    await using dir = await TempDir.create();
    const { thread, store } = await openStore(dir.join('state'));
    let failed = false;
    void store.failure.then(() => {
      failed = true;
    });
    await store[Symbol.asyncDispose]();
    await thread.ended;
    assert.equal(failed, false);
    await assert.rejects(store.touch(), /the store was closed/);
  });
});
