/** The flags of every command, as commander returns them: types, so that commands and their definitions share them. */
import type { AllocatorName } from '../../event/kinds.js';
import type { MarkKind } from '../../event/marks/marks.js';
import type { Condition } from '../../rank/conditions/conditions.js';
import type { DiffOrder } from '../../rank/diff/diff-order.js';
import type { Category } from '../../rank/report/category.js';
import type { GroupKey, PathRule, SortKey } from '../../rank/report/selection.js';
import type { ExportFormat } from '../../session/export-formats.js';
import type { CacheSort } from '../../session/view-data.js';
import type { CensusFormat } from './census-formats.js';
import type { DiffFormat } from './diff-formats.js';
import type { Moment } from './moment.js';

/** The flags of every command that ranks call paths. */
export interface SelectionFlags {
  sort: SortKey;
  /** Absent where there are no rows to group. */
  group?: GroupKey;
  allocator: AllocatorName[];
  minSize: number;
  older: number;
  comm?: string;
  cgroup?: string;
  gone: boolean;
  pid?: number;
  cache?: string;
  module?: string;
  grep?: string;
  hide: string[];
  category: Category[];
  includeSelf: boolean;
  suppress: PathRule[];
  watch: PathRule[];
}

/** The flags of every command that traces this machine. */
export interface TraceFlags {
  /** Processes whose memory is traced, and no allocation of the kernel: numbers, names, paths of cgroups; none: the kernel's. */
  process: string[];
  /** And each block of their heap. */
  heap: boolean;
  collector: 'auto' | 'bpf' | 'bpftrace';
  buffer: number;
  sample: number;
  minAge: number;
  /** A share, 0..1. */
  maxOverhead?: number;
  stacks: 'auto' | 'walk' | 'fast';
  audit: number;
  dropSelf: boolean;
  /** What the first rows belong to: files, sockets, BPF maps. */
  names: boolean;
  /** This and minSize are also selection flags, where the command has those. */
  allocator: AllocatorName[];
  minSize: number;
}

/** The flags of every command that reads the texts of other tools. */
export interface TextFlags {
  /** Bytes; absent = as far as the text tells. */
  pageSize?: number;
}

export interface LiveFlags extends SelectionFlags, TraceFlags {
  record?: string;
  force: boolean;
}

export interface RecordFlags extends Omit<TraceFlags, 'allocator' | 'minSize'> {
  /** Commands whose execs and exits are marks. */
  watchComm: string[];
  /** The memory of the command is traced, and no allocation of the kernel. */
  maps: boolean;
  /** Bytes; absent = every block. */
  sampleBytes?: number;
  /** The recording begins and ends with a census of the pages. */
  census: boolean;
  maxSize?: number;
  keep?: number;
  output: string;
  force: boolean;
  duration?: number;
  allocator: TraceFlags['allocator'];
  minSize: number;
}

export interface ReplayFlags extends SelectionFlags, TextFlags {
  spool: boolean;
}

export interface TopFlags extends SelectionFlags, TraceFlags, TextFlags {
  /** The list of slab caches instead of the ranking. */
  caches: boolean;
  quiet: boolean;
  number: number;
  frames: boolean;
  at?: Moment;
  /** ns. */
  interval?: number;
  count?: number;
  failIf: Condition[];
  duration: number;
}

/** top --caches. */
export interface TopCachesFlags extends Omit<TopFlags, 'sort'> {
  /** Null = what suits: what is held, or without a trace the size. */
  sort: CacheSort | null;
}

export interface ExportFlags extends SelectionFlags, TraceFlags, TextFlags {
  format?: ExportFormat;
  number?: number;
  output?: string;
  force: boolean;
  at?: Moment;
  failIf: Condition[];
  duration: number;
}

export interface DiffFlags extends Omit<SelectionFlags, 'sort' | 'group'>, TextFlags {
  sort: DiffOrder;
  /** ns. */
  from?: number;
  to?: number;
  format?: DiffFormat;
  number?: number;
  output?: string;
  force: boolean;
  frames: boolean;
  quiet: boolean;
  failIf: Condition[];
}

export interface EventsFlags {
  kind: MarkKind[];
  pid?: number;
  comm?: string;
  /** ns. */
  from: number;
  to: number;
  duration?: number;
  watchComm: string[];
  json: boolean;
}

export interface MarkFlags {
  pid?: number;
}

export interface RewriteFlags {
  output: string;
  force: boolean;
}

export interface CutFlags {
  output: string;
  force: boolean;
  /** ns; Infinity = the end. */
  from: number;
  to: number;
}

export interface ImportFlags extends TextFlags {
  output: string;
  force: boolean;
  userFrames: boolean;
}

export interface InfoFlags extends TextFlags {
  json: boolean;
}

export interface AnonymizeFlags extends RewriteFlags {
  keep: string[];
}

/** Shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface TriageFlags {
  json: boolean;
  /** All findings, every term of the equation, every source that was not read. */
  verbose: boolean;
  /** Without maps of processes and without a pause for the noise. */
  quick: boolean;
  /** ns; absent = look once. */
  watch?: number;
  count?: number;
}

export interface CensusFlags {
  json: boolean;
  format?: CensusFormat;
  output?: string;
  force: boolean;
  /** All rows, and the checks that agree. */
  verbose: boolean;
  /** Every page by what it is, without its holders. */
  quick: boolean;
  /** Slab caches whose objects are told apart. */
  cache: string[];
  orphans: boolean;
  /** A share of one CPU, 0..1. */
  budget: number;
  callBytes?: number;
  keepAddresses: boolean;
}
