/**
 * What every export says beside its numbers: which machine, what was lost, what was left out, what
 * the totals are. A reader next year has nothing else that shows how far the numbers can be
 * trusted.
 */

import { formatBytes, formatCount, formatDuration, formatShare } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { valuesOf } from '../../event/kinds.js';
import { dumpName } from '../../rank/report/meaning.js';
import type { Report } from '../../rank/report/report.js';
import type { PageReconciliation } from '../../rank/report/report-reconciliation.js';
import type { SortKey } from '../../rank/report/selection.js';
import { SHORTEST_NS } from '../../rank/verdict/history.js';
import { gapLines } from './gap-text.js';
import { lossDetails, unnamedLines } from './losses-text.js';
import { heldBytesText, togetherText } from './meaning-text.js';
import { ruleLines } from './rows-text.js';
import { modeLines } from './sample-text.js';

/** 'build-7, Linux 6.18.44 x86_64, bpf collector, 7.01s': one safe line, for titles. */
export function titleLine(report: Report): string {
  const { source } = report;
  const host = source.hostname === '' ? '' : `${source.hostname}, `;
  return safeText(`${host}${kernelText(source)}, ${madeText(report)}`);
}

/** 'bpf collector, 7.01s', or what the dump is that the report was made of. Untrusted text. */
export function madeText(report: Report): string {
  const dump = dumpName(report);
  return dump === null
    ? `${report.source.collector} collector, ${formatDuration(report.durationNs)}`
    : dumpSentence(dump);
}

/** 'a dump of page_owner, not a trace: what was held at one moment' */
export function dumpSentence(dump: string): string {
  return `a dump of ${dump}, not a trace: what was held at one moment`;
}

/** 'Linux 6.18.44 x86_64'; the texts of other tools contain neither. Untrusted text. */
export function kernelText({ kernel, arch }: { kernel: string; arch: string }): string {
  return `Linux ${kernel === '' ? 'of unknown version' : kernel}${arch === '' ? '' : ` ${arch}`}`;
}

/** 'lost 0', or 'LOST 1,234 events (3.9%): a lost free looks like held memory'. */
export function lossLine(report: Report): string {
  const { lostEvents } = report.anomalies;
  if (lostEvents === 0) return 'lost 0';
  const share = formatShare(lostEvents, lostEvents + report.events.total);
  return `LOST ${formatCount(lostEvents)} events (${share}): a lost free looks like held memory`;
}

/** Returns all facts, one a line; every line is safe to print (names come from the traced machine). */
export function summaryLines(report: Report): string[] {
  const { source, events } = report;
  const started = startText(source.startUnixMs);
  const lines = [
    `${titleLine(report)}, ${source.kind}${started === '' ? '' : `, began ${started}`}`,
    `events ${formatCount(events.total)} (allocs ${formatCount(events.allocs)}, frees ${formatCount(events.frees)}), ` +
      lossLine(report),
    ...lossDetails(report.losses),
    ...unnamedLines(report.losses),
    anomalyLine(report),
    ...totalLines(report),
    ...selectionLines(report),
    orderLine(report),
    ...ruleLines(report),
  ];
  lines.push(...modeLines(report));
  for (const note of source.notes) lines.push(`note: ${note}`);
  return lines.map(safeText);
}

function anomalyLine({ anomalies }: Report): string {
  const parts = [`orphan frees ${formatCount(anomalies.orphanFrees)}`];
  parts.push(`missed frees ${formatCount(anomalies.missedFrees)}`);
  if (anomalies.failedAllocs > 0) parts.push(`failed allocs ${formatCount(anomalies.failedAllocs)}`);
  if (anomalies.stackMisses > 0) parts.push(`events without a call path ${formatCount(anomalies.stackMisses)}`);
  if (anomalies.badEvents > 0) parts.push(`bad events ${formatCount(anomalies.badEvents)}`);
  return parts.join(', ');
}

