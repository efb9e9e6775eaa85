import { milliseconds, seconds } from '../core/time.ts';

/** The times of a responder, from RFC 6762. */

/** Section 8.1: the first probe waits a random part of this, others follow after it. */
export const PROBE_INTERVAL = milliseconds(250);
export const PROBES = 3;

/** Section 8.2: who loses the tie-break tries again after this. */
export const TIE_BREAK_WAIT = seconds(1);

/** Section 8.1: after this many conflicts in so long a time, wait that long before a try. */
export const MOST_CONFLICTS = 15;
export const CONFLICT_PERIOD = seconds(10);
export const CONFLICT_WAIT = seconds(5);

/** Section 8.3. */
export const ANNOUNCEMENTS = 2;
export const ANNOUNCEMENT_INTERVAL = seconds(1);

/** Section 6: no record is sent to a link more often, */
export const RECORD_INTERVAL = seconds(1);
/** but a name is defended against a probe. */
export const DEFENCE_INTERVAL = milliseconds(250);

/** Section 6: answers that others might give too are spread over 20 to 120 ms, */
export const SHARED_DELAY = { from: 20, to: 120 } as const;
/** Section 7.2: and wait 400 to 500 ms when more known answers follow. */
export const TRUNCATED_DELAY = { from: 400, to: 500 } as const;

/** Section 6.7: what a resolver that knows nothing of multicast may keep, in seconds. */
export const LEGACY_TTL = 10;
