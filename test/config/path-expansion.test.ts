import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandPath } from '../../src/config/path-expansion.ts';
import { memoryFiles } from './memory-files.ts';

const files = memoryFiles(
  {},
  { '': '/home/me', root: '/root', nobody: '/nonexistent', slash: '/', trailing: '/h/' },
  {
    ...{ HOME: '/home/me', A: 'x', AB: 'yy', EMPTY: '', U_1: 'u', Ä: 'ae', 'A-B': 'dash' },
    ...{ '2': 'two', T: '~root' },
  },
);

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the texts to expand
const MEASURED: readonly (readonly [string, string])[] = [
  ['$A', 'x'],
  ['$AB', 'yy'],
  ['${A}B', 'xB'],
  ['$A-B', 'x-B'],
  ['${A-B}', 'dash'],
  ['$', '$'],
  ['$$A', '$x'],
  ['${', '${'],
  ['${A', '${A'],
  ['${}', '${}'],
  ['$EMPTY/x', '/x'],
  ['$NOPE/x', '$NOPE/x'],
  ['${NOPE}', '${NOPE}'],
  ['a$', 'a$'],
  ['\\$A', '\\x'],
  ['$Ä', '$Ä'],
  ['$2', 'two'],
  ['$U_1x', '$U_1x'],
  ['${A}$A', 'xx'],
  ['~', '/home/me'],
  ['~/x', '/home/me/x'],
  ['~root', '/root'],
  ['~root/x', '/root/x'],
  ['~nosuch/x', '~nosuch/x'],
  ['x~', 'x~'],
  ['$HOME/~', '/home/me/~'],
  ['~$A', '~x'],
  ['${$A}', '${$A}'],
  ['~/', '/home/me/'],
  ['//~', '//~'],
  ['${A}}', 'x}'],
  ['$(A)', '$(A)'],
  ['~nobody/$A', '/nonexistent/x'],
  ['$T/x', '/root/x'],
  ['~slash', '/'],
  ['~slash/x', '/x'],
  ['~trailing', '/h'],
  ['~trailing/x', '/h/x'],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

test('a file name is expanded as the original expands it', () => {
  for (const [written, expected] of MEASURED) {
    assert.equal(expandPath(written, files), expected, written);
  }
});
