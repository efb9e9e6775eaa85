/**
 * What an object on the bus offers, as data. Introspection, argument checks, the Properties
 * interface and signals are all derived from it, so that they cannot disagree.
 */

export interface Argument {
  /** A single complete type. */
  readonly type: string;
  /** For introspection; left out where the original gives none. */
  readonly name?: string;
}

export type Annotations = Readonly<Record<string, string>>;

interface Member {
  readonly name: string;
  readonly annotations?: Annotations;
}

export interface Method extends Member {
  readonly kind: 'method';
  readonly takes: readonly Argument[];
  readonly gives: readonly Argument[];
}

export interface Signal extends Member {
  readonly kind: 'signal';
  readonly tells: readonly Argument[];
}

export interface Property extends Member {
  readonly kind: 'property';
  readonly type: string;
  readonly access: 'read' | 'write' | 'readwrite';
}

export interface Interface {
  readonly name: string;
  readonly annotations?: Annotations;
  /** Methods and signals, in the order of introspection. */
  readonly members: readonly (Method | Signal)[];
  readonly properties: readonly Property[];
}

export const DEPRECATED: Annotations = { 'org.freedesktop.DBus.Deprecated': 'true' };

/** How PropertiesChanged tells about a property: with its value (unless told), only that, or never. */
export function emitsChanged(how: 'const' | 'invalidates'): Annotations {
  return { 'org.freedesktop.DBus.Property.EmitsChangedSignal': how };
}

export function method(
  name: string,
  takes: readonly Argument[] = [],
  gives: readonly Argument[] = [],
  annotations: Annotations = {},
): Method {
  return { kind: 'method', name, takes, gives, annotations };
}

export function signal(
  name: string,
  tells: readonly Argument[] = [],
  annotations: Annotations = {},
): Signal {
  return { kind: 'signal', name, tells, annotations };
}

export function property(
  name: string,
  type: string,
  access: Property['access'],
  annotations: Annotations = {},
): Property {
  return { kind: 'property', name, type, access, annotations };
}

export function argument(type: string, name?: string): Argument {
  return name === undefined ? { type } : { type, name };
}

/** The signature of these arguments together. */
export function signatureOf(args: readonly Argument[]): string {
  return args.map(({ type }) => type).join('');
}
