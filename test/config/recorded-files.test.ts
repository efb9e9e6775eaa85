import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FileRecorder, recordedFiles } from '../../src/config/recorded-files.ts';
import { MandosError } from '../../src/core/error.ts';
import { memoryFiles } from './memory-files.ts';

const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);
const unreadable = new MandosError('file-unreadable', 'cannot read "/d": EACCES');
const machine = memoryFiles({ '/a': 'text', '/b': BYTES, '/c': '', '/d': unreadable });
const nothing = memoryFiles({}, { foo: '/home/foo' }, { NAME: 'value' });

function outcome(read: () => Uint8Array): unknown {
  try {
    return [...read()];
  } catch (error) {
    assert.ok(error instanceof MandosError);
    return [error.code, error.message];
  }
}

describe('recorded files', () => {
  it('are what the first process found, whatever is there by then', () => {
    const recorder = new FileRecorder(machine);
    const paths = ['/a', '/b', '/c', '/d', '/missing', '/a'];
    const seen = paths.map((path) => outcome(() => recorder.readFile(path)));
    const files = recordedFiles(recorder.record(), nothing);
    const found = paths.map((path) => outcome(() => files.readFile(path)));
    assert.deepEqual(found, seen);
    assert.deepEqual(seen[1], [...BYTES]);
    assert.deepEqual(seen[3], ['file-unreadable', 'cannot read "/d": EACCES']);
  });

  it('are handed out as copies, which may be wiped', () => {
    const recorder = new FileRecorder(machine);
    recorder.readFile('/b').fill(0);
    const files = recordedFiles(recorder.record(), nothing);
    files.readFile('/b').fill(0);
    assert.deepEqual(files.readFile('/b'), BYTES);
  });

  it('leave to the second process what the first had not asked for', () => {
    const files = recordedFiles(new FileRecorder(machine).record(), nothing);
    assert.throws(() => files.readFile('/a'), { code: 'file-missing' });
    assert.equal(files.homeDirectory('foo'), '/home/foo');
    assert.equal(files.environmentVariable('NAME'), 'value');
  });
});
