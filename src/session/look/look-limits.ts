import type { CarriedLook } from '../../event/trace-sink.js';
import { carriedLook } from '../../proc/kept-look.js';
import type { ReportLimits } from '../../rank/report/report-limits.js';
import { gaugesOf } from '../../triage/answer/gauges.js';
import { gatherFacts } from '../../triage/gather-facts.js';

/**
 * LookLimits: the gauges of the newest look that a trace carries, with the time of that look. A look at the end of a trace
 * is made in a hurry: of the machine's own limits, what it left out is from an earlier look. Worked out once for each look.
 */
export class LookLimits {
  private looks: readonly CarriedLook[] = [];
  private limits: ReportLimits | null = null;
  private readonly known = new WeakMap<CarriedLook, ReportLimits | null>();

  /** Returns null if there is no look, or no gauge in one; the same object as long as the looks stay the same. */
  of(looks: readonly CarriedLook[]): ReportLimits | null {
    if (looks !== this.looks) this.limits = joined(looks.flatMap((look) => this.ofLook(look) ?? []));
    this.looks = looks;
    return this.limits;
  }

  private ofLook(look: CarriedLook): ReportLimits | null {
    let limits = this.known.get(look);
    if (limits === undefined) {
      limits = limitsOf(look);
      this.known.set(look, limits);
    }
    return limits;
  }
}

export function limitsOf(look: CarriedLook): ReportLimits | null {
  const { gauges, more } = gaugesOf(gatherFacts(carriedLook(look, '')));
  return gauges.length === 0 ? null : { timeMs: look.unixMs === 0 ? null : look.unixMs, gauges, more };
}

/** `all`: of the looks, the oldest first. A cgroup or a mount that the newest look does not have may be gone. */
function joined(all: readonly ReportLimits[]): ReportLimits | null {
  const newest = all.at(-1);
  if (newest === undefined) return null;
  const gauges = [...newest.gauges];
  for (const { timeMs, gauges: earlier } of all.toReversed().slice(1)) {
    for (const gauge of earlier) {
      if (gauge.of !== '' || gauges.some(({ name, of }) => name === gauge.name && of === '')) continue;
      gauges.push({ ...gauge, readMs: timeMs });
    }
  }
  return { ...newest, gauges: gauges.toSorted((one, other) => other.share - one.share) };
}
