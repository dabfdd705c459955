/** The part of the Report that shows counters beside their limits. */
import type { Gauge, Gauges } from '../../triage/report.js';

export type { Gauge };

/** Of the newest look at the machine that the trace carries: the figures are of that moment, not of the report's. */
export interface ReportLimits extends Gauges {
  /** Wall clock of the look, ms since 1970; null = not known. */
  timeMs: number | null;
}