function totalLines(report: Report): string[] {
  const { outstanding, self, meminfo } = report;
  const held = valuesOf(outstanding, report.source.allocators).map(([name, total]) => {
    const { lostFreeBytes } = total;
    const bound = lostFreeBytes > 0 ? ` (up to ${formatBytes(lostFreeBytes)} may be lost frees)` : '';
    return `${name} ${heldBytesText(total)}${bound}`;
  });
  const together = togetherText(report);
  const sum = together === null ? '' : `; together, no byte twice, ${together}`;
  const lines = [`outstanding: ${held.join(', ')}${sum}`];
  if (meminfo !== null) {
    lines.push(...gapLines(meminfo));
  }
  lines.push(...reconciliationLines(report).map((line) => `by the kernel's counters: ${line}`));
  if (self.bytes > 0 && !report.selection.includeSelf) {
    lines.push(`the tracer's own ${formatBytes(self.bytes)} are not in the call paths`);
  }
  return lines;
}

/** Chunks keep some pages empty: less than this shows nothing. */
const PERCPU_WORTH_BYTES = 2 ** 20;

/** Says how many pages the kernel has moved, and what that means for the numbers; nothing if it moved none. */
function movesLines({ moves, source: { pageSize } }: Report): string[] {
  if (moves === null || moves.pages === 0) return [];
  const { pages, unseenPages } = moves;
  const all = `${formatCount(pages)} pages (${formatBytes(pages * pageSize)}) were moved by the kernel`;
  if (unseenPages === 0) return [`${all}, each followed`];
  const unseen = `${formatCount(unseenPages)} of them unseen (${formatBytes(unseenPages * pageSize)})`;
  return [`${all}, ${unseen}: up to as much more than shown may be held`];
}

/** Returns what the kernel moved, by how much its counters have grown, and how much of that the held memory explains. */
export function reconciliationLines(report: Report): string[] {
  const { reconciliation } = report;
  const lines = movesLines(report);
  if (reconciliation === null) return lines;
  const { pages, slab, percpu } = reconciliation;
  if (pages !== null && pages.grownBytes <= 0) {
    const freed = `${formatBytes(pages.heldBytes)} held, ${formatBytes(pages.freedFromBeforeBytes)} freed from before`;
    lines.push(`memory in use shrank by ${formatBytes(-pages.grownBytes)}: ${freed}`);
  } else if (pages !== null) lines.push(`memory in use ${grownText(pages)}`);
  lines.push(...withoutEventLines(pages, report.meminfo));
  if (slab !== null) {
    const contradicted = slab.caches.filter((cache) => cache.state === 'contradicted').length;
    const more = contradicted === 0 ? '' : `; slabinfo contradicts ${formatCount(contradicted)} caches`;
    lines.push(`slab objects ${grownText(slab)}${more}`);
  }
  if (percpu !== null && Math.max(percpu.heldBytes, Math.abs(percpu.grownBytes)) >= PERCPU_WORTH_BYTES) {
    const grown = `${percpu.grownBytes < 0 ? 'fell' : 'grew'} by ${formatBytes(Math.abs(percpu.grownBytes))}`;
    lines.push(
      `Percpu ${grown}; ${formatBytes(percpu.heldBytes)} are held, each allocation counted once for each possible CPU`,
    );
  }
  return lines;
}

/** Says what left the free lists without an alloc, or came to them without a free, and where it may be. */
function withoutEventLines(pages: PageReconciliation | null, meminfo: Report['meminfo']): string[] {
  const taken = pages?.withoutEventBytes ?? 0;
  if (pages === null || taken === 0) return [];
  if (taken < 0) return [`${formatBytes(-taken)} became free without a free that any counter shows`];
  const held = Math.min(taken, pages.unexplainedBytes);
  const how = 'without an alloc that any event or counter shows: contiguous ranges (gigantic huge pages, CMA)';
  const back = taken - held;
  const lines: string[] = [];
  if (held > 0) {
    const hugetlb = meminfo?.terms.find(({ name }) => name === 'Hugetlb')?.bytes ?? 0;
    const where = hugetlb > 0 ? `; huge pages (Hugetlb) hold ${formatBytes(hugetlb)} now` : '';
    lines.push(`${formatBytes(held)} were taken ${how}, which no call path can hold${where}`);
  }
  if (back > 0 && back * 20 > taken) lines.push(`${formatBytes(back)} were taken and given back ${how}`);
  return lines;
}

