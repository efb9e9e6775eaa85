import assert from 'node:assert/strict';
import test from 'node:test';
import { parseKeyscan } from '../../../src/operator/keygen/ssh-host-key.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIDjbmxAGXpvUTbcHcNwHq8Sa2eEqnQ3v7kA5nDHhOrb1';
const FOUND = { scanType: 'ed25519', type: 'ssh-ed25519', key: KEY };

test('the output of old and new ssh-keyscan means the same', () => {
  const old = `localhost ssh-ed25519 ${KEY}\n`;
  const since98 = `# localhost:22 SSH-2.0-OpenSSH_9.8p1 Debian-1\n${old}`;
  assert.deepEqual(parseKeyscan(old, 'ed25519'), FOUND);
  assert.deepEqual(parseKeyscan(since98, 'ed25519'), FOUND);
});

test('no key is no key', () => {
  for (const output of [
    '',
    '\n',
    '# localhost:22 SSH-2.0-OpenSSH_9.8\n',
    'localhost ssh-ed25519\n',
  ]) {
    assert.equal(parseKeyscan(output, 'ed25519'), undefined);
  }
});

test('a line with anything that the shell or the file could take for more is no key', () => {
  for (const bad of ['$(id)', '%(host)s', '"; id', 'a b', "'"]) {
    assert.equal(parseKeyscan(`localhost ssh-ed25519 ${KEY}${bad}\n`, 'ed25519'), undefined);
    assert.equal(parseKeyscan(`localhost ssh${bad} ${KEY}\n`, 'ed25519'), undefined);
  }
});
