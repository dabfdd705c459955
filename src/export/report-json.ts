/** Reads the JSON that json.ts wrote: another run's report, checked as far as a diff uses it. */
import { censusOfItem } from '../census/parse-report.js';
import { HELD_MEANINGS } from '../coverage/meaning.js';
import { COVERAGE_CAUSES, type CoverageGap } from '../event/host-facts.js';
import { ALLOCATOR_NAMES, byAllocator, KIND_NAMED, valuesOf } from '../event/kinds.js';
import type { Report } from '../rank/report/report.js';
import { NO_MARKS } from '../rank/report/report-marks.js';
import type { ReportStack } from '../rank/report/report-rows.js';

export type ParsedReport = { ok: Report; error: null } | { ok: null; error: string };

/** The start of a report's JSON, after blanks. */
export const REPORT_START = /^\s*\{\s*"format"\s*:\s*"unfreed-report"/;

/** Parses a report. `error` names the field that is not as it must be. */
export function parseReport(text: string): ParsedReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: null, error: 'it is no JSON, or is cut off' };
  }
  const wrong = check(value, REPORT, '');
  // Checked just now, as far as needed: fields that a later version added, and that are not read
  // here, may be missing.
  return wrong === null ? { ok: withCoverage(value as Report), error: null } : { ok: null, error: wrong };
}

/** Fills in what a report of an earlier version does not say of its coverage: it knew of no gap. */
function withCoverage(report: Report): Report {
  const old = report as { source: { coverage?: unknown } };
  if (!Array.isArray(old.source.coverage)) report.source.coverage = [];
  report.source.coverage = report.source.coverage.filter(isGap);
  // An earlier version knew no memory from before the trace.
  (report as { before: unknown }).before ??= null;
  (report as { triage: unknown }).triage ??= null;
  (report as { limits: unknown }).limits ??= null;
  // No diff uses them.
  Object.assign(report, NO_MARKS);
  (report as { removedCgroups: unknown }).removedCgroups ??= null;
  (report.selection as { cgroup: unknown }).cgroup ??= null;
  (report.selection as { gone: unknown }).gone ??= false;
  report.census = censusOfItem((report as { census?: unknown }).census);
  for (const stack of report.stacks) {
    (stack as { baseline: unknown }).baseline ??= false;
    // It is shown from the report itself, and no diff uses it.
    (stack as { typicalFree: unknown }).typicalFree = null;
    fillWords(stack);
    // Of one moment of one run: nothing that a diff compares.
    delete stack.names;
  }
  for (const held of [...report.stacks, ...valuesOf(report.outstanding).map(([, total]) => total)]) {
    if (!HELD_MEANINGS.includes(held.meaning)) held.meaning = 'outstanding';
  }
  return report;
}

/** Fills in holder, noun, growth and cgroups where an earlier version wrote none, or where they are no such thing. */
function fillWords(stack: ReportStack): void {
  const { holder, noun, growth } = stack as { holder: unknown; noun: unknown; growth: unknown };
  if (check(holder, HOLDER, '') !== null) {
    const [first] = stack.comms;
    const name = first?.comm ?? '';
    const more = Math.max(0, stack.comms.length - 1);
    stack.holder = { kind: name === '' ? 'unknown' : 'process', name, pid: null, more };
  }
  if (typeof noun !== 'string') stack.noun = `memory of ${stack.frames[stack.firstFrame]?.symbol ?? 'unknown code'}`;
  if (check(growth, GROWTH, '') !== null) stack.growth = null;
  if (check((stack as { gone: unknown }).gone, GONE_HOLDERS, '') !== null) stack.gone = null;
  const { cgroups } = stack as { cgroups: unknown };
  if (check(cgroups, CGROUPS, '') !== null) stack.cgroups = [];
}

/** True for a gap as this version knows it: it is put into words from its fields. */
function isGap(gap: Partial<CoverageGap> | null): boolean {
  if (gap === null || typeof gap !== 'object') return false;
  const { cause, kinds, certain, detail } = gap;
  const areKinds = Array.isArray(kinds) && kinds.every((name) => Object.hasOwn(KIND_NAMED, name));
  return (
    COVERAGE_CAUSES.some((known) => known === cause) && areKinds && certain !== undefined && typeof detail === 'string'
  );
}

/** Categories and verdicts are unquoted in some outputs; a later version may have more of them. */
const WORD = /^[a-z][a-z -]{0,31}$/;

/**
 * A shape: the name of a primitive, with '?' at its end if null is allowed; [shape] for a list;
 * field names for an object, null allowed if marked with OR_NULL.
 */
type Shape = string | readonly [Shape] | ObjectShape;

