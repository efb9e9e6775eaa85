import type { Message } from './message.ts';
import { type Name, sameName } from './name.ts';
import { CLASS_IN, RecordType, type ResourceRecord, rawData, typeOf } from './record.ts';

/** All that a response says. */
export function recordsIn(message: Message): readonly ResourceRecord[] {
  return [...message.answers, ...message.authorities, ...message.additionals];
}

/**
 * Whether a response shows that another owns `name`: a record there that is not ours.
 * Goodbyes own nothing, and NSEC records only describe what others show.
 * @param isOurs whether we have published such a record, on any link
 */
export function claimsName(
  message: Message,
  name: Name,
  isOurs: (record: ResourceRecord) => boolean,
): boolean {
  return recordsIn(message).some(
    (record) =>
      record.ttl > 0 &&
      record.recordClass === CLASS_IN &&
      record.data.kind !== 'nsec' &&
      sameName(record.name, name) &&
      !isOurs(record),
  );
}

/** Whether a query probes for `name`: it asks for everything there and says what it will be. */
export function probesFor(message: Message, name: Name): boolean {
  return (
    message.questions.some(
      (question) => question.type === RecordType.any && sameName(question.name, name),
    ) && message.authorities.some((record) => sameName(record.name, name))
  );
}

/**
 * The tie-break between two that probe for the same name at once (RFC 6762, section 8.2):
 * their records in order, compared by class, type and data. Negative when ours lose.
 */
export function compareProbes(
  ours: readonly ResourceRecord[],
  theirs: readonly ResourceRecord[],
): number {
  const [left, right] = [
    ours.map(sortKey).toSorted(byBytes),
    theirs.map(sortKey).toSorted(byBytes),
  ];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [mine, other] = [left[i], right[i]];
    // The list that runs out first is the earlier one, and loses.
    if (mine === undefined) return -1;
    if (other === undefined) return 1;
    if (mine !== other) return byBytes(mine, other);
  }
  return 0;
}

function sortKey({ recordClass, data }: ResourceRecord): string {
  const type = typeOf(data);
  const head = String.fromCharCode(recordClass >> 8, recordClass & 0xff, type >> 8, type & 0xff);
  return head + rawData(data);
}

/** `<` on byte strings is the order of the bytes. */
function byBytes(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
