/**
 * Clusters: call paths of one cause. Two rules join call paths, and both keep separate leaks apart:
 *
 * 1. By name: the same memory (noun, line of meminfo, function of a module) with the same state. Rows that
 *    grow must also have the same function and the same process.
 * 2. Made together: the same process and state, no functions of different modules, and counts in one
 *    whole ratio all along (in-step.ts). So the pages that write() puts into a pipe join the objects that
 *    pipe() made. Curves of one shape are not enough: two leaks that are both steady have that.
 *
 * Memory of different lines of meminfo is never joined by rule 2, except slab objects and pages that
 * no line shows: they are what the kernel itself keeps beside it.
 */
import type { VerdictName } from '../report/report-rows.js';
import { inWholeRatio, type StepCurve } from './in-step.js';

/** What decides to which cluster a call path belongs. */
export interface ClusterRow {
  /** Row of the PathTable. */
  row: number;
  noun: string;
  category: string | null;
  isBacking: boolean;
  /** Held before the trace: never in one cluster with what was traced. */
  isBefore: boolean;
  /** Function and module of the memory (names/nouns.ts), '' without a call path. */
  ownFunction: string;
  module: string | null;
  verdict: VerdictName | null;
  /**
   * True if code that a process made at run time is on the path. Such code is made anew, better, while the program runs: what is
   * one path of the program is several, each of which has its turn.
   */
  hasCode: boolean;
  /** The process name that holds nearly all of it; null where several do. */
  comm: string | null;
  bytes: number;
  /** Null where no curve is kept. */
  curve: StepCurve | null;
}

/** Returns the cluster of each row, 1.., in the order of `rows`. Rows must come greatest first. */
export function clustersOf(rows: readonly ClusterRow[]): Uint32Array {
  const cluster = new Uint32Array(rows.length);
  const byName = new Map<string, number>();
  let clusters = 0;
  for (const [i, row] of rows.entries()) {
    const name = nameKey(row);
    const known = name === null ? undefined : byName.get(name);
    cluster[i] = known ?? madeWith(rows, cluster, i) ?? ++clusters;
    if (name !== null && known === undefined) byName.set(name, cluster[i]);
  }
  return cluster;
}

/** Most rows that one row is compared with: greater ones, which may be the head of its cluster. */
const COMPARED_LIMIT = 256;

/** Returns the cluster of the greatest row that this one was made with; null without one. */
function madeWith(rows: readonly ClusterRow[], cluster: Uint32Array, index: number): number | null {
  const row = rows[index];
  if (stateOf(row.verdict) === null || row.comm === null || row.curve === null || row.isBacking) return null;
  for (let i = 0; i < Math.min(index, COMPARED_LIMIT); i++) {
    if (areMadeTogether(rows[i], row)) return cluster[i];
  }
  return null;
}

/** Returns true if rule 2 joins two rows. */
export function areMadeTogether(a: ClusterRow, b: ClusterRow): boolean {
  const state = stateOf(a.verdict);
  if (state === null || state !== stateOf(b.verdict)) return false;
  if (a.comm === null || a.comm !== b.comm || a.isBacking || b.isBacking) return false;
  if (a.curve === null || b.curve === null) return false;
  if (!isKernels(a.category) && !isKernels(b.category) && a.category !== b.category) return false;
  // Each function of a module may forget a free of its own.
  if ((a.module !== null || b.module !== null) && (a.module !== b.module || a.ownFunction !== b.ownFunction))
    return false;
  return inWholeRatio(a.curve, b.curve, state === 'rising');
}

/** States that rule 2 joins; null for the others, whose history shows no making. */
function stateOf(verdict: VerdictName | null): 'rising' | 'stayed' | null {
  if (verdict === 'growing' || verdict === 'in-steps') return 'rising';
  return verdict === 'one-time' || verdict === 'rested' ? 'stayed' : null;
}

/** True for memory that the kernel keeps for itself beside what a process asked for. */
function isKernels(category: string | null): boolean {
  return category === null || category === 'slab' || category === 'unaccounted' || category === 'percpu';
}

/** The key of rule 1; null where the row's name says nothing. */
function nameKey(row: ClusterRow): string | null {
  if (row.ownFunction === '') return null;
  if (row.hasCode && !row.isBefore)
    return ['code', row.category ?? '', row.noun, row.module ?? '', row.ownFunction, row.comm ?? ''].join('\u0000');
  const state = stateOf(row.verdict) ?? row.verdict ?? 'too early';
  const parts = [
    row.isBacking ? 'backing' : '',
    row.isBefore ? 'before' : '',
    row.category ?? '',
    row.noun,
    row.module ?? '',
    state,
  ];
  if (row.module !== null) parts.push(row.ownFunction);
  // Of two that grow, each may be a leak: only the same function of the same process is the same.
  if (state === 'rising' || state === 'stayed') {
    parts.push(isKernels(row.category) ? row.ownFunction : '', row.comm ?? `row ${row.row}`);
  }
  return parts.join('\u0000');
}
