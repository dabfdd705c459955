/** What the figures on the screen are, where frees are missing (coverage/meaning.ts). */
import type { HeldMeaning } from '../../coverage/meaning.js';
import { coverageReason } from '../../coverage/sentences.js';
import type { Report } from '../../rank/report/report.js';

/** Before the total of the header. */
export const TOTAL_WORDS: Readonly<Record<HeldMeaning, string>> = {
  outstanding: 'held',
  'at-most': 'held at most',
  allocated: 'at most (frees not traced)',
  sample: 'in a sample',
  before: 'held before the trace',
};

/** Behind the bytes of one call path; '' for outstanding memory. */
export const ROW_WORDS: Readonly<Record<HeldMeaning, string>> = {
  outstanding: '',
  'at-most': ' at most',
  allocated: ' at most: frees not traced',
  sample: ' of a sample',
  before: ' before the trace',
};

/** Why the figures are not simply what is held: a reason for each gap, untrusted text; '' where they are. */
export function coverageReasons({ source }: Report): string {
  const reasons = source.coverage.map(coverageReason).filter((reason) => reason !== null);
  return [...new Set(reasons)].join('; ');
}
