/** A store that takes the place of a damaged one: there before that one goes (F1, F2). */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Random } from '../../fuzz/random.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { CONF } from './replacement-story.ts';
import { StateStart } from './state-world.ts';
import { VirtualDisk } from './virtual-disk.ts';
import { type Operation, traceWrites } from './write-trace.ts';

const STORY = inRepository('test/server/store/replacement-story.ts');

describe('a store in the place of a damaged one', requires('strace'), () => {
  let operations: readonly Operation[];

  before(async () => {
    operations = await traceWrites(STORY);
  });

  /** Where the operation is, the last of its kind. */
  function place(
    wanted: Partial<Record<'kind' | 'from' | 'to' | 'path' | 'text', string>>,
  ): number {
    const found = operations.findLastIndex((operation) =>
      Object.entries(wanted).every(([key, value]) => Reflect.get(operation, key) === value),
    );
    assert.notEqual(found, -1, JSON.stringify(wanted));
    return found;
  }

  function isSynced(path: string, after: number, until: number): boolean {
    return operations
      .slice(after, until)
      .some((operation) => operation.kind === 'sync' && operation.path === path);
  }

  test('is on the disk whole before it has its name, and with that before the other goes', () => {
    const made = operations.findLastIndex(
      (operation) => 'path' in operation && operation.path.startsWith('store.new/'),
    );
    const named = place({ kind: 'rename', from: 'store.new', to: 'store-2' });
    const gone = place({ kind: 'rename', from: 'store-1', to: 'damaged-1' });
    const told = place({ kind: 'tell', text: 'replaced\n' });
    assert.ok(0 <= made && made < named && named < gone && gone < told);
    assert.ok(isSynced('store.new', made, named));
    assert.ok(isSynced('.', named, gone));
    assert.ok(isSynced('.', gone, told));
  });

  test('revives nobody, and forgets no enabling, wherever the power fails', async () => {
    await using dir = await TempDir.create();
    const damaged = place({ kind: 'tell', text: 'damaged\n' });
    const enabled = place({ kind: 'tell', text: 'enabled\n' });
    const random = new Random(1);
    const disk = new VirtualDisk();
    for (const [index, operation] of operations.entries()) {
      disk.do(operation);
      if (index < damaged) continue;
      disk.writeStopped(dir.join('state'), () => random.below(2) === 1);
      using start = await StateStart.at(dir.join('state'), CONF, { at: 2 });
      assert.notEqual(start.lives.dead, 'enabled', `after operation ${index}`);
      if (index >= enabled) assert.deepEqual(start.alive, ['revived']);
    }
  });
});
