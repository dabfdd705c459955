/**
 * rank: reads the core at one instant and returns an immutable Report. The Report is a function of
 * the events, the symbols and the selection; it does not depend on when or how often rank is
 * called.
 *
 * The id of a ranked row (`stackId` in the Report) is the call path's id * 4 + its allocator; 2^40 more
 * for what the path held before the trace (keyOf() of the PathTable).
 */
import { coverageSentences } from '../coverage/sentences.js';
import type { HostFacts } from '../event/host-facts.js';
import { kindName } from '../event/kinds.js';
import {
  LOSS_DAMAGED,
  LOSS_NAME_TABLE_FULL,
  LOSS_NO_STACK,
  LOSS_RECURSION,
  LOSS_REPORTED,
  LOSS_RING_FULL,
  LOSS_STACK_TABLE_FULL,
} from '../event/losses.js';
import type { PairingCore } from '../pair/pairing-core.js';
import { type Concluded, conclusionsOf } from './answer/conclusions.js';
import { groupedRows } from './groups/group-rows.js';
import { removedCgroupsOf } from './groups/removed-cgroups.js';
import type { Report, ReportLoss } from './report/report.js';
import { type CgroupFacts, NO_CGROUP_FACTS } from './report/report-cgroups.js';
import { NO_MARKS, type ReportMarks } from './report/report-marks.js';
import type { ProcessObjects } from './report/report-memory.js';
import type { ReportStack } from './report/report-rows.js';
import { defaultSelection, type Selection } from './report/selection.js';
import { rankedRows, rankedStack } from './rows/call-path-rows.js';
import { beforeOf, outstandingOf, selfOf } from './rows/outstanding.js';
import { type Ranking, rankingOf } from './rows/ranking.js';
import type { CompiledSelection } from './select/compiled-selection.js';
import type { PairedTrace } from './select/paired-trace.js';
import type { PathTotals } from './select/path-totals.js';
import { memoryReport } from './trust/memory-report.js';
import { pageMovesOf } from './trust/page-moves.js';
import { reconciliationOf } from './trust/reconciliation.js';
import { allocatorEstimates } from './trust/sample-estimate.js';
import { tracedProcesses } from './trust/traced-processes.js';

export { openStack } from './rows/open-stack.js';

/** Source of the events, and the facts of the traced machine. */
export interface ReportSource {
  kind: Report['source']['kind'];
  facts: HostFacts;
  /** Mappings of the traced processes at the kernel's latest figures for them, by their number in the trace. */
  objects?: ReadonlyMap<number, ProcessObjects>;
  /** The machine's memory over the trace, where the caller keeps it. */
  memory?: Report['memory'];
  /** What triage says of the trace's first look. */
  triage?: Report['triage'];
  /** Counters beside their limits, of the trace's newest look. */
  limits?: Report['limits'];
  /** The last census of the machine's pages, with its changes since the first. */
  census?: Report['census'];
  /** What happened on the machine meanwhile. */
  marks?: ReportMarks;
  /** Who made cgroups, and what the kernel counts for them. */
  cgroups?: CgroupFacts;
}

/** Compiles a plain Selection. Throws an Error if grep or hide is not a regular expression. */
export function rank(trace: PairedTrace, selection: Selection | CompiledSelection, source: ReportSource): Report {
  const ranking = rankingOf(trace, selection);
  const { core, totals } = ranking;
  const ranked = ranking.selection.group === 'stack' ? callPathRows(ranking) : groupedRows(ranking);
  const report: Concluded = {
    format: 'unfreed-report',
    version: 1,
    source: sourceOf(source, core),
    durationNs: core.nowNs,
    events: { total: core.eventCount, allocs: core.allocEvents, frees: core.freeEvents },
    anomalies: anomaliesOf(core),
    losses: lossesOf(core),
    outstanding: outstandingOf(ranking),
    estimate: allocatorEstimates(core),
    young: youngOf(core),
    before: beforeOf(ranking),
    removedCgroups: removedOf(ranking, source.cgroups ?? NO_CGROUP_FACTS),
    self: selfOf(core),
    meminfo: memoryReport(core),
    triage: source.triage ?? null,
    limits: source.limits ?? null,
    census: source.census ?? null,
    memory: source.memory ?? null,
    ...processesOf(ranking, source),
    ...(source.marks ?? NO_MARKS),
    moves: pageMovesOf(core),
    reconciliation: reconciliationOf(core),
    curve: ranking.judges.curveVerdicts.times,
    selection: selectionOf(ranking.selection),
    suppressed: totals.suppressed,
    watched: totals.watched,
    matching: matchingOf(totals, ranked.rows),
    findings: findingsOf(ranking, ranked.stacks),
  };
  return { ...report, conclusions: conclusionsOf(report), stacks: ranked.stacks };
}

/** Mappings that are neither of the heap nor of files. */
const OTHER_MAPPINGS: readonly (string | null)[] = ['mapped', 'thread stack'];

/** Only of a trace that has any: reports of the kernel's memory are as they were. */
function processesOf({ core, totals }: Ranking, { objects = new Map() }: ReportSource): Pick<Report, 'processes'> {
  const isOther = (row: number): boolean => OTHER_MAPPINGS.includes(totals.categoryOf(row));
  const processes = tracedProcesses(core, { objects, isOther });
  return processes.length === 0 ? {} : { processes };
}

