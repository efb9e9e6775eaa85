/** What `explain` says, and that the state machine does it: in every state of random lives. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MOST_WAITING, mayHaveSecret } from '../../src/core/approval.ts';
import { clientProperties } from '../../src/core/client-properties.ts';
import { type WallTime, wallTime } from '../../src/core/time.ts';
import { explain, KeyOwners, type Prospect } from '../../src/operator/explain.ts';
import { type ClientView, clientView } from '../../src/operator/server/client-view.ts';
import { timeText } from '../../src/server/bus/time-text.ts';
import { LifeWorld, newClient } from '../core/life-world.ts';
import { happening, someSettings } from '../core/random-life.ts';
import { undergo } from '../core/undergo.ts';

/** The client as the server would show it. */
function view(world: LifeWorld): ClientView {
  const { settings, created } = world.client;
  const shown = clientProperties(world.client);
  return {
    ...clientView('/clients/foo', []),
    ...shown,
    Expires: timeText(shown.Expires),
    LastApprovalRequest: timeText(shown.LastApprovalRequest),
    LastCheckedOK: timeText(shown.LastCheckedOK),
    LastEnabled: timeText(shown.LastEnabled),
    Created: timeText(created),
    Fingerprint: settings.fingerprint,
    KeyID: settings.keyId ?? '',
    Name: settings.name,
  };
}

function explained(client: ClientView, now: WallTime, all: readonly ClientView[] = [client]) {
  return explain(client, new KeyOwners(all), now);
}

/** What becomes of a peer that asks now, and of whom nobody takes care. */
function outcome(world: LifeWorld): Prospect {
  const peer = world.ask();
  const asked = world.peers.get(peer);
  const released = mayHaveSecret(world.client, world.now);
  if (asked === 'given') return released ? 'yes' : 'no';
  if (asked === 'refused') return 'no';
  const { approvalDelay, approvedByDefault } = world.client.settings;
  const left = world.left ?? 0;
  world.advance(approvalDelay);
  const later = world.peers.get(peer);
  if (later === 'given') return 'yes-by-default';
  assert.equal(later, 'refused');
  if (!approvedByDefault) return 'no-by-default';
  assert.ok(left <= approvalDelay);
  return 'expires-first';
}

const ANSWERED: Readonly<Record<Prospect, RegExp>> = {
  yes: /^Yes: /,
  no: /^No: /,
  'yes-by-default': /^Yes, unless denied: /,
  'no-by-default': /^No, unless approved: /,
  'expires-first': /^No, unless approved or checked in time: /,
};

