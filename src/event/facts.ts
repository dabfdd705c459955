import type { TraceFact } from './trace-sink.js';

/** Time at which a fact happened; null for one that holds for the whole trace. */
export function timeOf(fact: TraceFact): number | null {
  return 'timeNs' in fact ? fact.timeNs : null;
}

/**
 * The fact `ns` later (earlier if negative), in a trace whose time 0 moves by as much: wall clock time stays. No time
 * falls below 0: events of two CPUs may come a little out of order, so some lie before the start of a later trace.
 */
export function shifted<Fact extends TraceFact>(fact: Fact, ns: number): Fact {
  if (fact.type === 'host') {
    const { facts } = fact;
    const startUnixMs = facts.startUnixMs === 0 ? 0 : facts.startUnixMs + Math.round(-ns / 1e6);
    return { ...fact, facts: { ...facts, startUnixMs } };
  }
  return 'timeNs' in fact ? { ...fact, timeNs: Math.max(0, fact.timeNs + ns) } : fact;
}
