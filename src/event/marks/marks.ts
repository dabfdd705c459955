/**
 * Marks: what happened on the traced machine while memory was traced. One table has all kinds, with the names of what each
 * tells; the collector's stream, recordings, JSON and texts follow it. bpf/README.md has the meaning of each value.
 */

/** Indexed by the number in the stream and the recording; the numbers never change meaning. 0 is none. */
export const MARK_KINDS = [
  undefined,
  'user',
  'oom-kill',
  'reclaim',
  'memcg-reclaim',
  'compaction',
  'shmget',
  'shmat',
  'shmdt',
  'shmctl',
  'cgroup-made',
  'cgroup-removed',
  'cgroup-renamed',
  'module-loaded',
  'module-unloaded',
  'swap-on',
  'swap-off',
  'drop-caches',
  'exec',
  'exit',
  'cgroup-released',
] as const;

export type MarkKind = Exclude<(typeof MARK_KINDS)[number], undefined>;

export interface Mark {
  kind: MarkKind;
  /** Process that did it, or waited; 0 = none, or several. */
  pid: number;
  /** Its name, untrusted; '' = not known. */
  comm: string;
  /** As MARK_SHAPES names them; a producer may know fewer. Whole numbers, at most MOST_VALUE from 0. */
  values: readonly number[];
  /** Likewise, untrusted. */
  texts: readonly string[];
}

/** A mark at its time of the trace, ns. */
export interface LoggedMark {
  timeNs: number;
  mark: Mark;
}

/** Names of a kind's values and texts, in their order. */
interface MarkShape {
  values: readonly string[];
  texts: readonly string[];
}

const STALL = ['durationNs', 'count', 'longestNs', 'pages', 'order', 'gfpFlags'];
const CGROUP: MarkShape = { values: ['cgroupId', 'hierarchy'], texts: ['path'] };

export const MARK_SHAPES: Readonly<Record<MarkKind, MarkShape>> = {
  user: { values: [], texts: ['text'] },
  'oom-kill': {
    values: [
      'victimPid',
      'virtualBytes',
      'anonBytes',
      'fileBytes',
      'shmemBytes',
      'swapBytes',
      'pageTableBytes',
      'uid',
      'oomScoreAdj',
      'scope',
      'order',
      'gfpFlags',
      'wasExiting',
    ],
    texts: ['victimComm', 'limitedCgroup', 'victimCgroup'],
  },
  reclaim: { values: STALL, texts: [] },
  'memcg-reclaim': { values: STALL, texts: [] },
  compaction: { values: [...STALL, 'result'], texts: [] },
  shmget: { values: ['key', 'bytes', 'flags', 'result'], texts: [] },
  shmat: { values: ['shmId', 'address', 'flags', 'result'], texts: [] },
  shmdt: { values: ['address', 'result'], texts: [] },
  shmctl: { values: ['shmId', 'command', 'result'], texts: [] },
  'cgroup-made': CGROUP,
  'cgroup-removed': CGROUP,
  'cgroup-renamed': CGROUP,
  'cgroup-released': CGROUP,
  'module-loaded': { values: ['bytes'], texts: ['module'] },
  'module-unloaded': { values: [], texts: ['module'] },
  'swap-on': { values: ['result'], texts: ['path'] },
  'swap-off': { values: ['result'], texts: ['path'] },
  'drop-caches': { values: ['pagecacheDrops', 'slabDrops'], texts: [] },
  exec: { values: [], texts: ['path'] },
  exit: { values: ['status', 'signal', 'mostResidentBytes'], texts: [] },
};

/** Whose limit an OOM kill met; the index is the value 'scope'. */
export const OOM_SCOPES = ['unknown', 'machine', 'cpuset', 'memory-policy', 'cgroup', 'sysrq'] as const;
/** enum compact_result of the kernel (include/linux/compaction.h), the same from 5.10 to 7.3. */
export const COMPACTION_RESULTS = [
  'not-suitable-zone',
  'skipped',
  'deferred',
  'no-suitable-page',
  'continue',
  'complete',
  'partial-skipped',
  'contended',
  'success',
] as const;

/** A mark has no more of each: what is beyond is dropped by whoever reads it. */
export const MOST_MARK_VALUES = 16;
export const MOST_MARK_TEXTS = 4;
/** Characters of a text. */
export const MOST_MARK_TEXT = 4096;
/** A value is clamped here: a zigzag varint holds no more. */
export const MOST_VALUE = 2 ** 52 - 1;

/** The value of that name; null where it is not known. */
export function markValue(mark: Mark, name: string): number | null {
  const value = mark.values[MARK_SHAPES[mark.kind].values.indexOf(name)] as number | undefined;
  if (value === undefined) return null;
  return mark.kind === 'oom-kill' && isUnknownOfVictim(name, value) ? null : value;
}

/** The text of that name; '' where it is not known. */
export function markText(mark: Mark, name: string): string {
  return mark.texts[MARK_SHAPES[mark.kind].texts.indexOf(name)] ?? '';
}

/** -1 is what the collector did not learn; scores begin at -1000. */
function isUnknownOfVictim(name: string, value: number): boolean {
  return name === 'oomScoreAdj' ? value < -1000 : value < 0;
}

/** Within the bounds of a mark, whoever made it. */
export function boundedMark(mark: Mark): Mark {
  return {
    ...mark,
    values: mark.values.slice(0, MOST_MARK_VALUES).map(boundedValue),
    texts: mark.texts.slice(0, MOST_MARK_TEXTS).map((text) => text.slice(0, MOST_MARK_TEXT)),
  };
}

function boundedValue(value: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.max(-MOST_VALUE, Math.min(MOST_VALUE, value)));
}
