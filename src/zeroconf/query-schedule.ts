import { type Duration, milliseconds, minutes, seconds } from '../core/time.ts';

/**
 * The pauses after each query for the same thing: 1 s, 2 s, 4 s … up to `longest`
 * (RFC 6762, section 5.2).
 */
export function* queryPauses(longest: Duration = minutes(60)): Generator<Duration, never> {
  for (let pause = seconds(1); ; pause = milliseconds(Math.min(pause * 2, longest))) yield pause;
}
