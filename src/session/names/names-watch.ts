/** When it is looked what rows belong to: of the opened one at once, of the first ones of the list now and then. */
import { isProcessAllocator } from '../../rank/report/category.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import type { NamesWanted } from './name-rows.js';

/** Blocks or objects of the opened row, and of a row of the list. */
export const OPENED_SAMPLE = 256;
const LISTED_SAMPLE = 128;
/** Rows of the list. */
const LISTED = 16;
/** Time between two looks at a row. */
const OPENED_MS = 3000;
const LISTED_MS = 10_000;
/** And of one of which nothing was known. */
const UNKNOWN_MS = 60_000;
/** Pages of which no file, socket or map is: what a process maps itself, and the tables for it. */
const NAMELESS: ReadonlySet<string | null> = new Set([
  'anon',
  'page tables',
  'kernel stack',
  'percpu',
  'backing',
  'zram',
]);

/** Looks at these rows, and returns the `stackId` of those of which something is known. */
export type LookAtNames = (wanted: readonly NamesWanted[], signal: AbortSignal) => Promise<ReadonlySet<number>>;

/** What is wanted of a row; null if nothing can be known of it. */
export function wantedOf(stack: ReportStack, most: number): NamesWanted | null {
  // An address of a process is none of the kernel's.
  if (isProcessAllocator(stack.allocator)) return null;
  if (stack.baseline || stack.bytes <= 0 || stack.count <= 0 || NAMELESS.has(stack.category)) return null;
  return { stackId: stack.stackId, most, module: stack.frames[stack.firstFrame]?.module ?? null };
}

/** The first rows of a report, and of its findings. */
export function wantedRows({ stacks, findings }: Pick<Report, 'stacks' | 'findings'>): NamesWanted[] {
  const rows = new Map(
    [...stacks.slice(0, LISTED), ...findings.slice(0, LISTED)].map((stack) => [stack.stackId, stack]),
  );
  return [...rows.values()].map((stack) => wantedOf(stack, LISTED_SAMPLE)).filter((each) => each !== null);
}

/**
 * NamesWatch: one look at a time. A look that fails is the last: kernel memory may not be read here, and the rows go without
 * names. The time comes in, ms.
 */
export class NamesWatch {
  private readonly look: LookAtNames;
  private running: AbortController | null = null;
  private isOff = false;
  /** By `stackId`, when it may be looked at again; of rows of the list, and of the one that is open. */
  private readonly due = new Map<number, number>();

  constructor(look: LookAtNames) {
    this.look = look;
  }

  /** Must be called with each new report. Begins a look if one is due, and returns at once. */
  want(report: Pick<Report, 'stacks' | 'findings'>, opened: ReportStack | null, nowMs: number): void {
    if (this.isOff || this.running !== null) return;
    const open = opened === null ? null : wantedOf(opened, OPENED_SAMPLE);
    const listed = wantedRows(report).filter(({ stackId }) => stackId !== open?.stackId && this.isDue(stackId, nowMs));
    const wanted = open !== null && this.isOpenedDue(open.stackId, nowMs) ? [open, ...listed] : listed;
    if (wanted.length === 0) return;
    const running = new AbortController();
    this.running = running;
    this.look(wanted, running.signal).then(
      (known) => {
        for (const { stackId } of wanted) this.note(stackId, known.has(stackId), nowMs);
        this.running = null;
      },
      () => {
        this.isOff = true;
        this.running = null;
      },
    );
  }

  stop(): void {
    this.isOff = true;
    this.running?.abort();
  }

  private isDue(stackId: number, nowMs: number): boolean {
    return (this.due.get(stackId) ?? 0) <= nowMs;
  }

  /** The opened one does not wait as long. */
  private isOpenedDue(stackId: number, nowMs: number): boolean {
    return (this.due.get(stackId) ?? 0) <= nowMs + LISTED_MS - OPENED_MS;
  }

  private note(stackId: number, isKnown: boolean, nowMs: number): void {
    if (this.due.size >= MOST_NOTED) this.due.clear();
    this.due.set(stackId, nowMs + (isKnown ? LISTED_MS : UNKNOWN_MS));
  }
}

const MOST_NOTED = 4096;
