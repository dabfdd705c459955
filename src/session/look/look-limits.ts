import type { CarriedLook } from '../../event/trace-sink.js';
import { carriedLook } from '../../proc/kept-look.js';
import type { ReportLimits } from '../../rank/report/report-limits.js';
import { gaugesOf } from '../../triage/answer/gauges.js';
import { gatherFacts } from '../../triage/gather-facts.js';

/**
 * LookLimits: the gauges of the newest look that a trace carries, with the time of that look. Worked out once for each
 * look.
 */
export class LookLimits {
  private look: CarriedLook | undefined;
  private limits: ReportLimits | null = null;

  /** Returns null if there is no look, or no gauge in it; the same object as long as the newest look stays the same. */
  of(looks: readonly CarriedLook[]): ReportLimits | null {
    const newest = looks.at(-1);
    if (newest !== this.look) this.limits = newest === undefined ? null : limitsOf(newest);
    this.look = newest;
    return this.limits;
  }
}

export function limitsOf(look: CarriedLook): ReportLimits | null {
  const { gauges, more } = gaugesOf(gatherFacts(carriedLook(look, '')));
  return gauges.length === 0 ? null : { timeMs: look.unixMs === 0 ? null : look.unixMs, gauges, more };
}
