/**
 * What the password agent does, as a function of what it sees and when; `run-agent.ts`
 * carries it out.
 *
 *             open question            password
 *      idle ────────────────▶ fetching ────────▶ delivering ──▶ leaving ──▶ over
 *      ▲ ▲ │                  │   ▲  │            all answered   their files are gone,
 *      │ │ └──▶ over          │   │  │ failed                    or it took too long
 *      │ │  no file left      │   │  ▼
 *      │ └────────────────────│── pausing
 *      │    none open         │ none open
 *      └───── stopping ◀──────┘
 *        client ended
 *
 * While any question file is there, even one that is none of ours, the agent stays: a path
 * unit that watches for such files would start it again at once, and give up after a few
 * rounds (systemd.path(5)).
 */
import { after, type Instant, milliseconds, seconds } from '../../core/time.ts';
import type { OpenQuestion } from './standing.ts';

export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'fetching'; readonly failures: number }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'pausing'; readonly until: Instant; readonly failures: number }
  | { readonly kind: 'delivering' }
  | { readonly kind: 'leaving'; readonly until: Instant }
  | { readonly kind: 'over' };

export interface AgentState {
  readonly phase: Phase;
  /** To be answered. */
  readonly open: readonly OpenQuestion[];
  /** The names of all question files. */
  readonly present: readonly string[];
  /** The names of those that have had their answer. */
  readonly answered: ReadonlySet<string>;
  /** The names of those that cannot be answered. */
  readonly refused: ReadonlySet<string>;
}

export const FIRST_STATE: AgentState = {
  phase: { kind: 'idle' },
  open: [],
  present: [],
  answered: new Set(),
  refused: new Set(),
};

export type AgentEvent =
  | {
      readonly kind: 'seen';
      readonly open: readonly OpenQuestion[];
      readonly present: readonly string[];
    }
  | { readonly kind: 'client-ended'; readonly result: 'password' | 'failed' }
  /** `later`: the socket is full, or not there yet. `never`: it will not take it. */
  | { readonly kind: 'sent'; readonly name: string; readonly outcome: SendOutcome };

export type SendOutcome = 'taken' | 'later' | 'never';

export type AgentEffect =
  | { readonly kind: 'start-client' }
  | { readonly kind: 'stop-client' }
  | { readonly kind: 'send'; readonly question: OpenQuestion }
  | { readonly kind: 'wipe-password' };

export interface AgentStep {
  readonly state: AgentState;
  readonly effects: readonly AgentEffect[];
}

/** After a failure, the second, third… longer and longer. */
const FIRST_PAUSE = seconds(1);
const LONGEST_PAUSE = seconds(10);

/** How long an asker may take to take its question away. */
const LEAVING = seconds(3);

/** How often all is looked at without any news: processes vanish silently. */
const GLANCE = seconds(1);
const RESEND = milliseconds(100);

export function transition(before: AgentState, event: AgentEvent, now: Instant): AgentStep {
  switch (event.kind) {
    case 'seen': {
      const present = new Set(event.present);
      const state: AgentState = {
        phase: before.phase,
        present: event.present,
        answered: before.answered.intersection(present),
        refused: before.refused.intersection(present),
        open: event.open.filter(
          ({ name }) => !before.answered.has(name) && !before.refused.has(name),
        ),
      };
      if (state.phase.kind !== 'delivering') return settle(state, now);
      const step = settle(state, now);
      return { ...step, effects: [...sends(step.state), ...step.effects] };
    }
    case 'client-ended':
      return clientEnded(before, event.result, now);
    case 'sent': {
      if (event.outcome === 'later') return { state: before, effects: [] };
      const into = event.outcome === 'taken' ? 'answered' : 'refused';
      const open = before.open.filter(({ name }) => name !== event.name);
      return settle({ ...before, open, [into]: new Set([...before[into], event.name]) }, now);
    }
    default:
      return event satisfies never;
  }
}

function clientEnded(state: AgentState, result: 'password' | 'failed', now: Instant): AgentStep {
  if (result === 'password') {
    const step = settle({ ...state, phase: { kind: 'delivering' } }, now);
    return { ...step, effects: [...sends(step.state), ...step.effects] };
  }
  if (state.phase.kind !== 'fetching') return settle({ ...state, phase: { kind: 'idle' } }, now);
  const failures = state.phase.failures + 1;
  const until = after(now, pauseAfter(failures));
  return settle({ ...state, phase: { kind: 'pausing', until, failures } }, now);
}

/** How long the agent waits after so many failures in a row. */
export function pauseAfter(failures: number): typeof FIRST_PAUSE {
  return milliseconds(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures - 1, 10)));
}

function sends({ phase, open }: AgentState): AgentEffect[] {
  if (phase.kind !== 'delivering') return [];
  return open.map((question) => ({ kind: 'send', question }));
}

/** Follows from what is there now, without any event. */
function settle(state: AgentState, now: Instant): AgentStep {
  const { phase, open, present, answered } = state;
  const go = (next: Phase, ...effects: AgentEffect[]): AgentStep => {
    const step = settle({ ...state, phase: next }, now);
    return { ...step, effects: [...effects, ...step.effects] };
  };
  switch (phase.kind) {
    case 'idle':
      if (open.length > 0) return go({ kind: 'fetching', failures: 0 }, { kind: 'start-client' });
      if (present.length === 0) return go({ kind: 'over' });
      break;
    case 'fetching':
      if (open.length === 0) return go({ kind: 'stopping' }, { kind: 'stop-client' });
      break;
    case 'pausing':
      if (open.length === 0) return go({ kind: 'idle' });
      if (now >= phase.until) {
        return go({ kind: 'fetching', failures: phase.failures }, { kind: 'start-client' });
      }
      break;
    case 'delivering':
      if (open.length === 0) {
        return go({ kind: 'leaving', until: after(now, LEAVING) }, { kind: 'wipe-password' });
      }
      break;
    case 'leaving': {
      if (open.length > 0 || answered.size === 0) return go({ kind: 'idle' });
      const onlyAnswered = present.every((name) => answered.has(name));
      if (now >= phase.until) return go(onlyAnswered ? { kind: 'over' } : { kind: 'idle' });
      break;
    }
    case 'stopping':
    case 'over':
      break;
    default:
      return phase satisfies never;
  }
  return { state, effects: [] };
}

/**
 * When to look again, at the latest.
 * @param monotonic now on CLOCK_MONOTONIC in microseconds, for questions that expire
 */
export function nextLook(state: AgentState, now: Instant, monotonic: number): Instant {
  const { phase } = state;
  const moments = [after(now, phase.kind === 'delivering' ? RESEND : GLANCE)];
  if (phase.kind === 'pausing' || phase.kind === 'leaving') moments.push(phase.until);
  for (const { notAfter } of state.open) {
    if (notAfter === 0) continue;
    const left = Math.ceil(Math.max(0, notAfter - monotonic) / 1000);
    if (left < GLANCE) moments.push(after(now, milliseconds(left)));
  }
  return moments.reduce((first, moment) => (moment < first ? moment : first));
}
