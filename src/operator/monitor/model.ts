/** Everything that mandos-monitor knows and shows. */

import type { ServerEvent } from '../server/server-event.ts';
import type { ClientsTable } from './clients-table.ts';
import { clientsTable } from './clients-table.ts';
import type { Size } from './frame.ts';
import type { ClientAct, Key } from './key-commands.ts';
import { EMPTY_LOG, type LogPane } from './log-pane.ts';
import type { Charset } from './screen-text.ts';

export type ServerState =
  | { readonly kind: 'looking' }
  | { readonly kind: 'found' }
  | { readonly kind: 'lost'; readonly why: string; readonly hint: string };

/** What is in front of the two windows. */
export type View =
  | { readonly kind: 'windows' }
  /** A filter is being typed. */
  | { readonly kind: 'filter'; readonly before: string }
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'properties'; readonly path: string; readonly scroll: number };

export interface Model {
  readonly size: Size;
  readonly charset: Charset;
  readonly server: ServerState;
  readonly clients: ClientsTable;
  /** The place of the client that keys act on; it need not be there any more. */
  readonly selected: string;
  /** The place of the first client in its window. */
  readonly top: string;
  readonly log: LogPane;
  readonly focus: 'clients' | 'log';
  readonly view: View;
}

export type MonitorEvent =
  | ServerEvent
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resized'; readonly size: Size }
  /** What an action asked for did not happen. */
  | { readonly kind: 'failed'; readonly what: string; readonly why: string };

/** What the model wants done. */
export type MonitorAction =
  | {
      readonly kind: 'act';
      readonly act: ClientAct;
      readonly path: string;
      readonly name: string;
    }
  /** To paint everything again, as the terminal may show something else. */
  | { readonly kind: 'redraw' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'interrupt' };

export interface Update {
  readonly model: Model;
  readonly actions: readonly MonitorAction[];
}

export function newModel(size: Size, charset: Charset): Model {
  return {
    size,
    charset,
    server: { kind: 'looking' },
    clients: clientsTable([], ''),
    selected: '',
    top: '',
    log: EMPTY_LOG,
    focus: 'clients',
    view: { kind: 'windows' },
  };
}
