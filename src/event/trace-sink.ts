import type { NamedRow } from '../things/named-row.js';
import type { EventBatch } from './event-batch.js';
import type { HostFacts } from './host-facts.js';
import type { LossRow } from './losses.js';
import type { Lives } from './marks/lives.js';
import type { Mark } from './marks/marks.js';
import type { ProcessEvent, ResidentRow, TracedImage } from './process-facts.js';

/** A return address with the name that the traced machine itself gave it. */
export interface SymbolisedAddress {
  addressHi: number;
  addressLo: number;
  /** Function name, untrusted. */
  symbol: string;
  /** Bytes past the start of the function. */
  offset: number;
  /** Module name, null for the core kernel. */
  module: string | null;
}

/**
 * Which of the kernel's own counters a sample holds, as the kernel's own text; 'zoneinfo' may be in
 * short (proc/zoneinfo.ts). A zoneinfo comes before the meminfo that it belongs to. 'processes' is the
 * collector's own text (proc/processes.ts), and so is 'spaces': what the kernel counts of the traced
 * processes (proc/process/spaces.ts).
 */
export type CounterSource = 'meminfo' | 'vmstat' | 'slabinfo' | 'zoneinfo' | 'processes' | 'spaces';

/**
 * What the flags of a page show of its use. The numbers in recordings are the indices in this list;
 * they never change meaning.
 */
export const PAGE_USES = ['unknown', 'slab', 'anon', 'file'] as const;
export type PageUse = (typeof PAGE_USES)[number];

/**
 * Memory that was held before the trace began, as a dump of the kernel's own accounting shows it
 * (page_owner, allocinfo): one allocation with its address, or the sum of many without. It is no
 * event: nobody saw it allocated.
 */
export interface HeldRow {
  /** Call path, an id of the trace's StackTable; 0 = not known. */
  stackId: number;
  /** Number of the address space (kinds.ts). */
  allocator: number;
  /** In the allocator's unit: pages or bytes. */
  size: number;
  /** Pages or objects. */
  count: number;
  /**
   * Number of the first page; -1 = a sum, whose addresses are not known. Of pages only, and of ranges of a process: there
   * its number in the trace * 2^36 + its page.
   */
  pfn: number;
  /** Of a heap block of a process: its address in that page. */
  inPage?: number;
  /** Age when the dump was made, ns; -1 = not known. */
  ageNs: number;
  /** Process, 0 = not known. */
  pid: number;
  /** Its name, an id of the trace's comm table; 0 = not known. */
  commId: number;
  /** Index in PAGE_USES. */
  use: number;
}

/** Something that was freed before its alloc was sent (HostFacts.minAgeNs): one of many, for where such memory is freed. */
export interface FreedRow {
  /** Number of the address space (kinds.ts). */
  allocator: number;
  /** Call path of the alloc, an id of the trace's StackTable; 0 = not known. */
  stackId: number;
  /** Call path of the free, such an id. */
  freeStackId: number;
  /** How long it lived, ns. */
  ageNs: number;
  /** 1 + the number of the CPU of the alloc, and of the free; 0 = not known. */
  cpu: number;
  freeCpu: number;
}

/** Most rows of one fact. */
export const FREED_ROWS = 4096;

/** Most rows of one fact. */
export const HELD_ROWS = 4096;

/**
 * A look at the traced machine (proc/look.ts) as a trace carries it: what triage needs, bounded
 * (proc/kept-look.ts). All texts are untrusted.
 */
export interface CarriedLook {
  /** Wall clock when it was taken, ms since 1970; 0 = unknown. It tells two looks apart. */
  unixMs: number;
  /** Names as in proc/look.ts: 'proc/meminfo', 'table/processes', ... */
  texts: ReadonlyMap<string, string>;
  /** What could not be read, and why in a few words. */
  notRead: readonly { what: string; why: string }[];
}

/** Looks of one trace at most; more are ignored. */
export const MOST_LOOKS = 32;

/** Why a trace ended. 'cut' = the stream or file ended without saying so. */
export type EndReason =
  | 'stopped'
  | 'duration'
  | 'command-exited'
  | 'parent-gone'
  | 'output-failed'
  | 'size-limit'
  | 'cut'
  | 'failed';

/** Anything in a trace that is not an event. A fact with `timeNs` happened then; the others hold for the whole trace. */
export type TraceFact =
  | { type: 'host'; facts: HostFacts }
  | { type: 'symbol'; entry: SymbolisedAddress }
  | { type: 'losses'; timeNs: number; rows: LossRow[] }
  | { type: 'counters'; timeNs: number; source: CounterSource; text: string }
  /** The kernel has moved this many pages, which no event names (text of other tracers). */
  | { type: 'moves'; timeNs: number; pages: number }
  /** This was held at `timeNs` and allocated before the trace began. At most HELD_ROWS; more follow in another fact. */
  | { type: 'held'; timeNs: number; rows: readonly HeldRow[] }
  /** These were freed, and neither they nor their frees are events. At most FREED_ROWS. */
  | { type: 'freed'; timeNs: number; rows: readonly FreedRow[] }
  /** The machine was looked at before `timeNs`, or then. Once for each look, though parts of a ring repeat it. */
  | { type: 'look'; timeNs: number; look: CarriedLook }
  /** A cgroup is gone; its memory may be held still. `cgroup` is its text in the trace's table of cgroups. */
  | { type: 'cgroup-removed'; timeNs: number; cgroup: string }
  /** Something happened on the machine. May come later than younger events. */
  | { type: 'mark'; timeNs: number; mark: Mark }
  /** A traced process was there, forked, runs another program or ended. In order with the events. */
  | { type: 'process'; timeNs: number; process: ProcessEvent }
  /** A file of code that frames of processes name. Comes before the first event with such a frame. */
  | { type: 'image'; image: TracedImage }
  /** What is resident of a process (its number in the trace): replaces what was said before. `isWhole`: all of it. */
  | { type: 'resident'; timeNs: number; process: number; isWhole: boolean; rows: readonly ResidentRow[] }
  /** Processes started and ended, all of them before `timeNs`. */
  | { type: 'lives'; timeNs: number; lives: Lives }
  /** What samples of some rows belonged to at `timeNs`. At most NAMED_ROWS. */
  | { type: 'names'; timeNs: number; rows: readonly NamedRow[] }
  /** Time has come this far, events or not. Never goes back. */
  | { type: 'clock'; timeNs: number }
  | { type: 'end'; timeNs: number; reason: EndReason; detail: string };

/** The fact of one type: FactOf<'end'>. */
export type FactOf<Type extends TraceFact['type']> = Extract<TraceFact, { type: Type }>;

/**
 * Every producer of a trace (collector decoder, recording reader, importer) calls a TraceSink, and every consumer
 * (pairing core, recorder) implements it. Calls come in the order in which things happened. A host fact comes first and
 * may come again with more. A symbol may come after the events that name its address. The end comes once, last.
 *
 * A sink must ignore or pass on facts of types that it does not know: a new type then concerns only its producer, its
 * consumer and the recording's format.
 */
export interface TraceSink {
  /** The batch is the producer's: it is emptied and filled again after the call returns. */
  events(batch: EventBatch): void;
  /** A fact is never changed after the call: a sink may keep it. */
  fact(fact: TraceFact): void;
}
