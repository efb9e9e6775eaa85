import { type Duration, milliseconds, minutes, seconds } from '../core/time.ts';

/**
 * A packet may be lost, above all on a link that has only just come up, and somebody waits for
 * a machine to boot. So the first second has three queries more than RFC 6762, section 5.2,
 * has; servers that have answered need not do so again.
 */
const FIRST_PAUSES: readonly Duration[] = [150, 350, 500].map(milliseconds);

/**
 * The pauses after each query for the same thing: some short ones that make up a second, then
 * 1 s, 2 s, 4 s … up to `longest` (RFC 6762, section 5.2).
 */
export function* queryPauses(longest: Duration = minutes(60)): Generator<Duration, never> {
  yield* FIRST_PAUSES;
  for (let pause = seconds(1); ; pause = milliseconds(Math.min(pause * 2, longest))) yield pause;
}
