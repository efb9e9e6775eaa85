/** How the rows of the screen are shared: the clients, a line between, the log. */
import type { Model } from './model.ts';

export interface Layout {
  readonly clients: number;
  /** Whether there is room for the line between, which also says what is special. */
  readonly divider: boolean;
  readonly log: number;
}

export function layoutOf({ size: { rows }, log }: Pick<Model, 'size' | 'log'>): Layout {
  if (rows === 1) return { clients: 1, divider: false, log: 0 };
  if (!log.visible) return { clients: rows - 1, divider: true, log: 0 };
  const clients = Math.max(1, Math.floor((rows - 1) / 2));
  return { clients, divider: true, log: rows - 1 - clients };
}
