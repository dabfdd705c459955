/** The tones of verdicts and trust, and the growth that rows show. */
import type { ReliabilityName, ReportStack, VerdictName } from '../../rank/report/report.js';
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

/** Growth in bytes an hour: the trend, or without one, the mean since the trace began; 0 if the unit of time is not known. */
export function growthPerHour(stack: ReportStack): number {
  return stack.growth?.bytesPerHour ?? (stack.growthBytesPerSecond ?? 0) * 3600;
}
