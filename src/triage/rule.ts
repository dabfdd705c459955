/** A rule of triage: what it looks at, and how it makes a finding. */
import { formatShare } from '../base/format.js';
import type { Facts } from './facts.js';
import type { Severity, TriageFinding } from './report.js';
import type { Scene } from './scene.js';

export interface Rule {
  id: string;
  /** What it judges, for the list of what is fine: 'slab', 'sockets'. */
  about: string;
  /** True if enough was read for its silence to mean that nothing is abnormal. */
  knows: (facts: Facts) => boolean;
  /** Findings, in any order; none if nothing is abnormal, or if it cannot be told. */
  judge: (scene: Scene) => TriageFinding[];
}

/** A finding with the parts that many do not have left empty. */
export function finding(
  rule: string,
  severity: Severity,
  parts: Pick<TriageFinding, 'item' | 'text'> & Partial<TriageFinding>,
): TriageFinding {
  return { bytes: null, growthBytesPerHour: null, holders: [], details: [], next: [], ...parts, rule, severity };
}

/** ' (12%)' behind an amount; without MemTotal, that the share is not known. */
export function ofTotal({ total }: Pick<Scene, 'total'>, bytes: number): string {
  return total > 0 ? ` (${formatShare(bytes, total)})` : '; of how much memory is not known, as MemTotal was not read';
}
