/** The original's server and ours make the same command of a checker. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type CheckerAttributes, expandChecker } from '../../src/core/checker-command.ts';
import { minutes, seconds, wallTime } from '../../src/core/time.ts';
import { OriginalServer } from '../support/original-server.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const HOSTS = [
  'foo.example-1_x@:,+=/',
  "it's `two` words",
  '$HOME "x" \\',
  '~root',
  'a!b*?[]{}<>|&;()',
  '#x',
  '50%',
  '-n',
  'höst 日本 x',
  'fe80::1%eth0',
  '',
];

/** What both can know beforehand. */
const NAMED = [
  ...['approval_delay', 'approval_duration', 'enabled', 'key_id', 'fingerprint', 'interval'],
  ...['last_approval_request', 'last_checked_ok', 'name', 'timeout'],
] as const;

const CHECKER = ['%(host)s', '%%', '[%(name)20s]', ...NAMED.map((name) => `%(${name})s`)].join(' ');

function attributes(index: number): CheckerAttributes {
  return {
    approval_delay: seconds(0),
    approval_duration: seconds(1),
    created: wallTime(0),
    enabled: true,
    expires: null,
    key_id: (index + 0xa0).toString(16).toUpperCase().padStart(64, '0'),
    fingerprint: 'ABCD',
    host: HOSTS[index] ?? '',
    interval: seconds(1),
    last_approval_request: null,
    last_checked_ok: null,
    last_enabled: null,
    name: `client ${index}`,
    timeout: minutes(2 * 24 * 60 + 61),
    dbus_object_path: null,
  };
}

/** A section whose checker shows its own expansion: a here-document keeps it as it is. */
function section(index: number, output: string): string {
  const { name, key_id, host } = attributes(index);
  const escaped = (text: string): string => text.replaceAll('%', '%%');
  return `
[${name}]
key_id = ${key_id.toLowerCase()}
fingerprint = ab cd
secret = c2VjcmV0
host = ${escaped(host)}
approval_duration = PT1S
interval = PT1S
timeout = P2DT1H1M
checker = cat >${output}.new <<\\E
  ${escaped(CHECKER)}
  E
  mv ${output}.new ${output}; sleep 100
`;
}

async function content(path: string): Promise<string> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return readFileSync(path, 'utf8').trimEnd();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(20);
    }
  }
}

test('for every kind of host, and for every attribute', requires('original server'), async () => {
  await using dir = await TempDir.create(0o777);
  const clients = HOSTS.map((_host, index) => section(index, dir.join(`${index}`))).join('');
  await using server = await OriginalServer.start({ clients });
  assert.ok(server.port > 0);
  for (const index of HOSTS.keys()) {
    const ours = expandChecker(CHECKER, attributes(index));
    assert.equal(ours.kind === 'command' && ours.command, await content(dir.join(`${index}`)));
  }
});
