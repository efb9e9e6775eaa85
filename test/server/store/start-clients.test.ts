/** Who lives after a start: the operator's acts of F1, the merging of mandos(8), and F4. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { Blob } from '../../../src/core/secret.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { confOf, type StartOptions, StateStart, sectionText } from './state-world.ts';

/** Starts one after the other on one state, each a minute after the one before. */
class Story implements AsyncDisposable {
  readonly #dir: TempDir;
  #minutes = 0;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  static async begin(): Promise<Story> {
    return new Story(await TempDir.create());
  }

  get directory(): string {
    return this.#dir.join('state');
  }

  async start(conf: string, options: StartOptions = {}): Promise<StateStart> {
    this.#minutes++;
    const start = await StateStart.at(this.directory, conf, { at: this.#minutes * 60, ...options });
    return start.settle();
  }

  /** One start with these clients, after which `name` is locked out. */
  async lockedOut(conf: string, name: string): Promise<void> {
    using start = await this.start(conf);
    start.lockOut(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

const CONF = confOf('foo', 'bar');

describe('F1: a locked-out client comes back only by an act of the operator', () => {
  test('no act: it stays locked out, start after start', async () => {
    await using story = await Story.begin();
    await story.lockedOut(CONF, 'foo');
    for (let i = 0; i < 3; i++) {
      using start = await story.start(CONF);
      assert.deepEqual(start.lives, { foo: 'expired', bar: 'enabled' });
    }
  });

  test('D-Bus', async () => {
    await using story = await Story.begin();
    await story.lockedOut(CONF, 'foo');
    {
      using start = await story.start(CONF);
      start.enable('foo');
    }
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
  });

  test('changing enabled in clients.conf, off and on again', async () => {
    await using story = await Story.begin();
    await story.lockedOut(CONF, 'foo');
    const off = sectionText('foo', 1, 'enabled = no') + sectionText('bar', 2);
    {
      using start = await story.start(off);
      assert.deepEqual(start.lives, { foo: 'configured', bar: 'enabled' });
    }
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
  });

  test('leaving the section out for one start', async () => {
    await using story = await Story.begin();
    await story.lockedOut(CONF, 'foo');
    {
      using start = await story.start(sectionText('bar', 2));
      assert.deepEqual(start.lives, { bar: 'enabled' });
      assert.match(start.told, /"foo" is not in clients.conf any more and is forgotten/);
    }
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
  });

  test('emptying the state directory', async () => {
    await using story = await Story.begin();
    await story.lockedOut(CONF, 'foo');
    await rm(story.directory, { recursive: true });
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
  });

  test('--no-restore, which tells whom it forgets', async () => {
    await using story = await Story.begin();
    await story.lockedOut(CONF, 'foo');
    {
      using start = await story.start(CONF, { restore: false });
      assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
      assert.match(start.told, /forgetting client "foo", which was locked-out/);
    }
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
  });
});

describe('F4: a mishap in clients.conf is no act of the operator', () => {
  const mishaps: Readonly<Record<string, string>> = {
    'a typo in the section': CONF.replace('secret = ', 'secrte = '),
    'a broken header': CONF.replace('[foo]', '[foo'),
    'a line that is none': CONF.replace('[foo]', 'nonsense\n[foo]'),
    'a bad default': `[DEFAULT]\ntimeout = soon\n${CONF}`,
    'an unreadable secfile': CONF.replace(/secret = .*/, 'secfile = /nowhere'),
    'an empty file': '',
  };
  for (const [name, mishap] of Object.entries(mishaps)) {
    test(`${name}, and its repair: as alive or dead as before`, async () => {
      await using story = await Story.begin();
      await story.lockedOut(CONF, 'foo');
      for (let i = 0; i < 2; i++) {
        using start = await story.start(mishap);
        assert.ok(!start.alive.includes('foo'));
      }
      using start = await story.start(CONF);
      assert.deepEqual(start.lives, { foo: 'expired', bar: 'enabled' });
    });
  }

  test('a client removed over D-Bus stays so until its section was absent for one start', async () => {
    await using story = await Story.begin();
    {
      using start = await story.start(CONF);
      start.remove('foo');
    }
    for (let i = 0; i < 2; i++) {
      using start = await story.start(CONF);
      assert.deepEqual(start.lives, { bar: 'enabled' });
      assert.match(start.told, /"foo" was removed over D-Bus/);
    }
    {
      using start = await story.start(
        sectionText('foo', 1, 'timeout = never') + sectionText('bar', 2),
      );
      assert.deepEqual(start.lives, { bar: 'enabled' });
    }
    {
      using start = await story.start(sectionText('bar', 2));
      assert.deepEqual(start.lives, { bar: 'enabled' });
    }
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
  });
});

describe('clients.conf and the stored state (mandos(8), PERSISTENT STATE)', () => {
  function settingsOf(start: StateStart, name: string) {
    const client = start.started.clients.find(({ client }) => client.settings.name === name);
    assert.ok(client !== undefined);
    return client;
  }

  test('a setting changed while running outlives a restart', async () => {
    await using story = await Story.begin();
    {
      using start = await story.start(CONF);
      const row = start.rowOf('foo');
      const settings = { ...row.settings, host: 'run.example.org', timeout: 7000 };
      start.write([{ name: 'foo', row: { ...row, settings }, ledger: null }]);
    }
    using start = await story.start(CONF);
    const { settings } = settingsOf(start, 'foo').client;
    assert.equal(settings.host, 'run.example.org');
    assert.equal(settings.timeout, 7000);
  });

  test('a setting changed in the file wins, and only that one', async () => {
    await using story = await Story.begin();
    {
      using start = await story.start(CONF);
      const row = start.rowOf('foo');
      const settings = { ...row.settings, host: 'run.example.org', timeout: 7000 };
      start.write([{ name: 'foo', row: { ...row, settings }, ledger: null }]);
    }
    const changed = sectionText('foo', 1, 'host = file.example.org') + sectionText('bar', 2);
    using start = await story.start(changed);
    const { settings } = settingsOf(start, 'foo').client;
    assert.equal(settings.host, 'file.example.org');
    assert.equal(settings.timeout, 7000);
  });

  test('a secret set while running outlives restarts, sealed, until the file has another', async () => {
    await using story = await Story.begin();
    {
      using start = await story.start(CONF);
      const { sealing } = settingsOf(start, 'foo');
      using secret = new Blob(new Uint8Array(Buffer.from('set over D-Bus')));
      const sealed = sealing.seal('foo', secret);
      assert.ok(!Buffer.from(sealed).includes('set over'));
      start.write([{ name: 'foo', row: start.rowOf('foo'), sealed, ledger: null }]);
    }
    for (let i = 0; i < 2; i++) {
      using start = await story.start(CONF);
      assert.equal(Buffer.from(settingsOf(start, 'foo').secret.bytes).toString(), 'set over D-Bus');
      assert.equal(
        Buffer.from(settingsOf(start, 'bar').secret.bytes).toString(),
        'the blob of bar',
      );
    }
    {
      using start = await story.start(CONF.replace('secret = ', 'secrte = '));
      assert.ok(!('foo' in start.lives));
    }
    {
      using start = await story.start(CONF);
      assert.equal(Buffer.from(settingsOf(start, 'foo').secret.bytes).toString(), 'set over D-Bus');
    }
    const other = Buffer.from('another blob').toString('base64');
    using start = await story.start(CONF.replace(/secret = .*/, `secret = ${other}`));
    assert.equal(Buffer.from(settingsOf(start, 'foo').secret.bytes).toString(), 'another blob');
    assert.deepEqual(start.state.content.rows.get('foo')?.sealed === null, false);
    assert.equal(start.started.changes.find(({ name }) => name === 'foo')?.sealed, null);
  });

  test('a sealed secret that does not open locks its client out', async () => {
    await using story = await Story.begin();
    {
      using start = await story.start(CONF);
      const sealed = new Uint8Array(100).fill(1);
      start.write([{ name: 'foo', row: start.rowOf('foo'), sealed, ledger: null }]);
    }
    using start = await story.start(CONF);
    assert.deepEqual(start.lives, { foo: 'state-lost', bar: 'enabled' });
  });

  test('names of every kind', async () => {
    await using story = await Story.begin();
    const names = [
      'Ünï cödé',
      '"quoted"',
      "o'clock",
      '__proto__',
      'constructor',
      '\u{1f5dd}',
      'a\\b',
    ];
    const conf = confOf(...names);
    {
      using start = await story.start(conf);
      assert.deepEqual(start.alive, names);
      for (const name of names) start.lockOut(name);
    }
    using start = await story.start(conf);
    assert.deepEqual(start.alive, []);
    assert.equal(start.started.clients.length, names.length);
  });
});
