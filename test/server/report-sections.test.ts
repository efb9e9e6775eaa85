import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClientsConf } from '../../src/config/clients-conf.ts';
import { LARGEST_BLOB } from '../../src/core/secret.ts';
import { reportSections } from '../../src/server/report-sections.ts';
import { memoryFiles } from '../config/memory-files.ts';
import { clientSection } from '../support/client-keys.ts';
import { RecordingLog } from '../support/recording-log.ts';

test('a secret that mandos-client would not take is warned about, and served', () => {
  const section = (name: string, digit: string): string =>
    clientSection(name, { key_id: digit.repeat(64), secfile: `/${name}` });
  const files = memoryFiles({
    '/clients.conf': section('fits', 'a') + section('large', 'b'),
    '/fits': new Uint8Array(LARGEST_BLOB),
    '/large': new Uint8Array(LARGEST_BLOB + 1),
  });
  const log = new RecordingLog();
  const conf = readClientsConf('/clients.conf', files);
  reportSections(conf, log);
  assert.deepEqual(log.lines, [
    {
      level: 'warning',
      message:
        'the secret of client large has 1048577 bytes and mandos-client takes at most 1048576',
    },
  ]);
  assert.deepEqual(
    conf.sections.map(({ kind }) => kind),
    ['client', 'client'],
  );
});
