import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  type AgentEvent,
  type AgentState,
  FIRST_STATE,
  nextLook,
  transition,
} from '../../../src/boot/agent/agent-state.ts';
import type { OpenQuestion } from '../../../src/boot/agent/standing.ts';
import { after, instant, milliseconds } from '../../../src/core/time.ts';

const NAMES = ['ask.a', 'ask.b', 'ask.c'] as const;

function question(name: string): OpenQuestion {
  return { name, socket: `/${name}`, pid: 1, notAfter: 0, id: 'cryptsetup:x' };
}

const seen = fc.record({
  kind: fc.constant('seen' as const),
  open: fc.subarray([...NAMES]),
  others: fc.subarray([...NAMES]),
});
const ended = fc.record({
  kind: fc.constant('client-ended' as const),
  result: fc.constantFrom('password', 'failed'),
});
const sent = fc.record({
  kind: fc.constant('sent' as const),
  name: fc.constantFrom(...NAMES),
  outcome: fc.constantFrom('taken', 'later', 'never'),
});
const moves = fc.array(
  fc.record({ pause: fc.nat({ max: 4000 }), event: fc.oneof(seen, seen, ended, sent) }),
  { maxLength: 60 },
);

test('whatever happens: one client at a time, no answer twice, no password without need', () => {
  fc.assert(
    fc.property(moves, (list) => {
      let state: AgentState = FIRST_STATE;
      let now = instant(0);
      let clients = 0;
      let hasPassword = false;
      const answered = new Set<string>();
      for (const { pause, event: move } of list) {
        if (state.phase.kind === 'over') break;
        now = after(now, milliseconds(pause));
        let event: AgentEvent;
        if (move.kind === 'seen') {
          const present = [...new Set([...move.open, ...move.others])];
          for (const name of answered)
            if (!present.includes(name as 'ask.a')) answered.delete(name);
          event = { kind: 'seen', open: move.open.map(question), present };
        } else if (move.kind === 'client-ended') {
          if (clients === 0) continue;
          clients--;
          hasPassword = move.result === 'password';
          event = move as AgentEvent;
        } else {
          const isOpen = state.open.some(({ name }) => name === move.name);
          if (state.phase.kind !== 'delivering' || !isOpen) continue;
          if (move.outcome === 'taken') answered.add(move.name);
          event = move as AgentEvent;
        }
        const step = transition(state, event, now);
        for (const effect of step.effects) {
          if (effect.kind === 'start-client') clients++;
          if (effect.kind === 'wipe-password') hasPassword = false;
          if (effect.kind === 'send') {
            assert.ok(hasPassword, 'a password to send');
            assert.ok(!answered.has(effect.question.name), 'not answered yet');
          }
          assert.ok(clients <= 1, 'one client at a time');
        }
        state = step.state;
        const { kind } = state.phase;
        assert.equal(clients === 1, kind === 'fetching' || kind === 'stopping');
        assert.equal(hasPassword, kind === 'delivering');
        if (kind === 'over') assert.ok(state.present.every((name) => answered.has(name)));
        else assert.ok(nextLook(state, now, 0) <= after(now, milliseconds(1000)));
      }
    }),
    { numRuns: 500 },
  );
});
