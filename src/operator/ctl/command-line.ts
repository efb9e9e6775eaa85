/** mandos-ctl's command line as a job, with the contradictions sorted out. */

import { type Given, misuse, parseCommandLine } from '../../config/options.ts';
import type { MandosError } from '../../core/error.ts';
import type { SettableProperties } from '../server/mandos-service.ts';
import { CTL_PROGRAM } from './ctl-options.ts';

type Settable = Exclude<keyof SettableProperties, 'Secret'>;

/** Something to be done to each of the clients. */
export type CtlAction =
  | {
      [Name in Settable]: {
        readonly kind: 'set';
        readonly property: Name;
        readonly value: SettableProperties[Name];
      };
    }[Settable]
  | { readonly kind: 'set-secret'; readonly file: string }
  | { readonly kind: 'approve'; readonly approved: boolean }
  /** Ends the program. */
  | { readonly kind: 'is-enabled' }
  | { readonly kind: 'remove' };

interface ServerJob {
  /** The clients meant, in this order; empty for all. */
  readonly names: readonly string[];
  readonly debug: boolean;
}

export interface ListJob extends ServerJob {
  readonly kind: 'list';
  readonly format: 'table' | 'verbose' | 'json';
  /** The names came after `--`: they are clients, whatever they are. */
  readonly literal: boolean;
}

export interface ActJob extends ServerJob {
  readonly kind: 'act';
  /** To be carried out one after the other, each on all clients. */
  readonly actions: readonly CtlAction[];
  /** Times that were written in the form of before version 1.6.1. */
  readonly oldForm: readonly string[];
}

export interface ExplainJob extends ServerJob {
  readonly kind: 'explain';
}

export interface WatchJob extends ServerJob {
  readonly kind: 'watch';
}

export type CtlJob =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'self-test' }
  | ListJob
  | ActJob
  | ExplainJob
  | WatchJob;

type CtlOption = Given<typeof CTL_PROGRAM.options>;

/** Throws `MandosError` `usage` with status 2. */
export function readCtlJob(args: readonly string[]): CtlJob {
  // As in the original nothing else on the command line counts then, right or wrong.
  const options = beforeTerminator(args);
  if (options.includes('--check')) return { kind: 'self-test' };
  const commandLine = parseCommandLine(CTL_PROGRAM, args);
  if (commandLine.kind === 'print') return commandLine;
  const { values, given, operands } = commandLine;
  const names = [...new Set(operands)];
  const { all, verbose, dumpJson, explain, watch, debug } = values;
  const actions = given.flatMap(actionOf);
  // Even with a client of that name it means nothing else.
  if (all && operands.join() === 'explain' && given.every(isAllOrDebug)) {
    return { kind: 'explain', names: [], debug };
  }
  const acts = actions.length > 0 || explain;
  if (acts && names.length === 0 && !all) {
    throw wrong('name the clients that are meant, or give --all');
  }
  if (all && !acts) throw wrong('--all needs an option that says what to do');
  const listings = given.filter(({ key }) => key === 'dumpJson').length + Number(verbose);
  if (listings > 1 || (listings > 0 && (acts || watch))) {
    throw wrong(`--${verbose ? 'verbose' : 'dump-json'} cannot be given with other options`);
  }
  if (actions.length > 0 && (explain || watch)) {
    throw wrong(`--${explain ? 'explain' : 'watch'} cannot be given with options that act`);
  }
  if (values.isEnabled && names.length > 1) throw wrong('--is-enabled takes one client');
  if (explain) return { kind: 'explain', names, debug };
  if (watch) return { kind: 'watch', names, debug };
  if (actions.length === 0) {
    const format = dumpJson ? 'json' : verbose ? 'verbose' : 'table';
    return { kind: 'list', format, names, debug, literal: options.length < args.length };
  }
  const oldForm = given.flatMap((option) => oldFormOf(option));
  return { kind: 'act', actions: withRemovalLast(actions), names, debug, oldForm };
}

const WORDS = ['watch', 'explain'] as const;
export type CtlWord = (typeof WORDS)[number];