const OR_NULL = Symbol('or null');
interface ObjectShape {
  readonly [name: string]: Shape;
  readonly [OR_NULL]?: true;
}

const HELD: Shape = { bytes: 'number', count: 'number' };
const TOTAL: Shape = { bytes: 'number', count: 'number', lostFreeBytes: 'number' };

const ESTIMATE: ObjectShape = { bytes: 'number', lowBytes: 'number', highBytes: 'number' };

const HOLDER: Shape = { kind: 'word', name: 'string', pid: 'number?', more: 'number' };
const CGROUPS: Shape = [
  {
    cgroup: 'string',
    name: 'string',
    removed: 'boolean',
    bytes: 'number',
    count: 'number',
    comms: [{ comm: 'string', bytes: 'number', count: 'number' }],
  },
];
const GONE_HOLDERS: Shape = { processes: 'number', gone: 'number', bytes: 'number', count: 'number' };
const GROWTH: Shape = {
  bytesPerHour: 'number',
  lowBytesPerHour: 'number',
  highBytesPerHour: 'number',
  confidence: 'number',
  sinceNs: 'number',
};

const STACK: Shape = {
  rank: 'number',
  stackId: 'number',
  allocator: 'allocator',
  kind: 'string',
  category: 'word?',
  verdict: 'word?',
  reliability: 'word',
  bytes: 'number',
  lostFreeBytes: 'number',
  count: 'number',
  allocBytes: 'number',
  allocCount: 'number',
  freeCount: 'number',
  missedFrees: 'number',
  comms: [{ comm: 'string', bytes: 'number', count: 'number' }],
  caches: ['string'],
  frames: [{ symbol: 'string', offset: 'number', module: 'string?', address: 'string' }],
  firstFrame: 'number',
  interruptedFrom: 'number?',
  note: 'string?',
  estimate: { ...ESTIMATE, [OR_NULL]: true },
};

const REPORT: Shape = {
  format: 'string',
  version: 'one',
  source: {
    kind: 'string',
    collector: 'string',
    hostname: 'string',
    kernel: 'string',
    arch: 'string',
    pageSize: 'number',
    startUnixMs: 'number',
    sampleOneIn: 'number',
    sampleMoves: [{}],
    minAgeNs: 'number',
    allocators: ['allocator'],
    notes: ['string'],
  },
  durationNs: 'number',
  events: { total: 'number', allocs: 'number', frees: 'number' },
  anomalies: {
    orphanFrees: 'number',
    missedFrees: 'number',
    failedAllocs: 'number',
    lostEvents: 'number',
    stackMisses: 'number',
    nullFrees: 'number',
    badEvents: 'number',
  },
  losses: [{ cause: 'string', kind: 'string?', cpu: 'number', count: 'number', bytes: 'number' }],
  outstanding: {
    ...byAllocator(() => TOTAL),
    distinct: { bytes: 'number' },
    backing: HELD,
  },
  estimate: { ...byAllocator(() => ESTIMATE), [OR_NULL]: true },
  self: HELD,
  selection: { group: 'string' },
  suppressed: [{ bytes: 'number' }],
  matching: { stacks: 'number', bytes: 'number', count: 'number' },
  stacks: [STACK],
};

/** Returns null if the value has the shape, otherwise what is wrong and where. */
function check(value: unknown, shape: Shape, path: string): string | null {
  const wrong = `${path === '' ? 'the whole' : path} is not as in an unfreed-report of version 1`;
  if (typeof shape === 'string') return isPrimitive(value, shape) ? null : wrong;
  if (isList(shape)) {
    if (!Array.isArray(value)) return wrong;
    for (const [i, item] of value.entries()) {
      const inItem = check(item, shape[0], `${path}[${i}]`);
      if (inItem !== null) return inItem;
    }
    return null;
  }
  if (value === null && shape[OR_NULL] === true) return null;
  if (typeof value !== 'object' || value === null) return wrong;
  for (const [name, inner] of Object.entries(shape)) {
    const there = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    const inside = check(there, inner, path === '' ? name : `${path}.${name}`);
    if (inside !== null) return inside;
  }
  return null;
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isPrimitive(value: unknown, shape: string): boolean {
  if (shape === 'one') return value === 1;
  if (shape === 'allocator') return (ALLOCATOR_NAMES as readonly unknown[]).includes(value);
  if (shape === 'boolean') return typeof value === 'boolean';
  if (shape === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (shape === 'number?') return value === null || Number.isInteger(value);
  if (shape === 'word' || shape === 'word?') {
    return typeof value === 'string' ? WORD.test(value) : shape === 'word?' && value === null;
  }
  return typeof value === 'string' || (shape === 'string?' && value === null);
}
