/** Random things that happen to a client, for properties over whole lives. */
import fc from 'fast-check';
import type { PeerToken } from '../../src/core/client.ts';
import type { OperatorEvent } from '../../src/core/client-event.ts';
import type { ClientSettings } from '../../src/core/client-settings.ts';
import { type Duration, milliseconds } from '../../src/core/time.ts';
import { MINUTE, SECOND, YEAR } from './life-world.ts';

export type Happening =
  | { readonly kind: 'time'; readonly duration: number }
  | { readonly kind: 'late tick'; readonly duration: number }
  | { readonly kind: 'sleep'; readonly duration: number; readonly random: number }
  | { readonly kind: 'wall clock'; readonly jump: number }
  | { readonly kind: 'checkers start' }
  | { readonly kind: 'checker ends'; readonly waitStatus: number }
  | { readonly kind: 'stale checker'; readonly check: number; readonly waitStatus: number }
  | { readonly kind: 'ask' }
  | { readonly kind: 'leave'; readonly peer: PeerToken }
  | { readonly kind: 'sent' }
  | { readonly kind: 'operator'; readonly event: OperatorEvent };

const duration = (most: number): fc.Arbitrary<Duration> =>
  fc.integer({ min: 0, max: most }).map(milliseconds);
const someTime = fc.oneof(
  fc.integer({ min: 0, max: 5 * SECOND }),
  fc.integer({ min: 0, max: 20 * MINUTE }),
);
export const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
export const waitStatus = fc.constantFrom(0, 0, 0, 1 << 8, 255 << 8, 9, 0x8b);
export const wallJump = fc.integer({ min: -10 * YEAR, max: 10 * YEAR });

export const someSettings: fc.Arbitrary<Partial<ClientSettings>> = fc.record({
  timeout: duration(10 * MINUTE),
  extendedTimeout: duration(30 * MINUTE),
  interval: duration(5 * MINUTE),
  approvalDelay: fc.oneof(fc.constant(milliseconds(0)), duration(MINUTE)),
  approvalDuration: duration(MINUTE),
  approvedByDefault: fc.boolean(),
  enabled: fc.boolean(),
});

const operatorEvent: fc.Arbitrary<OperatorEvent> = fc.oneof(
  fc.constantFrom<OperatorEvent[]>(
    { kind: 'enable' },
    { kind: 'enable' },
    { kind: 'disable' },
    { kind: 'start-checker' },
    { kind: 'stop-checker' },
    { kind: 'checked-ok' },
    { kind: 'set-secret' },
    { kind: 'approve', approved: true },
    { kind: 'approve', approved: false },
  ),
  fc.record({
    kind: fc.constant('set' as const),
    property: fc.constantFrom(
      ...(['ApprovalDelay', 'ApprovalDuration', 'Timeout', 'ExtendedTimeout', 'Interval'] as const),
    ),
    value: duration(10 * MINUTE),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    property: fc.constant('ApprovedByDefault' as const),
    value: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    property: fc.constantFrom('Host' as const, 'Checker' as const),
    value: fc.constantFrom('a', 'b'),
  }),
);

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('time' as const), duration: someTime }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('late tick' as const), duration: someTime }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('sleep' as const),
      duration: fc.oneof(someTime, fc.integer({ min: 0, max: YEAR })),
      random,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wall clock' as const), jump: wallJump }),
  },
  { weight: 5, arbitrary: fc.constant({ kind: 'checkers start' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('checker ends' as const), waitStatus }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stale checker' as const),
      check: fc.integer({ min: 0, max: 3 }),
      waitStatus,
    }),
  },
  { weight: 5, arbitrary: fc.constant({ kind: 'ask' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('leave' as const),
      peer: fc.integer({ min: 1, max: 6 }).map((peer) => peer as PeerToken),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'sent' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('operator' as const), event: operatorEvent }),
  },
);
