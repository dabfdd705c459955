/**
 * The holder of a row: its nearest module; else 'interrupts' where an interrupt took the memory, for
 * the process that it hit has nothing to do with it; else the process that holds most of it.
 */
import type { AllocatorName } from '../../event/kinds.js';
import { ownFunction } from '../names/nouns.js';
import { isProcessAllocator, PROCESS_CATEGORIES } from '../report/category.js';
import type { Holder, ReportFrame } from '../report/report-rows.js';
import type { ShownDetail } from './shown-ages.js';

/** Memory of processes and files is theirs, whichever file system or driver took it. */
const OF_PROCESSES: ReadonlySet<string | null> = new Set([
  'anon',
  'page cache',
  'page tables',
  'shmem',
  'hugetlb',
  'kernel stack',
  'held by a reference',
  ...PROCESS_CATEGORIES,
]);

/** A process that holds at least this share is named by its pid. */
const NEARLY_ALL = 0.75;

interface HeldPath {
  allocator: AllocatorName;
  category: string | null;
  /** Of the row. */
  bytes: number;
  frames: ReportFrame[];
  firstFrame: number;
  interruptedFrom: number | null;
}

export function holderOf(path: HeldPath, { comms, greatestPid }: Pick<ShownDetail, 'comms' | 'greatestPid'>): Holder {
  if (!OF_PROCESSES.has(path.category) && !isProcessAllocator(path.allocator)) {
    const module = ownFunction(path)?.module ?? null;
    if (module !== null) return { kind: 'module', name: module, pid: null, more: 0 };
    if (path.interruptedFrom !== null) return { kind: 'interrupts', name: 'kernel, in interrupts', pid: null, more: 0 };
  }
  const first = comms[0];
  if (first === undefined || first.comm === '') return { kind: 'unknown', name: '', pid: null, more: 0 };
  const isOne = greatestPid !== null && greatestPid.pid > 0 && greatestPid.bytes >= path.bytes * NEARLY_ALL;
  const more = comms.length - 1;
  return { kind: 'process', name: first.comm, pid: isOne ? greatestPid.pid : null, more };
}
