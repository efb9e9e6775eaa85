/**
 * A program for a small file system of its own at the path given as its first argument: fills
 * it up to every level and sees what the store still does. It fails when a promise is broken.
 */
import assert from 'node:assert/strict';
import { closeSync, cpSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { MandosError } from '../../../src/core/error.ts';
import { Store } from '../../../src/server/store/store.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { confOf, StateStart, sectionText, storedAt } from './state-world.ts';

const NAMES = Array.from({ length: 40 }, (_, index) => `client-${index}`);
const CONF = confOf(...NAMES);
const PAGE = 4096;
const [, , mount = '', outside = '', rounds = '1'] = process.argv;
const state = join(mount, 'state');
const ballast = join(mount, 'ballast');

/** Fills the file system until only so many pages are free. */
function fill(pagesLeft: number): void {
  const { bavail, bsize } = statfsSync(mount);
  const pages = Math.max(0, (bavail * bsize) / PAGE - pagesLeft);
  const descriptor = openSync(ballast, 'w');
  const page = Buffer.alloc(PAGE, 1);
  for (let written = 0; written < pages; written++) writeSync(descriptor, page);
  closeSync(descriptor);
}

/** A start with what a crash at this moment would leave, on a disk with space. */
async function afterCrash(): Promise<StateStart> {
  rmSync(outside, { recursive: true, force: true });
  cpSync(state, outside, { recursive: true });
  return await StateStart.at(outside, `${CONF}${sectionText('new', 99)}`, { at: 2 });
}

function clear(): void {
  rmSync(state, { recursive: true, force: true });
  rmSync(ballast, { force: true });
}

async function lockOutsFindTheirSpace(pagesLeft: number): Promise<void> {
  clear();
  {
    using start = await StateStart.at(state, CONF);
    start.settle();
    start.lockOut('client-0');
    fill(pagesLeft);
    // The row may not find its place; that of the ledger is set aside.
    for (const name of NAMES.slice(1, -1)) {
      try {
        start.lockOut(name);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }
    using after = await afterCrash();
    assert.deepEqual(after.alive, ['client-39', 'new'], `${pagesLeft} pages left`);
  }
  rmSync(ballast);
}

async function enablingsAreWholeOrNot(pagesLeft: number): Promise<void> {
  clear();
  using start = await StateStart.at(state, CONF);
  start.settle();
  for (const name of NAMES) start.lockOut(name);
  fill(pagesLeft);
  const enabled = NAMES.filter((name) => {
    try {
      start.enable(name);
      return true;
    } catch {
      return false;
    }
  });
  {
    using after = await afterCrash();
    assert.deepEqual(after.alive.toSorted(), [...enabled, 'new'].toSorted());
  }
  rmSync(ballast);
  for (const name of NAMES) start.enable(name);
  using after = await afterCrash();
  assert.equal(after.alive.length, NAMES.length + 1);
}

/** A first start, and a start after damage, on a disk that fills while the store is made. */
async function startsAreWholeOrNot(pagesLeft: number): Promise<void> {
  clear();
  fill(pagesLeft);
  const attempt = async (): Promise<void> => {
    try {
      using start = await StateStart.at(state, CONF);
      start.settle();
    } catch (error) {
      const refused = error instanceof MandosError || /full|space/.test(String(error));
      assert.ok(refused, `not the error of a full disk: ${error}`);
    }
  };
  await attempt();
  rmSync(ballast);
  using after = await StateStart.at(state, CONF, { at: 1 });
  assert.deepEqual(after.alive, NAMES, `a first start with ${pagesLeft} pages left`);
}

async function theStoreTriesAgain(): Promise<void> {
  clear();
  {
    using start = await StateStart.at(state, CONF);
    start.settle();
    start.lockOut('client-0');
  }
  const log = new RecordingLog();
  const { store, content } = await Store.open({ directory: state, now: () => storedAt(1), log });
  const rowOf = (name: string) => {
    const row = content.rows.get(name)?.client;
    assert.ok(row !== undefined);
    return row;
  };
  fill(0);
  let enabledYet = false;
  const life = { kind: 'enabled', left: 7_200_000, graceUsed: true } as const;
  const by = { kind: 'enabled', by: 'd-bus' } as const;
  const enabling = store
    .save([{ name: 'client-0', row: { ...rowOf('client-0'), life }, ledger: by }])
    .then(() => {
      enabledYet = true;
    });
  const reason = 'expired';
  for (const name of NAMES.slice(1)) {
    const row = { ...rowOf(name), life: { kind: 'disabled', reason } as const };
    // Durable although the disk is full, and although an enabling is stuck before it.
    await store.save([{ name, row, ledger: { kind: 'locked-out', reason } }]);
  }
  assert.equal(enabledYet, false);
  assert.ok(store.failing);
  assert.equal(log.at('error').length, 1);
  {
    using after = await afterCrash();
    assert.deepEqual(after.alive, ['new']);
  }
  rmSync(ballast);
  await enabling;
  assert.equal(log.at('warning').length, 1);
  await store[Symbol.asyncDispose]();
  using after = await afterCrash();
  assert.deepEqual(after.alive, ['client-0', 'new']);
}

const step = Math.max(1, Math.floor(8 / Number(rounds)));
for (let pages = 0; pages <= 72; pages += step) {
  await lockOutsFindTheirSpace(pages);
  await enablingsAreWholeOrNot(pages);
  await startsAreWholeOrNot(pages);
}
await theStoreTriesAgain();
