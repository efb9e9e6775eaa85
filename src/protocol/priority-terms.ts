/** One part of a priority string, read and not yet looked up. */
export type PriorityTerm = {
  /** As it was written, for messages. */
  readonly text: string;
  /** Which part of the string it is, from 1. */
  readonly position: number;
} & (
  | { readonly kind: 'keyword'; readonly name: string }
  | { readonly kind: 'add'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'option'; readonly name: string }
);

/**
 * Takes a priority string apart at its colons. Names are put in upper case, for GnuTLS
 * takes any; not those of %OPTIONS, which it wants in capitals. Spaces may come before a
 * part and nowhere else, as there. Nothing is refused here: an empty or senseless part
 * becomes a name that nobody knows.
 */
export function splitPriority(text: string): PriorityTerm[] {
  return text.split(':').map((part, index) => {
    const trimmed = part.replace(/^ +/, '');
    const origin = { text: trimmed, position: index + 1 };
    const rest = trimmed.slice(1);
    switch (trimmed.charAt(0)) {
      case '+':
        return { kind: 'add', name: upperCase(rest), ...origin };
      case '-':
      case '!':
        return { kind: 'remove', name: upperCase(rest), ...origin };
      case '%':
        return { kind: 'option', name: rest, ...origin };
      default:
        return { kind: 'keyword', name: upperCase(trimmed), ...origin };
    }
  });
}

/** Of ASCII letters only: `ſ` in capitals would be an `S`, and GnuTLS takes it for none. */
function upperCase(name: string): string {
  return name.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
