/** Facts of one or more looks to the report: rules, order, pace. */
import type { LookOrigin, NotRead } from '../../proc/look.js';
import type { Facts } from '../facts.js';
import { outsideTotal } from '../outside-total.js';
import { SEVERITIES, type TriageFinding, type TriageReport } from '../report.js';
import { RULES, RULES_OF_PARTS } from '../rules/all-rules.js';
import { type Scene, sceneOf } from '../scene.js';
import { trendsOf } from '../trends.js';
import { meminfoName } from '../words.js';
import { equationOf } from './equation.js';
import { gaugesOf } from './gauges.js';
import { lineHolders } from './line-holders.js';
import { sourceName, wouldDecide } from './not-read.js';

export interface TriageInput {
  /** Oldest first; at least one. The last is the one that is judged, the others give the pace. */
  facts: readonly Facts[];
  /** As the look says it. */
  source: string;
  /** Where the newest look comes from. */
  origin: LookOrigin;
  notRead: readonly NotRead[];
}

/** The one rule that a container can be judged by whose meminfo is not the kernel's. */
const CGROUP_RULE = 'R17';
/** Below this a pace says nothing about the end. */
const MOST_HOURS = 24 * 365;

export function triage({ facts, source, origin, notRead }: TriageInput): TriageReport {
  const now = facts[facts.length - 1];
  const scene = sceneOf(facts, trendsOf(facts), { origin, source, notRead });
  const findings: TriageFinding[] = [];
  const fine: string[] = [];
  for (const rule of [...RULES, ...RULES_OF_PARTS]) {
    const found = rule.judge(scene);
    findings.push(...found);
    const applies = scene.wholeMachine || rule.id === CGROUP_RULE;
    if (found.length === 0 && applies && rule.knows(now)) fine.push(rule.about);
  }
  return {
    machine: { ...now.machine, source, timeMs: now.timeMs, looks: facts.length, spanSeconds: spanOf(facts) },
    equation: now.account === null ? [] : equationOf(now.account, meminfoName(now.machine)),
    outside: scene.wholeMachine ? outsideTotal(now) : [],
    lines: lineHolders(scene),
    findings: findings.toSorted(inOrder),
    limits: gaugesOf(now),
    hoursLeft: hoursLeft(scene),
    notRead: notRead.map((one) => ({ ...one, name: sourceName(one), wouldDecide: wouldDecide(one) })),
    fine: [...new Set(fine)],
  };
}

function inOrder(one: TriageFinding, other: TriageFinding): number {
  return placeOf(one) - placeOf(other) || weight(other) - weight(one);
}

/** 'fine' comes first, for it only stands where it is the answer; then by severity, within each by bytes. */
function placeOf({ severity }: TriageFinding): number {
  return severity === 'fine' ? -1 : SEVERITIES.indexOf(severity);
}

/** A full limit without an amount stands above those with one. */
function weight({ bytes }: TriageFinding): number {
  return bytes ?? Number.MAX_SAFE_INTEGER;
}

function hoursLeft({ available, availableAtLeast, trends }: Scene): number | null {
  const trend = trends.get('available');
  if (available === null || availableAtLeast || trend?.certain !== true || trend.bytesPerHour >= 0) return null;
  const hours = available / -trend.bytesPerHour;
  return hours < MOST_HOURS ? hours : null;
}

function spanOf(facts: readonly Facts[]): number {
  const times = facts.flatMap(({ timeMs }) => (timeMs === null ? [] : [timeMs]));
  return times.length < 2 ? 0 : (Math.max(...times) - Math.min(...times)) / 1000;
}
