import type { CarriedLook } from '../../event/trace-sink.js';
import { carriedLook } from '../../proc/kept-look.js';
import type { TriageReport } from '../../triage/report.js';
import { triageOf } from './triage-looks.js';

/** LookJudge: what triage says of the looks that a trace carries; worked out once for each new look. */
export class LookJudge {
  private readonly source: string;
  private looks: readonly CarriedLook[] = [];
  private report: TriageReport | null = null;

  /** `source` is what was looked at, for the head line: 'this machine' or the name of a recording. */
  constructor(source: string) {
    this.source = source;
  }

  /** Returns null if there is no look. Equal arrays give the same object. */
  of(looks: readonly CarriedLook[]): TriageReport | null {
    if (looks === this.looks) return this.report;
    this.looks = looks;
    this.report = looks.length === 0 ? null : triageOf(looks.map((look) => carriedLook(look, this.source)));
    return this.report;
  }
}
