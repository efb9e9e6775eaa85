/**
 * JSON in nothing but printable ASCII, as Python writes it: what came from outside reaches no
 * terminal as it is (L2), and every reader understands it.
 */
export function asciiJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replaceAll(
    /[^\n -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
