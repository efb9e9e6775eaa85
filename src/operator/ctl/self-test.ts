/** `mandos-ctl --check`: does what this program depends on work on this machine? */

import { decodeMessage, encodeMessage, messageType } from '../../dbus/wire.ts';
import { bootClock } from '../../system/boot-clock.ts';
import { safeLine } from '../../system/log-text.ts';
import { parseCtlDuration } from './ctl-duration.ts';

/** Each throws when it fails. */
const SELF_TESTS: readonly { readonly name: string; readonly run: () => void }[] = [
  { name: 'the boot-time clock runs', run: clockRuns },
  { name: 'times are understood in both forms', run: durations },
  { name: 'a D-Bus message survives its encoding', run: message },
];

/** Runs them all; the report has a line for each. */
export function runSelfTests(): { readonly report: string; readonly passed: boolean } {
  let report = '';
  let passed = true;
  for (const { name, run } of SELF_TESTS) {
    try {
      run();
      report += `ok: ${name}\n`;
    } catch (error) {
      report += `FAILED: ${name}: ${safeLine(String(error))}\n`;
      passed = false;
    }
  }
  return { report, passed };
}

function clockRuns(): void {
  const first = bootClock.now();
  if (!(first > 0 && bootClock.now() >= first)) throw new Error('the clock stands still');
}

function durations(): void {
  for (const text of ['PT1H30M', '1h 30m', '1h30m', '5400000']) {
    if (parseCtlDuration(text).duration !== 5_400_000) throw new Error(`${text} is misread`);
  }
}

function message(): void {
  const text = 'naïve 日本';
  const call = { type: messageType.methodCall, serial: 1, path: '/', member: 'Test' };
  const bytes = encodeMessage({ ...call, signature: 's', body: [text] });
  if (decodeMessage(bytes).body?.[0] !== text)
    throw new Error('another text came out than went in');
}
