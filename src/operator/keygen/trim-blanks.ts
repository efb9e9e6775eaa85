const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

/**
 * The line without white space (of ASCII) at its ends. The answer lies in the memory of
 * `line`; what is cut off is overwritten (S4).
 */
export function trimBlanks(line: Uint8Array): Uint8Array {
  let start = 0;
  let end = line.length;
  while (end > start && isBlank(line[end - 1])) end--;
  while (start < end && isBlank(line[start])) start++;
  line.fill(0, end);
  line.fill(0, 0, start);
  return line.subarray(start, end);
}
