import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { Answer, BusObject, ObjectTree, Values } from './bus-object.ts';
import { type Interface, type Method, signatureOf } from './contract.ts';
import { DBusError, ErrorName } from './dbus-error.ts';
import { introspect, introspectNode } from './introspection.ts';
import { getAllProperties, getProperty, setProperty } from './properties.ts';
import { INTROSPECTABLE, PEER, PROPERTIES } from './standard-interfaces.ts';
import { type Message, NO_REPLY_EXPECTED } from './wire.ts';

export type Outcome =
  | { readonly kind: 'values'; readonly signature: string; readonly values: Values }
  | { readonly kind: 'error'; readonly error: DBusError };

export interface DispatchContext {
  readonly tree: ObjectTree;
  /** The answer to GetMachineId. */
  readonly machineId: () => string;
  readonly log: Log;
}

export function wantsReply(call: Message): boolean {
  return ((call.flags ?? 0) & NO_REPLY_EXPECTED) === 0;
}

/** Finds what is called, checks the arguments and calls it. Never throws (L1). */
export async function dispatch(call: Message, context: DispatchContext): Promise<Outcome> {
  try {
    return await answer(call, context);
  } catch (error) {
    return { kind: 'error', error: asDBusError(error, call, context.log) };
  }
}

async function answer(call: Message, context: DispatchContext): Promise<Outcome> {
  const { path = '', interface: interfaceName, member = '' } = call;
  if (interfaceName === PEER.name) {
    const method = checked(findMethod([PEER], interfaceName, member), call);
    return values(method, member === 'GetMachineId' ? [context.machineId()] : []);
  }
  const object = context.tree.find(path);
  if (object === undefined) return answerNode(call, context.tree);
  const found = findMethod(object.interfaces, interfaceName, member);
  const method = checked(found, call);
  const args = call.body ?? [];
  return values(method, await invoke(object, found.interface.name, member, args, context.tree));
}

function invoke(
  object: BusObject,
  interfaceName: string,
  member: string,
  args: readonly unknown[],
  tree: ObjectTree,
): Answer {
  switch (interfaceName) {
    case INTROSPECTABLE.name:
      return [introspect(object.path, object.interfaces, tree.children(object.path))];
    case PROPERTIES.name:
      return invokeProperties(object, member, args);
    default:
      return object.invoke(interfaceName, member, args);
  }
}

async function invokeProperties(object: BusObject, member: string, args: readonly unknown[]) {
  // The arguments are texts where the contract says so: their signature has been checked.
  const [interfaceName, name] = [String(args[0]), String(args[1])];
  switch (member) {
    case 'Get':
      return [getProperty(object, interfaceName, name)];
    case 'GetAll':
      return [getAllProperties(object, interfaceName)];
    default:
      await setProperty(object, interfaceName, name, args[2]);
      return [];
  }
}

/** Where there is no object, people may still look what is below. */
function answerNode(call: Message, tree: ObjectTree): Outcome {
  const { path = '', interface: interfaceName, member = '' } = call;
  const children = tree.children(path);
  const [introspectMethod] = INTROSPECTABLE.members;
  const asks = interfaceName === undefined || interfaceName === INTROSPECTABLE.name;
  if (asks && member === introspectMethod?.name) {
    const method = checked(findMethod([INTROSPECTABLE], interfaceName, member), call);
    return values(method, [introspectNode(children)]);
  }
  if (children.length > 0) throw unknownMethod(interfaceName, member);
  throw new DBusError(ErrorName.unknownObject, `there is no object ${path}`);
}

interface FoundMethod {
  readonly interface: Interface;
  readonly method: Method;
}

function findMethod(
  interfaces: readonly Interface[],
  interfaceName: string | undefined,
  member: string,
): FoundMethod {
  for (const one of interfaces) {
    if (interfaceName !== undefined && one.name !== interfaceName) continue;
    for (const method of one.members) {
      if (method.kind === 'method' && method.name === member) return { interface: one, method };
    }
  }
  throw unknownMethod(interfaceName, member);
}

function unknownMethod(interfaceName: string | undefined, member: string): DBusError {
  const place = interfaceName === undefined ? '' : ` in interface ${interfaceName}`;
  return new DBusError(ErrorName.unknownMethod, `there is no method ${member}${place}`);
}

function checked({ method }: FoundMethod, call: Message): Method {
  const wanted = signatureOf(method.takes);
  const given = call.signature ?? '';
  if (given === wanted) return method;
  throw new DBusError(
    ErrorName.typeError,
    `${method.name} takes arguments of signature "${wanted}", not "${given}"`,
  );
}

function values(method: Method, given: Values): Outcome {
  return { kind: 'values', signature: signatureOf(method.gives), values: given };
}

function asDBusError(error: unknown, call: Message, log: Log): DBusError {
  if (error instanceof DBusError) return error;
  const what = `${call.interface ?? ''}.${call.member ?? ''} of ${call.path ?? ''}`;
  if (error instanceof MandosError) {
    log.log('warning', `D-Bus call ${what} failed: ${error.message}`);
    return new DBusError(ErrorName.failed, error.message);
  }
  // A fault of ours: the caller learns no details, and the text may quote a secret (S4).
  const kind = error instanceof Error ? error.name : typeof error;
  log.log('error', `D-Bus call ${what} failed unexpectedly (${kind})`);
  return new DBusError(ErrorName.failed, 'internal error');
}
