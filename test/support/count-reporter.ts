/**
 * A reporter for `node --test` that prints nothing and adds the run's numbers to the file
 * named by MANDOS_TEST_COUNTS, a line such as `passed 12` for each outcome (see .ci/run).
 */
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import type { TestEvent } from 'node:test/reporters';

export default async function* countReporter(events: AsyncIterable<TestEvent>) {
  for await (const event of events) {
    // Each file has a summary of its own; the whole run's names no file.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    const path = process.env.MANDOS_TEST_COUNTS;
    if (path === undefined) continue;
    appendFileSync(
      path,
      `passed ${passed}\nfailed ${tests - passed - skipped - todo}\nskipped ${skipped + todo}\n`,
    );
  }
  yield '';
}
