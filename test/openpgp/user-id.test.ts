import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { userId } from '../../src/openpgp/user-id.ts';

test('a user ID is written as gpg writes it', () => {
  const [name, email, comment] = ['Jürgen', 'j@example.org', 'the door'];
  assert.equal(userId({ name, email, comment }), 'Jürgen (the door) <j@example.org>');
  assert.equal(userId({ name, email: '', comment: '' }), 'Jürgen');
  assert.equal(userId({ name, email: 'a@b', comment: '' }), 'Jürgen <a@b>');
  assert.equal(userId({ name: '', email, comment: '' }), '<j@example.org>');
});

test('a part that would run out of its place is refused', () => {
  for (const parts of [
    { name: 'a\nb', email: '', comment: '' },
    { name: 'a <x@y>', email: '', comment: '' },
    { name: 'a', email: 'x@y> <z@w', comment: '' },
    { name: 'a', email: '', comment: 'x) (y' },
    { name: '\u001b[2J', email: '', comment: '' },
    { name: ' ', email: '', comment: '' },
    { name: 'a'.repeat(2049), email: '', comment: '' },
  ]) {
    assert.throws(() => userId(parts), MandosError);
  }
});