function grownText(part: { grownBytes: number; explainedBytes: number; unexplainedBytes: number }): string {
  const { grownBytes, explainedBytes, unexplainedBytes } = part;
  if (grownBytes === 0) return 'did not grow';
  const share = formatShare(explainedBytes, grownBytes);
  return (
    `grew by ${formatBytes(grownBytes)}: ${formatBytes(explainedBytes)} (${share}) explained by what is held, ` +
    `${formatBytes(unexplainedBytes)} not`
  );
}

/** Returns the order of the rows, explained if its name does not explain itself. */
export function orderLine(report: Report): string {
  const { selection, curve, durationNs, source } = report;
  const { sort } = selection;
  if (sort !== 'suspect') return `order: ${ORDER_NAMES[sort]}`;
  if (dumpName(report) !== null) return 'order: bytes, weighed by who can take them back; a dump has no verdicts';
  if (source.timesAreCounts)
    return 'order: bytes, weighed by who can take them back; no verdicts: the unit of time is not known';
  const young = curve === null || durationNs < SHORTEST_NS ? `; no verdicts before ${formatDuration(SHORTEST_NS)}` : '';
  return `order: likely cause first: bytes, weighed by who can take them back and by verdict${young}`;
}

const ORDER_NAMES: Record<Exclude<SortKey, 'suspect'>, string> = {
  bytes: 'bytes outstanding',
  count: 'objects and pages outstanding',
  growth: 'growth',
  age: 'age of the oldest',
  'median-age': 'median age',
  allocs: 'allocations ever made',
  freed: 'share of them that was freed',
  peak: 'bytes at the high-water mark',
  missed: 'missed frees',
  verdict: 'verdict',
};

/** Returns what was selected, unless it is everything, and how much of it is shown. */
function selectionLines(report: Report): string[] {
  const { selection, matching, stacks } = report;
  const asked: string[] = [];
  if (selection.allocators.length > 0) asked.push(`allocator ${selection.allocators.join(', ')}`);
  if (selection.minSizeBytes > 0) asked.push(`at least ${formatBytes(selection.minSizeBytes)} each`);
  if (selection.olderNs > 0) asked.push(`older than ${formatDuration(selection.olderNs)}`);
  if (selection.comm !== null) asked.push(`process ${selection.comm}`);
  if (selection.gone) asked.push('processes that have ended');
  if (selection.cgroup !== null) asked.push(`cgroup ${selection.cgroup}`);
  if (selection.pid !== null) asked.push(`pid ${selection.pid}`);
  if (selection.cache !== null) asked.push(`cache ${selection.cache}`);
  if (selection.module !== null) asked.push(`module ${selection.module}`);
  if (selection.grep !== null) asked.push(`matching /${selection.grep}/`);
  if (selection.hide !== null) asked.push(`without /${selection.hide}/`);
  if (selection.categories.length > 0) asked.push(`category ${selection.categories.join(', ')}`);
  if (selection.hideAccounted) asked.push('without what meminfo accounts for');
  const shown = stacks.reduce((sum, stack) => sum + stack.bytes, 0);
  const rows =
    selection.group === 'stack'
      ? 'call paths'
      : `rows by ${selection.group} (${formatCount(matching.stacks)} call paths)`;
  const here = `${formatCount(stacks.length)} of ${formatCount(matching.rows)} ${rows}, ${formatBytes(shown)} of ${formatBytes(matching.bytes)}`;
  return [`here: ${here}${asked.length === 0 ? '' : `; only ${asked.join('; ')}`}`];
}

/** Returns a time in ISO 8601, UTC; '' if it is unknown. */
export function startText(unixMs: number): string {
  if (!(unixMs > 0 && unixMs < 8.64e15)) return '';
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}
