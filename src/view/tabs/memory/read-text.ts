/** Of which moment figures are that stand beside a trace. */
import type { ReadAt } from '../../../session/view-data.js';

/** Times beyond are no dates of JavaScript's. */
const MOST_MS = 8.64e15;

/** 'as of 14:02:11 UTC', with the date where it is not of this machine now; 'of a look at an unknown time'. */
export function readText({ timeMs, isNow }: ReadAt): string {
  if (timeMs === null || !(timeMs > 0 && timeMs < MOST_MS)) return isNow ? 'as of now' : 'of a look at an unknown time';
  const [date, time] = new Date(timeMs).toISOString().slice(0, 19).split('T');
  return isNow ? `as of ${time} UTC` : `of the look of ${date} ${time} UTC`;
}