/** Findings in a report, beside its rows. */
const FINDINGS = 16;

/** Returns the first findings of the whole trace. They are the rows of the report if it ranks just these. */
function findingsOf(ranking: Ranking, rows: ReportStack[]): ReportStack[] {
  const whole = { ...defaultSelection(FINDINGS), group: 'finding' as const };
  // Of the same call paths in the same order, this has the totals and judges of the rows too.
  const all = rankingOf(ranking, whole);
  let found = findings.get(all.totals);
  if (found === undefined) {
    const { selection, totals } = ranking;
    const isRanked = totals === all.totals && selection.group === 'finding' && selection.limit >= FINDINGS;
    found = isRanked ? rows.slice(0, FINDINGS) : groupedRows(all).stacks;
    findings.set(all.totals, found);
  }
  return found;
}

/** Those of the whole trace, whatever is selected. */
function removedOf(ranking: Ranking, known: CgroupFacts): Report['removedCgroups'] {
  if (ranking.core.removedCgroups.size === 0) return null;
  return removedCgroupsOf(rankingOf(ranking, defaultSelection(FINDINGS)), known);
}

/** By the totals of the whole trace, which are made anew when the core has taken an event: a memo, never an input. */
const findings = new WeakMap<PathTotals, ReportStack[]>();

/** Returns a row for each call path, and the number of rows, shown or not. */
function callPathRows(ranking: Ranking): { rows: number; stacks: ReportStack[] } {
  const stacks = rankedRows(ranking).map((ranked, i) => rankedStack(ranking, ranked, i + 1));
  return { rows: ranking.totals.rows.length, stacks };
}

function selectionOf(selection: Selection): Selection {
  return { ...selection, allocators: [...selection.allocators], categories: [...selection.categories] };
}

function sourceOf({ kind, facts: host }: ReportSource, core: PairingCore): Report['source'] {
  return {
    kind,
    collector: host.collector,
    hostname: host.hostname,
    kernel: host.kernel,
    arch: host.arch,
    pageSize: host.pageSize,
    startUnixMs: host.startUnixMs,
    sampleOneIn: host.sampleOneIn,
    sampleMoves: core.sampling.moves.map((move) => ({ ...move })),
    maxOverhead: host.maxOverhead === 0 ? null : host.maxOverhead,
    minAgeNs: host.minAgeNs,
    timesAreCounts: host.timesAreCounts,
    allocators: [...host.allocators],
    coverage: host.coverage.map((gap) => ({ ...gap, kinds: [...gap.kinds] })),
    notes: [...coverageSentences(host.coverage, host), ...processNotes(core), ...host.notes],
  };
}

/** What pairing could not do exactly with the memory of processes. */
function processNotes({ processMemory: { hugeBlocks, uncopiedForks } }: PairingCore): string[] {
  const notes: string[] = [];
  if (hugeBlocks > 0) {
    notes.push(
      `${hugeBlocks} ${hugeBlocks === 1 ? 'block' : 'blocks'} of the heap of 4 GiB or more count as 4 GiB each`,
    );
  }
  if (uncopiedForks > 0) {
    const forks = uncopiedForks === 1 ? 'a fork was' : `${uncopiedForks} forks were`;
    notes.push(`the memory of ${forks} too much to be copied: what such a process had from its parent is not shown`);
  }
  return notes;
}

function anomaliesOf(core: PairingCore): Report['anomalies'] {
  const { lossLedger } = core;
  return {
    orphanFrees: core.orphanFrees,
    missedFrees: core.missedFrees,
    failedAllocs: core.failedAllocs + lossLedger.failedAllocs,
    lostEvents: lossLedger.lostEvents,
    stackMisses: core.stackMisses,
    nullFrees: core.nullFrees + lossLedger.nullFrees,
    badEvents: core.badEvents + lossLedger.unknown,
  };
}

const LOSS_NAMES: Record<number, string> = {
  [LOSS_RING_FULL]: 'ring-full',
  [LOSS_RECURSION]: 'recursion',
  [LOSS_NO_STACK]: 'no-stack',
  [LOSS_STACK_TABLE_FULL]: 'stack-table-full',
  [LOSS_NAME_TABLE_FULL]: 'name-table-full',
  [LOSS_REPORTED]: 'reported',
  [LOSS_DAMAGED]: 'damaged',
};

function lossesOf(core: PairingCore): ReportLoss[] {
  return core.lossLedger.rows().map(({ cause, kind, cpu, count, bytes }) => ({
    cause: LOSS_NAMES[cause],
    kind: kindName(kind),
    cpu,
    count,
    bytes,
  }));
}

function youngOf({ hostFacts, lossLedger }: PairingCore): Report['young'] {
  const { youngPairs, youngBytes, youngMissed, youngDirect, youngLeft } = lossLedger;
  if (hostFacts.minAgeNs === 0 && youngPairs === 0) return null;
  return { pairs: youngPairs, bytes: youngBytes, missedFrees: youngMissed, sentAtOnce: youngDirect, left: youngLeft };
}

function matchingOf(totals: PathTotals, rows: number): Report['matching'] {
  const matching = { stacks: totals.rows.length, rows, bytes: 0, count: 0 };
  for (const row of totals.rows) {
    matching.bytes += totals.bytes[row];
    matching.count += totals.count[row];
  }
  return matching;
}