/** The first client's name, if it means a job in case there is no client of that name. */
export function wordOf({ format, names, literal }: ListJob): CtlWord | null {
  return WORDS.find((word) => format === 'table' && !literal && word === names[0]) ?? null;
}

/** The job that the word means. Throws `MandosError` `usage` with status 2. */
export function wordJob(word: CtlWord, job: ListJob): ExplainJob | WatchJob {
  const names = job.names.slice(1);
  if (word === 'explain' && names.length === 0) {
    throw wrong('explain whom? name a client, or add --all');
  }
  return { kind: word, names, debug: job.debug };
}

function isAllOrDebug({ key }: CtlOption): boolean {
  return key === 'all' || key === 'debug';
}

function beforeTerminator(args: readonly string[]): readonly string[] {
  const terminator = args.indexOf('--');
  return terminator === -1 ? args : args.slice(0, terminator);
}

function wrong(message: string): MandosError {
  return misuse(CTL_PROGRAM, message);
}

/** A client that is taken off the server can be denied before, and nothing else. */
function withRemovalLast(actions: readonly CtlAction[]): readonly CtlAction[] {
  const removals = actions.filter(({ kind }) => kind === 'remove');
  if (removals.length === 0) return actions;
  const others = actions.filter(({ kind }) => kind !== 'remove');
  const onlyDenials = others.every((action) => action.kind === 'approve' && !action.approved);
  if (!onlyDenials || (removals.length > 1 && others.length === 0)) {
    throw wrong('--remove can be given with --deny only');
  }
  return [...others, ...removals];
}

function oldFormOf(option: CtlOption): readonly string[] {
  switch (option.key) {
    case 'timeout':
    case 'extendedTimeout':
    case 'interval':
    case 'approvalDelay':
    case 'approvalDuration':
      return option.value.oldForm ? [CTL_PROGRAM.options[option.key].long] : [];
    default:
      return [];
  }
}

function actionOf(option: CtlOption): readonly CtlAction[] {
  switch (option.key) {
    case 'enable':
      return [{ kind: 'set', property: 'Enabled', value: true }];
    case 'disable':
      return [{ kind: 'set', property: 'Enabled', value: false }];
    case 'bumpTimeout':
      return [{ kind: 'set', property: 'LastCheckedOK', value: '' }];
    case 'startChecker':
      return [{ kind: 'set', property: 'CheckerRunning', value: true }];
    case 'stopChecker':
      return [{ kind: 'set', property: 'CheckerRunning', value: false }];
    case 'isEnabled':
      return [{ kind: 'is-enabled' }];
    case 'remove':
      return [{ kind: 'remove' }];
    case 'checker':
      return [{ kind: 'set', property: 'Checker', value: option.value }];
    case 'timeout':
      return [{ kind: 'set', property: 'Timeout', value: option.value.duration }];
    case 'extendedTimeout':
      return [{ kind: 'set', property: 'ExtendedTimeout', value: option.value.duration }];
    case 'interval':
      return [{ kind: 'set', property: 'Interval', value: option.value.duration }];
    case 'approveByDefault':
      return [{ kind: 'set', property: 'ApprovedByDefault', value: true }];
    case 'denyByDefault':
      return [{ kind: 'set', property: 'ApprovedByDefault', value: false }];
    case 'approvalDelay':
      return [{ kind: 'set', property: 'ApprovalDelay', value: option.value.duration }];
    case 'approvalDuration':
      return [{ kind: 'set', property: 'ApprovalDuration', value: option.value.duration }];
    case 'host':
      return [{ kind: 'set', property: 'Host', value: option.value }];
    case 'secret':
      return [{ kind: 'set-secret', file: option.value }];
    case 'approve':
      return [{ kind: 'approve', approved: true }];
    case 'deny':
      return [{ kind: 'approve', approved: false }];
    case 'all':
    case 'verbose':
    case 'dumpJson':
    case 'explain':
    case 'watch':
    case 'debug':
    case 'check':
      return [];
  }
}