describe('explain', () => {
  it('says what the state machine does, whatever has happened before', () => {
    const seen = new Map<Prospect, number>();
    fc.assert(
      fc.property(someSettings, fc.array(happening, { maxLength: 30 }), (settings, story) => {
        const world = new LifeWorld(newClient(settings));
        for (const one of story) undergo(world, one);
        // The server's alarms ring in time.
        world.happen({ kind: 'tick' });
        const { decision } = world.client;
        const { prospect, sentence } = explained(view(world), world.now.wall);
        const decided = decision !== null && world.now.boot < decision.until;
        const waiting = world.client.life.kind === 'enabled' ? world.client.life.waiting.length : 0;
        const clockTrue = world.wallJump === 0;
        const actual = outcome(world);
        seen.set(prospect, (seen.get(prospect) ?? 0) + 1);
        assert.match(sentence, ANSWERED[prospect]);
        assert.match(sentence, /^[^\n]+\.$/);
        if (decided && world.client.life.kind === 'enabled') {
          assert.match(sentence, /still holds/);
        } else if (waiting >= MOST_WAITING) {
          assert.equal(actual, 'no');
        } else if (clockTrue) {
          assert.equal(prospect, actual);
        } else {
          // Whether a wait outlasts a lease cannot be told from a clock that was set.
          const vague = (one: Prospect) => (one === 'expires-first' ? 'yes-by-default' : one);
          assert.equal(vague(prospect), vague(actual));
        }
      }),
      { numRuns: 2000 },
    );
    for (const prospect of Object.keys(ANSWERED) as Prospect[]) {
      assert.ok((seen.get(prospect) ?? 0) > 5, `${prospect} has hardly been seen`);
    }
  });

  const now = wallTime(Date.UTC(2026, 10, 23, 4, 0, 0));
  const foo: ClientView = {
    ...clientView('/clients/foo', []),
    Name: 'foo',
    Enabled: true,
    ApprovedByDefault: true,
    Expires: '2026-11-23T04:10:11.238000',
    KeyID: 'AB'.repeat(32),
    ApprovalDuration: 1000,
  };

  const sentences: readonly [string, Partial<ClientView>, string][] = [
    [
      'an enabled client',
      {},
      "Yes: foo would get its secret at once, unless an operator's denial still holds; it is " +
        'enabled until 2026-11-23 04:10:11 UTC, and longer with every successful check.',
    ],
    [
      'a disabled client',
      { Enabled: false, LastCheckedOK: '2026-11-22T01:02:03.000000' },
      'No: foo is disabled until an operator enables it; the last sign of life was at ' +
        '2026-11-22 01:02:03 UTC.',
    ],
    [
      'a client that was never up',
      { Enabled: false },
      'No: foo is disabled until an operator enables it; no check has ever succeeded.',
    ],
    [
      'a client denied by default without a delay',
      { ApprovedByDefault: false },
      'No: foo is denied by default, and is given no time in which an operator could approve ' +
        "it, unless an earlier approval still holds (the original's server gives it the secret " +
        'all the same); it is enabled until 2026-11-23 04:10:11 UTC, and longer with every ' +
        'successful check.',
    ],
    [
      'a client that waits',
      {
        ApprovalDelay: 90_000,
        ApprovalPending: true,
        LastApprovalRequest: '2026-11-23T03:59:30.000000',
      },
      'Yes, unless denied: foo would wait 1 minute 30 seconds for an operator to decide (it ' +
        'waits now, and asked last at 2026-11-23 03:59:30 UTC), unless an earlier decision ' +
        'still holds, and then get its secret; it is enabled until 2026-11-23 04:10:11 UTC, ' +
        'and longer with every successful check.',
    ],
    [
      'a client that would expire while it waits',
      { ApprovalDelay: 3_600_000 },
      'No, unless approved or checked in time: foo would wait 1 hour for an operator to decide, ' +
        'unless an earlier decision still holds, and is to expire before; it is enabled until ' +
        '2026-11-23 04:10:11 UTC, and longer with every successful check.',
    ],
    [
      'a client whose lease seems to be over',
      { Expires: '2026-11-23T03:00:00.000000' },
      "Yes: foo would get its secret at once, unless an operator's denial still holds; it is " +
        'enabled until 2026-11-23 03:00:00 UTC, which has passed: either the server is about to ' +
        'notice, or a clock was set.',
    ],
    [
      'a client without a key',
      { KeyID: '' },
      'No: foo is enabled, but it has no key ID, so nobody can prove to be it.',
    ],
    [
      'a client with the key ID of many broken ones',
      { KeyID: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
      'No: foo is enabled, but its key ID is one that many broken clients show, and is refused.',
    ],
  ];
  for (const [what, changes, sentence] of sentences) {
    it(`explains ${what}`, () => {
      assert.equal(explained({ ...foo, ...changes }, now).sentence, sentence);
    });
  }

  it('takes what is no time for none', () => {
    for (const time of ['2026-99-99T99:99:99', '2026-02-31T24:61:00.0', 'now', '9'.repeat(400)]) {
      const broken = { ...foo, Expires: time, LastCheckedOK: time, LastApprovalRequest: time };
      for (const Enabled of [true, false]) {
        const { sentence } = explained({ ...broken, Enabled }, wallTime(0));
        assert.match(sentence, Enabled ? /does not say until when/ : /no check has ever succeeded/);
      }
    }
  });

  it('explains a key that two clients claim', () => {
    const twin = { ...foo, path: '/clients/bar', Name: 'bar', KeyID: 'ab'.repeat(32) };
    const { prospect, sentence } = explained(foo, now, [twin, foo]);
    assert.equal(prospect, 'no');
    assert.match(sentence, /bar has the same key ID/);
    assert.equal(explained(foo, now, [foo, { ...twin, KeyID: 'CD'.repeat(32) }]).prospect, 'yes');
  });
});
