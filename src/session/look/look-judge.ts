import type { CarriedLook } from '../../event/trace-sink.js';
import { carriedLook } from '../../proc/kept-look.js';
import type { TriageReport } from '../../triage/report.js';
import { triageOf } from './triage-looks.js';

/**
 * LookJudge: what triage says of the first look that a trace carries: of the machine as it was when the
 * trace began. Worked out once.
 */
export class LookJudge {
  private readonly source: string;
  private look: CarriedLook | undefined;
  private report: TriageReport | null = null;

  /** `source` is what was looked at, for the head line: 'this machine' or the name of a recording. */
  constructor(source: string) {
    this.source = source;
  }

  /** Returns null if there is no look; the same object as long as the first one stays the same. */
  of([first]: readonly CarriedLook[]): TriageReport | null {
    if (first !== this.look) this.report = first === undefined ? null : triageOf([carriedLook(first, this.source)]);
    this.look = first;
    return this.report;
  }
}
