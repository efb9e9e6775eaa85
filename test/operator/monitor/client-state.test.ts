import assert from 'node:assert/strict';
import test from 'node:test';
import {
  clientState,
  matchesFilter,
  spanText,
  stateText,
} from '../../../src/operator/monitor/client-state.ts';
import type { ClientView } from '../../../src/operator/server/client-view.ts';
import { client, inSeconds, NOW } from './clients.ts';

const HOUR = 3600;

/** As Debian's mandos-monitor shows them. */
const ROWS: readonly (readonly [string, Partial<ClientView>])[] = [
  ['DISABLED', { Enabled: false, ApprovalPending: true, LastCheckerStatus: 1 }],
  ['enabled', {}],
  [
    'Denial in 0:59:57. (a)pprove?',
    {
      ApprovalPending: true,
      LastApprovalRequest: inSeconds(-2.5),
      ApprovalDelay: HOUR * 1000,
      LastCheckerStatus: 1,
    },
  ],
  [
    'Approval in 0:00:07. (d)eny?',
    {
      ApprovalPending: true,
      ApprovedByDefault: true,
      LastApprovalRequest: inSeconds(0),
      ApprovalDelay: 7999,
    },
  ],
  [
    'A checker has failed! Time until client gets disabled: 1 day, 3:48:25',
    { LastCheckerStatus: 3, Expires: inSeconds(27 * HOUR + 48 * 60 + 25) },
  ],
  [
    'A checker has failed! Time until client gets disabled: 0:00:00',
    { LastCheckerStatus: -1, Expires: inSeconds(-10) },
  ],
];

test('each state has its words', () => {
  for (const [text, changes] of ROWS) {
    assert.equal(stateText(clientState(client('foo', changes)), NOW), text);
  }
});

test('times are whole seconds, rounded down', () => {
  assert.equal(spanText(999), '0:00:00');
  assert.equal(spanText(3_661_000), '1:01:01');
  assert.equal(spanText(2 * 86_400_000), '2 days, 0:00:00');
  assert.equal(spanText(-1), '0:00:00');
});

test('a filter looks at the name, the host and the state, not at the time left', () => {
  const failing = client('Web7', { Host: 'web.example', LastCheckerStatus: 1 });
  for (const filter of ['', 'web', 'WEB7', 'example', 'failed', 'Web7: a checker']) {
    assert.ok(matchesFilter(failing, filter), filter);
  }
  for (const filter of ['enabled', '0:00', 'other']) assert.ok(!matchesFilter(failing, filter));
});
