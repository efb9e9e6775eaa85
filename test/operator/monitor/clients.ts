/** Clients, models and key presses for the tests of the monitor. */
import { type WallTime, wallTime } from '../../../src/core/time.ts';
import type { Size } from '../../../src/operator/monitor/frame.ts';
import type { Key } from '../../../src/operator/monitor/key-commands.ts';
import type { Model, MonitorAction, MonitorEvent } from '../../../src/operator/monitor/model.ts';
import { render } from '../../../src/operator/monitor/render.ts';
import { startModel, update } from '../../../src/operator/monitor/update.ts';
import { type ClientView, clientView } from '../../../src/operator/server/client-view.ts';

export const NOW = wallTime(Date.UTC(2026, 10, 27, 12, 0, 0));

/** A moment so many seconds from now, as the server writes it. */
export function inSeconds(count: number): string {
  return `${new Date(NOW + count * 1000).toISOString().slice(0, -1)}000`;
}

/** An enabled client whose last check succeeded. */
export function client(name: string, changes: Partial<ClientView> = {}): ClientView {
  return {
    ...clientView(`/clients/${encodeURIComponent(name)}`, []),
    Name: name,
    Enabled: true,
    Expires: inSeconds(3600),
    ...changes,
  };
}

export const SIZE: Size = { columns: 80, rows: 24 };

export function modelWith(clients: readonly ClientView[], size = SIZE): Model {
  return after(startModel(size, 'utf-8', NOW), { kind: 'server-found', clients });
}

export function after(model: Model, ...events: MonitorEvent[]): Model {
  return events.reduce((before, event) => update(before, event, NOW).model, model);
}

const NAMED: Readonly<Record<string, Key>> = {
  enter: { name: 'return', sequence: '\r' },
  tab: { name: 'tab', sequence: '\t' },
  escape: { name: 'escape', sequence: '\x1b' },
  backspace: { name: 'backspace', sequence: '\x7f' },
  up: { name: 'up', sequence: '\x1b[A' },
  down: { name: 'down', sequence: '\x1b[B' },
  'page up': { name: 'pageup', sequence: '\x1b[5~' },
  'page down': { name: 'pagedown', sequence: '\x1b[6~' },
  home: { name: 'home', sequence: '\x1b[H' },
  end: { name: 'end', sequence: '\x1b[F' },
  f1: { name: 'f1', sequence: '\x1bOP' },
  'ctrl-c': { name: 'c', sequence: '\x03', ctrl: true },
  'ctrl-k': { name: 'k', sequence: '\x0b', ctrl: true },
  'ctrl-l': { name: 'l', sequence: '\x0c', ctrl: true },
  'ctrl-n': { name: 'n', sequence: '\x0e', ctrl: true },
  'ctrl-p': { name: 'p', sequence: '\x10', ctrl: true },
  'ctrl-u': { name: 'u', sequence: '\x15', ctrl: true },
  'ctrl-v': { name: 'v', sequence: '\x16', ctrl: true },
  'ctrl-z': { name: 'z', sequence: '\x1a', ctrl: true },
  'meta-v': { name: 'v', sequence: '\x1bv', meta: true },
};

export const KEY_NAMES = Object.keys(NAMED);

/** A key by its name here, or the character it types. */
export function keyEvent(key: string): MonitorEvent {
  return { kind: 'key', key: NAMED[key] ?? { sequence: key } };
}

export function press(model: Model, ...keys: string[]): Model {
  return after(model, ...keys.map(keyEvent));
}

/** What the last of the keys makes the model ask for. */
export function actionsOf(model: Model, key: string): readonly MonitorAction[] {
  return update(model, keyEvent(key), NOW).actions;
}

export function screen(model: Model, now: WallTime = NOW): string[] {
  return render(model, now).lines.map(({ text }) => text);
}

/** The text of the row that is marked, without what fills it up. */
export function marked(model: Model): string {
  const rows = render(model, NOW).lines.filter(({ style }) => style === 'reverse');
  return rows.map(({ text }) => text.trimEnd()).join(' ');
}
