import { LONGEST_LABEL, shortened } from './name.ts';
import { utf8Encode } from './utf8.ts';

/** The next name to try for a service whose name is taken: "Mandos", "Mandos #2", "Mandos #3". */
export function alternativeServiceName(taken: string): string {
  const [, base = taken, number = '1'] = /^(.+) #(\d{1,6})$/su.exec(taken) ?? [];
  return withSuffix(base, ` #${Number(number) + 1}`);
}

/** The same for a host: "web-mandos", "web-mandos-2". @param attempt 2 for the first alternative */
export function alternativeHostName(base: string, attempt: number): string {
  return withSuffix(base, `-${attempt}`);
}

/** Shortens the text so that all of it fits into a label. */
function withSuffix(text: string, suffix: string): string {
  return shortened(text, LONGEST_LABEL - utf8Encode(suffix).length) + suffix;
}
