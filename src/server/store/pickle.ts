/**
 * Reads Python pickles, just the part that `clients.pickle` is made of: protocol 2 of the
 * format that Python's `pickletools` module documents. Nothing is ever executed or looked up:
 * of the names a pickle may call, four are known here, and they only put values together.
 */
import { callGlobal } from './pickle-call.ts';
import { KNOWN_GLOBALS, type PickleDict, PickleError, type PickleValue } from './pickle-value.ts';

/** The value in the pickle. Throws `PickleError`; takes time in proportion to its length. */
export function readPickle(bytes: Uint8Array): PickleValue {
  return new PickleMachine(bytes).run();
}

const MARK = Symbol('mark');

class PickleMachine {
  readonly #bytes: Buffer;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  run(): PickleValue {
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e /* STOP */) return this.#pop();
      const value = this.#valueOf(opcode);
      if (value !== undefined) this.#stack.push(value);
      else this.#step(opcode);
    }
  }

  /** The value that the opcode puts on the stack; undefined when it does something else. */
  #valueOf(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4b: // BININT1
        return this.#byte();
      case 0x4d: // BININT2
        return this.#take(2).readUInt16LE();
      case 0x4a: // BININT
        return this.#take(4).readInt32LE();
      case 0x8a: // LONG1
        return this.#long(this.#byte());
      case 0x47: // BINFLOAT
        return this.#take(8).readDoubleBE();
      case 0x58: // BINUNICODE
        return this.#take(this.#length()).toString('utf8');
      case 0x63: // GLOBAL
        return this.#global();
      case 0x52: // REDUCE
        return this.#reduce();
      case 0x29: // EMPTY_TUPLE
        return { kind: 'tuple', items: [] };
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return { kind: 'tuple', items: this.#popMany(opcode - 0x84) };
      case 0x74: // TUPLE
        return { kind: 'tuple', items: this.#popToMark() };
      case 0x5d: // EMPTY_LIST
        return { kind: 'list', items: [] };
      case 0x7d: // EMPTY_DICT
        return { kind: 'dict', items: new Map() };
      case 0x68: // BINGET
        return this.#recall(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#length());
      default:
        return undefined;
    }
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        if (this.#byte() > 2) throw this.#error('it is of a newer protocol than 2');
        break;
      case 0x28: // MARK
        this.#stack.push(MARK);
        break;
      case 0x61: // APPEND
        this.#append(this.#popMany(1));
        break;
      case 0x65: // APPENDS
        this.#append(this.#popToMark());
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#popToMark());
        break;
      case 0x71: // BINPUT
        this.#remember(this.#byte());
        break;
      case 0x72: // LONG_BINPUT
        this.#remember(this.#length());
        break;
      default:
        throw this.#error(`the opcode ${opcode} is none of those that are understood`);
    }
  }

  #byte(): number {
    return this.#take(1).readUInt8();
  }

  #length(): number {
    return this.#take(4).readUInt32LE();
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#error('it ends too early');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** A little-endian number of any length; those that are not exact are no values of ours. */
  #long(length: number): number {
    if (length > 6) throw this.#error('a number is too large');
    return length === 0 ? 0 : this.#take(length).readIntLE(0, length);
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end === -1) throw this.#error('it ends too early');
    const line = this.#take(end - this.#at).toString('latin1');
    this.#at = end + 1;
    return line;
  }

  #global(): PickleValue {
    const written = `${this.#line()} ${this.#line()}`;
    const name = KNOWN_GLOBALS.find((known) => known === written);
    if (name === undefined) throw this.#error('it wants something called that is not known here');
    return { kind: 'global', name };
  }

  #reduce(): PickleValue {
    const args = this.#pop();
    const called = this.#pop();
    if (!isKind(called, 'global') || !isKind(args, 'tuple')) {
      throw this.#error('a call is malformed');
    }
    return callGlobal(called.name, args.items);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#error('a value is missing');
    return value;
  }

  #popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark === -1) throw this.#error('a mark is missing');
    // After the last mark there are only values.
    return this.#stack.splice(mark).slice(1) as PickleValue[];
  }

  #popMany(count: number): PickleValue[] {
    const items: PickleValue[] = [];
    for (let left = count; left > 0; left--) items.unshift(this.#pop());
    return items;
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#pop();
    if (!isKind(list, 'list')) throw this.#error('a list is missing');
    for (const item of items) list.items.push(item);
    this.#stack.push(list);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#pop();
    if (!isKind(dict, 'dict') || items.length % 2 !== 0)
      throw this.#error('a dictionary is missing');
    this.#fill(dict, items);
    this.#stack.push(dict);
  }

  #fill(dict: PickleDict, items: readonly PickleValue[]): void {
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      const value = items[i + 1];
      if (typeof key !== 'string' || value === undefined) throw this.#error('a key is no text');
      dict.items.set(key, value);
    }
  }

  #remember(index: number): void {
    const value = this.#pop();
    this.#memo.set(index, value);
    this.#stack.push(value);
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#error('a memory is missing');
    return value;
  }

  #error(what: string): PickleError {
    return new PickleError(`${what} (at byte ${this.#at})`);
  }
}

type Kinds = Exclude<PickleValue, null | boolean | number | string>;

/** Whether the value is of that kind. */
export function isKind<K extends Kinds['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<Kinds, { readonly kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}
