/** Which key does what: mandos-monitor(8)'s keys, and a few of our own. */

/** What is done to the client that is selected. */
export type ClientAct =
  | 'enable'
  | 'disable'
  | 'approve'
  | 'deny'
  | 'remove'
  | 'start-checker'
  | 'stop-checker'
  | 'check-ok';

export type Command =
  | 'quit'
  | 'redraw'
  | 'help'
  | 'toggle-log'
  | 'switch-window'
  | 'toggle-wrap'
  | 'toggle-verbose'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'filter'
  | 'properties'
  | 'close'
  | 'suspend'
  | 'interrupt';

export interface KeyEntry<C> {
  readonly command: C;
  /** As `keyName` names them. */
  readonly keys: readonly string[];
  /** The keys and what they do, for the help. */
  readonly shown: string;
  readonly tells: string;
}

export const GLOBAL_KEYS: readonly KeyEntry<Command>[] = [
  { command: 'quit', keys: ['q', 'Q'], shown: 'q, Q', tells: 'Quit; here q only closes' },
  { command: 'redraw', keys: ['ctrl-l'], shown: 'Ctrl-L', tells: 'Redraw screen' },
  { command: 'help', keys: ['?', 'f1'], shown: '?, F1', tells: 'Show or close this help' },
  { command: 'toggle-log', keys: ['l', 'D'], shown: 'l, D', tells: 'Toggle log window' },
  { command: 'switch-window', keys: ['tab'], shown: 'TAB', tells: 'Switch window' },
  { command: 'toggle-wrap', keys: ['w', 'i'], shown: 'w, i', tells: 'Toggle log window line wrap' },
  { command: 'toggle-verbose', keys: ['v'], shown: 'v', tells: 'Toggle verbose logging' },
  { command: 'up', keys: ['up', 'ctrl-p', 'k'], shown: 'Up, Ctrl-P, k', tells: 'Move up a line' },
  {
    command: 'down',
    keys: ['down', 'ctrl-n', 'j'],
    shown: 'Down, Ctrl-N, j',
    tells: 'Move down a line',
  },
  {
    command: 'page-up',
    keys: ['pageup', 'meta-v', 'b'],
    shown: 'PageUp, Meta-V, b',
    tells: 'Move up a page',
  },
  {
    command: 'page-down',
    keys: ['pagedown', 'ctrl-v', 'space', 'f'],
    shown: 'PageDown, Ctrl-V, SPACE, f',
    tells: 'Move down a page',
  },
  { command: 'first', keys: ['home', 'g'], shown: 'Home, g', tells: 'Move to the beginning' },
  { command: 'last', keys: ['end', 'G'], shown: 'End, G', tells: 'Move to the end' },
  {
    command: 'filter',
    keys: ['/'],
    shown: '/',
    tells: 'Show only clients whose name, host or state contains a text',
  },
  {
    command: 'properties',
    keys: ['return', 'enter', 'p'],
    shown: 'ENTER, p',
    tells: 'Show or close the properties of a client',
  },
  {
    command: 'close',
    keys: ['escape'],
    shown: 'ESC',
    tells: 'Close this help or the properties, or take the filter off',
  },
  { command: 'suspend', keys: ['ctrl-z'], shown: 'Ctrl-Z', tells: 'Suspend' },
  { command: 'interrupt', keys: ['ctrl-c'], shown: 'Ctrl-C', tells: 'Quit as by a signal' },
];

export const CLIENT_KEYS: readonly KeyEntry<ClientAct>[] = [
  { command: 'enable', keys: ['+'], shown: '+', tells: 'Enable client' },
  { command: 'disable', keys: ['-'], shown: '-', tells: 'Disable client' },
  { command: 'approve', keys: ['a'], shown: 'a', tells: 'Approve client' },
  { command: 'deny', keys: ['d'], shown: 'd', tells: 'Deny client' },
  { command: 'remove', keys: ['R', '_', 'ctrl-k'], shown: 'R, _, Ctrl-K', tells: 'Remove client' },
  { command: 'start-checker', keys: ['s'], shown: 's', tells: 'Start checker for client' },
  { command: 'stop-checker', keys: ['S'], shown: 'S', tells: 'Stop checker for client' },
  {
    command: 'check-ok',
    keys: ['C'],
    shown: 'C',
    tells: 'Force a successful check for this client',
  },
];

/** A key as `node:readline` tells of it. */
export interface Key {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

/** The character that was typed, or else the key: `up`, `ctrl-p`, `meta-v`, `space`. */
export function keyName({ sequence = '', name = '', ctrl = false, meta = false }: Key): string {
  if (name === 'escape') return name;
  if (sequence === ' ') return 'space';
  if (typedText({ sequence, name, ctrl, meta }) !== '') return sequence;
  return `${ctrl ? 'ctrl-' : ''}${meta ? 'meta-' : ''}${name}`;
}

/** The character that was typed; empty for a key that types nothing. */
export function typedText({ sequence = '', ctrl = false, meta = false }: Key): string {
  return !ctrl && !meta && /^\P{Cc}$/u.test(sequence) ? sequence : '';
}

export function commandFor(key: string): Command | undefined {
  return GLOBAL_KEYS.find(({ keys }) => keys.includes(key))?.command;
}

export function clientActFor(key: string): ClientAct | undefined {
  return CLIENT_KEYS.find(({ keys }) => keys.includes(key))?.command;
}
