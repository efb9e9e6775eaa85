/** What a running server tells, as an operator's programs see it. */
import type { MandosError } from '../../core/error.ts';
import { CLIENT, MANDOS } from '../../dbus/mandos-interfaces.ts';
import { OBJECT_MANAGER, PROPERTIES } from '../../dbus/standard-interfaces.ts';
import {
  type ClientChanges,
  type ClientView,
  clientChanges,
  clientInterface,
  clientView,
} from './client-view.ts';

export type ServerEvent =
  /** The server is there, or back, with these clients; what was known before is void. */
  | { readonly kind: 'server-found'; readonly clients: readonly ClientView[] }
  /** There is no server, or none that we can reach; told once until it is found again. */
  | { readonly kind: 'server-lost'; readonly why: MandosError }
  | ServerSignal;

/** Clients are named by their paths on the bus. */
export type ServerSignal =
  | { readonly kind: 'client-added'; readonly client: ClientView }
  | { readonly kind: 'client-removed'; readonly path: string }
  /** Somebody proved a key that no client has. */
  | { readonly kind: 'client-not-found'; readonly keyId: string; readonly address: string }
  | {
      readonly kind: 'properties-changed';
      readonly path: string;
      readonly changes: ClientChanges;
      /** The server has another secret now. */
      readonly secret: boolean;
    }
  | { readonly kind: 'checker-started'; readonly path: string; readonly command: string }
  | {
      readonly kind: 'checker-completed';
      readonly path: string;
      /** Negative when the checker did not exit by itself. */
      readonly exitStatus: number;
      readonly waitStatus: number;
      readonly command: string;
    }
  | { readonly kind: 'got-secret'; readonly path: string }
  | { readonly kind: 'rejected'; readonly path: string; readonly reason: string }
  | {
      readonly kind: 'need-approval';
      readonly path: string;
      /** How long the peer waits, in milliseconds. */
      readonly timeout: number;
      readonly approvedByDefault: boolean;
    };

type Body = readonly unknown[];

interface HeardSignal {
  readonly interface: string;
  readonly member: string;
  /** Null when the signal tells nothing about a client of ours. */
  readonly read: (body: Body, path: string) => ServerSignal | null;
}

/** The signals that are listened to, each with what it means; the others say the same again. */
export const HEARD_SIGNALS: readonly HeardSignal[] = [
  {
    interface: OBJECT_MANAGER.name,
    member: 'InterfacesAdded',
    read: ([path, interfaces]) => {
      const properties = clientInterface(interfaces);
      if (properties === null) return null;
      return { kind: 'client-added', client: clientView(String(path), properties) };
    },
  },
  {
    interface: OBJECT_MANAGER.name,
    member: 'InterfacesRemoved',
    read: ([path, interfaces]) => {
      const ours = Array.isArray(interfaces) && interfaces.includes(CLIENT.name);
      return ours ? { kind: 'client-removed', path: String(path) } : null;
    },
  },
  {
    interface: MANDOS.name,
    member: 'ClientNotFound',
    read: ([keyId, address]) => ({
      kind: 'client-not-found',
      keyId: String(keyId),
      address: String(address),
    }),
  },
  {
    interface: PROPERTIES.name,
    member: 'PropertiesChanged',
    read: ([interfaceName, changed, invalidated], path) => {
      if (interfaceName !== CLIENT.name) return null;
      const secret = Array.isArray(invalidated) && invalidated.includes('Secret');
      return { kind: 'properties-changed', path, changes: clientChanges(changed), secret };
    },
  },
  {
    interface: CLIENT.name,
    member: 'CheckerStarted',
    read: ([command], path) => ({ kind: 'checker-started', path, command: String(command) }),
  },
  {
    interface: CLIENT.name,
    member: 'CheckerCompleted',
    read: ([exitStatus, waitStatus, command], path) => ({
      kind: 'checker-completed',
      path,
      exitStatus: Number(exitStatus),
      waitStatus: Number(waitStatus),
      command: String(command),
    }),
  },
  {
    interface: CLIENT.name,
    member: 'GotSecret',
    read: (_, path) => ({ kind: 'got-secret', path }),
  },
  {
    interface: CLIENT.name,
    member: 'Rejected',
    read: ([reason], path) => ({ kind: 'rejected', path, reason: String(reason) }),
  },
  {
    interface: CLIENT.name,
    member: 'NeedApproval',
    read: ([timeout, byDefault], path) => ({
      kind: 'need-approval',
      path,
      timeout: Number(timeout),
      approvedByDefault: byDefault === true,
    }),
  },
];
