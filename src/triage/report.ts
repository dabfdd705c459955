/** What triage says: plain data, the same for text, JSON, screen and HTML. */
import type { PossessionKind } from '../census/possessions.js';
import type { NotRead } from '../proc/look.js';
import type { MachineFacts } from './facts.js';

/**
 * Order of findings (a limit is hit; grows and cannot be reclaimed; unexplained; large but
 * explained; reclaimable), and the word in front of each.
 */
export const SEVERITIES = ['limit', 'growing', 'abnormal', 'large', 'reclaimable', 'note', 'fine'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Holder {
  /** 'process', 'cgroup', 'mount', 'cache', 'caller', 'module', 'file', 'socket', 'map', 'device', 'node', 'zone', 'segment'. */
  kind: string;
  /** Untrusted: '1234 python3', '/dev/shm', 'dentry'. */
  name: string;
  /** null = it is one, but how much it holds is not known. */
  bytes: number | null;
  /** What it holds memory with; absent = not known, or its kind says it. Rules decide by this, not by words of the name. */
  what?: HolderWhat;
}

/** Things that processes have open (census/possessions.ts), and segments of System V. */
export type HolderWhat = PossessionKind | 'sysv';

export interface TriageFinding {
  /** 'R1' to 'R22'. */
  rule: string;
  severity: Severity;
  /** What is abnormal, a few words: 'memory in no line of meminfo', 'unreclaimable slab'. */
  item: string;
  /** null = the finding is not about an amount. */
  bytes: number | null;
  /** null = one look alone, or no trend. */
  growthBytesPerHour: number | null;
  /** Largest first, at most 8. */
  holders: Holder[];
  /** One or two sentences, with the figures and the bound of the rule. Untrusted names inside. */
  text: string;
  /** More lines of the same: what was ruled out, hints, the parts. At most 6. Untrusted names inside. */
  details: string[];
  /** Commands, complete; or a sentence that tells where to look. At most 3. */
  next: string[];
}

export interface EquationTerm {
  /** As in ACCOUNT_TERMS, and 'not in meminfo', 'held by a reference'. */
  term: string;
  bytes: number;
  /** The line or file it comes from: 'MemFree of /proc/meminfo', 'count: of /proc/zoneinfo x 4 KiB'. */
  source: string;
}

/** Who holds what a term of the equation counts, as far as it was read. */
export interface LineHolders {
  /** As in EquationTerm. */
  term: string;
  /** Largest first, at most 8, at least one. Upper bounds; they need not add up to the term. */
  holders: Holder[];
}

/** A counter that the kernel stops at a limit: both are known. */
export interface Gauge {
  /** As the kernel names the limit: 'memory.max', 'tcp_mem', 'max_map_count', 'tmpfs size'. */
  name: string;
  /** What has the limit where the machine itself has not: the path of a cgroup or of a mount. Untrusted; '' = the machine. */
  of: string;
  used: number;
  /** Above 0. */
  limit: number;
  /** Of both: 'bytes', 'threads', 'mappings', 'connections', ... */
  unit: string;
  /** used / limit; above 1 where the limit was lowered, or is not enforced at once. */
  share: number;
  /** True from NEAR_SHARE on (triage/words.ts). */
  near: boolean;
  /** Of `used` what is given back first at the limit: file cache of a cgroup, bytes; null = none, or not known. */
  reclaimable: number | null;
  /** Who uses most of it: '1234 java'. Untrusted; '' = not known. */
  holder: string;
  /** Wall clock, ms since 1970, where it was read earlier than the others, which a look in a hurry left out; null = with them. */
  readMs: number | null;
}

export interface Gauges {
  /** The fullest first. */
  gauges: Gauge[];
  /** How many more there are: of the limits of cgroups, of mounts, the fullest are listed. */
  more: number;
}

export interface TriageReport {
  machine: MachineFacts & { source: string; timeMs: number | null; looks: number; spanSeconds: number };
  /** E1: the terms add up to MemTotal. Empty without a meminfo. */
  equation: EquationTerm[];
  /** E0: memory of the machine that is not in MemTotal, or that MemTotal counts and nobody can use yet. Empty without a zoneinfo. */
  outside: EquationTerm[];
  /** In the order of the equation; a term without a known holder is absent. */
  lines: LineHolders[];
  /** In order. The text shows at most five. */
  findings: TriageFinding[];
  /** Counters that meet a limit. */
  limits: Gauges;
  /** Hours until MemAvailable is 0 at the pace of the looks or of the history; null = it does not fall. */
  hoursLeft: number | null;
  /** `name`: what people call it. Untrusted. */
  notRead: (NotRead & { name: string; wouldDecide: string })[];
  /** What was looked at and is not abnormal: 'slab', 'cgroups', ... */
  fine: string[];
}
