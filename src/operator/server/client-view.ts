/** A client as an operator sees it: what the server tells of it on D-Bus, checked once, here. */
import { type WallTime, wallTime } from '../../core/time.ts';
import { CLIENT } from '../../dbus/mandos-interfaces.ts';
import { Variant } from '../../dbus/wire.ts';

/** The properties of DBUS-API by their own names. Durations are in milliseconds. */
export interface ClientView {
  /** Where the client is on the bus. */
  readonly path: string;
  readonly ApprovalDelay: number;
  readonly ApprovalDuration: number;
  readonly ApprovalPending: boolean;
  readonly ApprovedByDefault: boolean;
  readonly Checker: string;
  readonly CheckerRunning: boolean;
  /** Times are as the server writes them, UTC with six digits of fraction; empty for never. */
  readonly Created: string;
  readonly Enabled: boolean;
  readonly Expires: string;
  readonly ExtendedTimeout: number;
  readonly Fingerprint: string;
  readonly Host: string;
  readonly Interval: number;
  readonly KeyID: string;
  readonly LastApprovalRequest: string;
  readonly LastCheckedOK: string;
  readonly LastCheckerStatus: number;
  readonly LastEnabled: string;
  readonly Name: string;
  readonly Timeout: number;
}

export type ClientProperty = Exclude<keyof ClientView, 'path'>;
export type ClientChanges = Partial<Pick<ClientView, ClientProperty>>;

/** What a server that leaves a property out is taken to mean: nothing that gives anybody more. */
const NOTHING_TOLD: Omit<ClientView, 'path'> = {
  ApprovalDelay: 0,
  ApprovalDuration: 0,
  ApprovalPending: false,
  ApprovedByDefault: false,
  Checker: '',
  CheckerRunning: false,
  Created: '',
  Enabled: false,
  Expires: '',
  ExtendedTimeout: 0,
  Fingerprint: '',
  Host: '',
  Interval: 0,
  KeyID: '',
  LastApprovalRequest: '',
  LastCheckedOK: '',
  LastCheckerStatus: 0,
  LastEnabled: '',
  Name: '',
  Timeout: 0,
};

/** The client at `path` with these properties, `a{sv}` as pairs. */
export function clientView(path: string, dict: unknown): ClientView {
  return { ...NOTHING_TOLD, ...clientChanges(dict), path };
}

/** The properties in `dict`, `a{sv}` as pairs, that we know and that have the right type. */
export function clientChanges(dict: unknown): ClientChanges {
  const changes: Record<string, unknown> = {};
  for (const [name, value] of pairs(dict)) {
    if (!(value instanceof Variant) || !isClientProperty(name)) continue;
    const plain = typeof value.value === 'bigint' ? Number(value.value) : value.value;
    if (typeof plain === typeof NOTHING_TOLD[name]) changes[name] = plain;
  }
  return changes;
}

export function isClientProperty(name: unknown): name is ClientProperty {
  return typeof name === 'string' && Object.hasOwn(NOTHING_TOLD, name);
}

/** The entries of a D-Bus dict; nothing when it is none. */
export function pairs(dict: unknown): readonly (readonly [unknown, unknown])[] {
  if (!Array.isArray(dict)) return [];
  return dict.filter((entry) => Array.isArray(entry) && entry.length === 2);
}

/** What the client interface has in `interfaces`, `a{sa{sv}}` as pairs; null when it is not there. */
export function clientInterface(interfaces: unknown): unknown {
  return pairs(interfaces).find(([name]) => name === CLIENT.name)?.[1] ?? null;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/;

/** The moment that a time of the server means; null for never, and for what is no time. */
export function viewedTime(text: string): WallTime | null {
  const time = TIME.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(time) ? null : wallTime(time);
}
