import type { WallTime } from '../../core/time.ts';
import { stamp, withEntry } from './log-pane.ts';
import type { Model } from './model.ts';

/** The model with one more entry in its log; a headline has no time and is bold. */
export function logged(
  model: Model,
  text: string,
  now: WallTime,
  kind: 'entry' | 'headline' = 'entry',
): Model {
  const headline = kind === 'headline';
  const line = headline ? text : `${stamp(now)}: ${text}`;
  return { ...model, log: withEntry(model.log, line, model.charset, headline) };
}
