/** The tones of verdicts and trust, and the growth that rows show. */
import { formatSignedBytes, type RateUnit } from '../../base/format.js';
import { isRising, type ReliabilityName, type ReportStack, type VerdictName } from '../../rank/report/report-rows.js';
import type { Tone } from './styled-line.js';

export const VERDICT_TONES: Readonly<Record<VerdictName, Tone>> = {
  growing: 'warn',
  'in-steps': 'warn',
  rested: 'plain',
  'one-time': 'plain',
  steady: 'dim',
  churning: 'dim',
  unreliable: 'bad',
};

export const TRUST_TONES: Readonly<Record<ReliabilityName, Tone>> = {
  confirmed: 'good',
  plausible: 'plain',
  unreliable: 'bad',
};

/** Returns the rate of a row that rises, without its unit; '-' for any other row. */
export function rateText({ verdict, growth }: ReportStack, { hours }: RateUnit): string {
  return isRising(verdict) && growth !== null ? formatSignedBytes(growth.bytesPerHour * hours) : '-';
}
