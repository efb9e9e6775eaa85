import type { Question } from './message.ts';
import { type Label, type Name, name, nameKey, sameName } from './name.ts';
import {
  CLASS_ANY,
  CLASS_IN,
  type RecordData,
  RecordType,
  type ResourceRecord,
  typeOf,
} from './record.ts';

/** Where every kind of service on a link can be asked for (RFC 6763, section 9). */
const ALL_SERVICES = name('_services._dns-sd._udp.local');

/** Records that name a host live shorter than others (RFC 6762, section 10). */
const HOST_TTL = 120;
const OTHER_TTL = 4500;

/** What is announced on one link. */
export interface ServiceRecords {
  /** Such as `_mandos._tcp.local`. */
  readonly type: Name;
  readonly instance: Name;
  readonly host: Name;
  /** Shared with other responders: pointers from the service type. */
  readonly shared: readonly ResourceRecord[];
  /** Ours alone, and probed for: the service and the host's addresses. */
  readonly unique: readonly ResourceRecord[];
  /** What says that there are no other types at our names (RFC 6762, section 6.1). */
  readonly negative: readonly ResourceRecord[];
  /** The keys of all names above. */
  readonly names: ReadonlySet<string>;
}

export interface Announced {
  readonly type: Name;
  readonly instance: Label;
  readonly host: Label;
  readonly port: number;
  readonly addresses: readonly Uint8Array[];
}

export function serviceRecords(announced: Announced): ServiceRecords {
  const { type, port, addresses } = announced;
  const instance = [announced.instance, ...type];
  const host = [announced.host, 'local'];
  const unique = [
    owned(instance, HOST_TTL, { kind: 'srv', priority: 0, weight: 0, port, target: host }),
    // An empty TXT record is a single empty string (RFC 6763, section 6.1).
    owned(instance, OTHER_TTL, { kind: 'txt', bytes: new Uint8Array(1) }),
    ...addresses.map((address) =>
      owned(host, HOST_TTL, { kind: address.length === 4 ? 'a' : 'aaaa', address }),
    ),
  ];
  return {
    type,
    instance,
    host,
    shared: [pointer(type, instance), pointer(ALL_SERVICES, type)],
    unique,
    negative: [nothingElse(instance, unique), nothingElse(host, unique)],
    names: new Set([ALL_SERVICES, type, instance, host].map(nameKey)),
  };
}

function owned(name: Name, ttl: number, data: RecordData): ResourceRecord {
  return { name, recordClass: CLASS_IN, flush: true, ttl, data };
}

function pointer(name: Name, target: Name): ResourceRecord {
  const data: RecordData = { kind: 'ptr', target };
  return { name, recordClass: CLASS_IN, flush: false, ttl: OTHER_TTL, data };
}

function nothingElse(name: Name, unique: readonly ResourceRecord[]): ResourceRecord {
  const there = unique.filter((record) => sameName(record.name, name));
  const types = [...new Set(there.map((record) => typeOf(record.data)))].toSorted((a, b) => a - b);
  return owned(name, HOST_TTL, { kind: 'nsec', next: name, types });
}

/** The records that answer a question; for a type that a name of ours lacks, its NSEC record. */
export function answersTo(records: ServiceRecords, question: Question): readonly ResourceRecord[] {
  const { questionClass, type } = question;
  if (questionClass !== CLASS_IN && questionClass !== CLASS_ANY) return [];
  // A hostile query has hundreds of questions; most links have many for others.
  if (!records.names.has(nameKey(question.name))) return [];
  const named = (record: ResourceRecord): boolean => sameName(record.name, question.name);
  const typed = (record: ResourceRecord): boolean =>
    type === RecordType.any || type === typeOf(record.data);
  const positive = [...records.shared, ...records.unique].filter(
    (record) => named(record) && typed(record),
  );
  return positive.length > 0 ? positive : records.negative.filter(named);
}

/**
 * What an asker will want to know next, beside these answers (RFC 6763, section 12;
 * RFC 6762, section 6.2).
 */
export function additionsTo(
  records: ServiceRecords,
  answers: readonly ResourceRecord[],
): readonly ResourceRecord[] {
  const wanted = new Set<string>();
  for (const { data } of answers) {
    if (data.kind === 'ptr' && sameName(data.target, records.instance)) {
      wanted.add(nameKey(records.instance)).add(nameKey(records.host));
    }
    if (data.kind === 'srv' || data.kind === 'a' || data.kind === 'aaaa') {
      wanted.add(nameKey(records.host));
    }
  }
  return [...records.unique, ...records.negative].filter(
    (record) => wanted.has(nameKey(record.name)) && !answers.includes(record),
  );
}

/** Everything that an announcement says. */
export function announcedRecords(records: ServiceRecords): readonly ResourceRecord[] {
  return [...records.shared, ...records.unique];
}
