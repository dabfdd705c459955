/**
 * CSV (RFC 4180: CRLF, doubled quotes): a header line with kernel-style names, then one line for
 * each row. A row may stand for several call paths: its frames are those of the path that holds
 * most, and `other_bytes` is held by the others.
 */
import { joined } from '../base/pieces.js';
import type { TypicalFree } from '../rank/report/free-sites.js';
import type { Report } from '../rank/report/report.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import { csvField } from './parts/markup.js';

const COLUMNS: [name: string, value: (stack: ReportStack, report: Report) => string | number | null][] = [
  ['rank', (stack) => stack.rank],
  ['allocator', (stack) => stack.allocator],
  ['kind', (stack) => stack.kind],
  ['category', (stack) => stack.category],
  ['verdict', (stack) => stack.verdict],
  ['bytes', (stack) => stack.bytes],
  ['count', (stack) => stack.count],
  ['alloc_bytes', (stack) => stack.allocBytes],
  ['alloc_count', (stack) => stack.allocCount],
  ['free_count', (stack) => stack.freeCount],
  ['missed_frees', (stack) => stack.missedFrees],
  ['bytes_at_high_water_mark', (stack) => stack.bytesAtHighWaterMark],
  ['oldest_age_ns', (stack) => stack.oldestAgeNs],
  ['median_age_ns', (stack) => stack.medianAgeNs],
  ['growth_bytes_per_second', (stack) => stack.growthBytesPerSecond],
  ['comms', (stack) => stack.comms.map((share) => share.comm).join(' ')],
  ['caches', (stack) => stack.caches.join(' ')],
  [
    'frames',
    (stack) => stack.frames.map((f) => (f.module === null ? f.symbol : `${f.symbol} [${f.module}]`)).join(' < '),
  ],
  // New columns go to the end, for readers that count columns.
  ['reliability', (stack) => stack.reliability],
  ['lost_free_bytes', (stack) => stack.lostFreeBytes],
  ['label', (stack) => stack.merged?.label ?? null],
  ['stacks', (stack) => stack.merged?.stacks ?? 1],
  ['other_stacks', (stack) => stack.merged?.others.stacks ?? 0],
  ['other_bytes', (stack) => stack.merged?.others.bytes ?? 0],
  ['watched', (stack) => stack.watched],
  ['growth_bytes_per_hour', (stack) => stack.growth?.bytesPerHour ?? null],
  ['growth_low_bytes_per_hour', (stack) => stack.growth?.lowBytesPerHour ?? null],
  ['growth_high_bytes_per_hour', (stack) => stack.growth?.highBytesPerHour ?? null],
  ['growth_confidence', (stack) => stack.growth?.confidence ?? null],
  ['growth_since_ns', (stack) => stack.growth?.sinceNs ?? null],
  ['verdict_reason', (stack) => stack.verdictReason],
  // A table has no heading for them, so the total losses are repeated in every row.
  ['lost_events', (_, { anomalies }) => anomalies.lostEvents],
  // For a sample: the bytes that `bytes` stand for, with the 95 % interval.
  ['estimate_bytes', ({ estimate }) => estimate?.bytes ?? null],
  ['estimate_low_bytes', ({ estimate }) => estimate?.lowBytes ?? null],
  ['estimate_high_bytes', ({ estimate }) => estimate?.highBytes ?? null],
  // 'outstanding', or what the bytes are where frees are missing.
  ['meaning', ({ meaning }) => meaning],
  // The path of the one that holds most of it.
  ['cgroup', ({ cgroups }) => cgroups[0]?.cgroup ?? null],
  // Where such memory is usually freed, by a sample of its frees; empty where none was seen.
  ['typical_free_function', ({ typicalFree: free }) => functionName(free)],
  ['typical_free_share', ({ typicalFree: free }) => free?.share ?? null],
  ['typical_free_samples', ({ typicalFree: free }) => free?.samples ?? null],
  // Nine of ten lived at most so long.
  ['typical_free_within_ns', ({ typicalFree: free }) => free?.withinNs ?? null],
  // Pages or objects of the row that are older than those that are freed become.
  ['typical_free_held_longer', ({ typicalFree: free }) => free?.heldLonger ?? null],
  // Of what processes mapped: how much of it is in memory, of how much that is known; and the number of ranges.
  ['resident_bytes', ({ resident }) => resident?.bytes ?? null],
  ['resident_of_bytes', ({ resident }) => resident?.ofBytes ?? null],
  ['ranges', ({ ranges }) => ranges ?? null],
];

/** As in the frames. */
function functionName(free: TypicalFree | null): string | null {
  if (free === null || free.function === null) return null;
  return free.module === null ? free.function : `${free.function} [${free.module}]`;
}

export function encodeCsv(report: Report): string {
  return joined(csvPieces(report));
}

/** The same, line by line. */
export function* csvPieces(report: Report): Generator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`;
  for (const stack of report.stacks)
    yield `${COLUMNS.map(([, value]) => csvField(value(stack, report))).join(',')}\r\n`;
}
