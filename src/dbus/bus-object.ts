import type { EncodedBody } from './body-writer.ts';
import type { Interface } from './contract.ts';

/** Something with a path on the bus. What it is asked has been checked against its contract. */
export interface BusObject {
  readonly path: string;
  /** In the order of introspection; the first one that has a member gets a call without interface. */
  readonly interfaces: readonly Interface[];
  /** The values that the method gives. Throws `DBusError`. */
  invoke(interfaceName: string, method: string, args: readonly unknown[]): Answer;
  /** The value of a property that may be read. */
  read(property: string): unknown;
  /** Takes over a property that may be written; throws `DBusError` when the value will not do. */
  write(property: string, value: unknown): void | Promise<void>;
}

export type Values = readonly unknown[] | EncodedBody;

export type Answer = Values | Promise<Values>;

/** All objects of a program, by path. */
export interface ObjectTree {
  find(path: string): BusObject | undefined;
  /** The names of the nodes right below this path, sorted; empty when there are none. */
  children(path: string): readonly string[];
}
