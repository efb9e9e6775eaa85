import type { Message, Question } from './message.ts';
import type { Name } from './name.ts';
import { type RecordData, type ResourceRecord, typeBitmap, typeOf, wireName } from './record.ts';

/** A pointer has 14 bits. */
const FARTHEST_TARGET = 0x3fff;

/** The message as bytes, its names compressed (RFC 1035, section 4.1.4). */
export function writeMessage(message: Message): Uint8Array {
  const writer = new Writer();
  const { questions, answers, authorities, additionals } = message;
  writer.uint16(message.id);
  // An answer is authoritative (RFC 6762, section 18.4).
  writer.uint16((message.response ? 0x8400 : 0) | (message.truncated ? 0x0200 : 0));
  for (const section of [questions, answers, authorities, additionals])
    writer.uint16(section.length);
  for (const question of questions) writer.question(question);
  for (const section of [answers, authorities, additionals]) {
    for (const record of section) writer.record(record);
  }
  return Uint8Array.from(writer.bytes);
}

class Writer {
  readonly bytes: number[] = [];
  /** Where each name, and each end of a name, was written. */
  readonly #places = new Map<string, number>();

  uint16(value: number): void {
    this.bytes.push((value >> 8) & 0xff, value & 0xff);
  }

  question({ name, type, questionClass, unicast }: Question): void {
    this.#name(name);
    this.uint16(type);
    this.uint16(questionClass | (unicast ? 0x8000 : 0));
  }

  record({ name, recordClass, flush, ttl, data }: ResourceRecord): void {
    this.#name(name);
    this.uint16(typeOf(data));
    this.uint16(recordClass | (flush ? 0x8000 : 0));
    this.uint16(ttl >>> 16);
    this.uint16(ttl & 0xffff);
    const lengthAt = this.bytes.length;
    this.uint16(0);
    this.#data(data);
    const length = this.bytes.length - lengthAt - 2;
    this.bytes[lengthAt] = length >> 8;
    this.bytes[lengthAt + 1] = length & 0xff;
  }

  #data(data: RecordData): void {
    switch (data.kind) {
      case 'a':
      case 'aaaa':
        this.bytes.push(...data.address);
        return;
      case 'ptr':
        this.#name(data.target);
        return;
      case 'srv':
        for (const value of [data.priority, data.weight, data.port]) this.uint16(value);
        this.#name(data.target);
        return;
      case 'nsec':
        this.#name(data.next);
        this.bytes.push(...typeBitmap(data.types));
        return;
      case 'txt':
      case 'other':
        this.bytes.push(...data.bytes);
        return;
      default:
        data satisfies never;
    }
  }

  #name(name: Name): void {
    for (const [index, label] of name.entries()) {
      const key = wireName(name.slice(index));
      const place = this.#places.get(key);
      if (place !== undefined) {
        this.uint16(0xc000 | place);
        return;
      }
      if (this.bytes.length <= FARTHEST_TARGET) this.#places.set(key, this.bytes.length);
      this.bytes.push(label.length);
      for (let i = 0; i < label.length; i++) this.bytes.push(label.charCodeAt(i));
    }
    this.bytes.push(0);
  }
}
