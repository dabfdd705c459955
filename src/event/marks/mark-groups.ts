/** The kinds of marks in groups: each has a sign on a line of time, and on the screen a lane of its own. */
import type { MarkKind } from './marks.js';

export interface MarkGroup {
  /** The name of its lane, at most 8 columns. */
  title: string;
  /** On the line of time, where all groups share one line. */
  sign: string;
  /** For the help. */
  help: string;
  /** Its kinds, each with its sign in the lane of the group. */
  kinds: Readonly<Partial<Record<MarkKind, string>>>;
  /** True if each of its events stands alone; of others those that come soon after each other are one burst. */
  isSingle: boolean;
}

/** The most important first: where two groups share a column, the first one has it. */
export const MARK_GROUPS: readonly MarkGroup[] = [
  { title: 'OOM', sign: 'K', help: 'an OOM kill', kinds: { 'oom-kill': 'K' }, isSingle: true },
  { title: 'marks', sign: 'u', help: "a mark of the user's", kinds: { user: 'u' }, isSingle: true },
  {
    title: 'stalls',
    sign: 's',
    help: 'stalls of reclaim or compaction',
    kinds: { reclaim: 's', 'memcg-reclaim': 's', compaction: 's' },
    isSingle: false,
  },
  {
    title: 'swap',
    sign: 'w',
    help: 'swap on (+) or off (-)',
    kinds: { 'swap-on': '+', 'swap-off': '-' },
    isSingle: true,
  },
  { title: 'dropped', sign: 'd', help: 'dropped caches', kinds: { 'drop-caches': 'd' }, isSingle: true },
  {
    title: 'modules',
    sign: 'l',
    help: 'a module loaded (+) or unloaded (-)',
    kinds: { 'module-loaded': '+', 'module-unloaded': '-' },
    isSingle: false,
  },
  {
    title: 'shm',
    sign: 'h',
    help: 'calls for System V shared memory',
    kinds: { shmget: '+', shmat: 'h', shmdt: 'h', shmctl: 'h' },
    isSingle: false,
  },
  {
    title: 'commands',
    sign: 'e',
    help: 'exec (+) or exit (-) of the watched command',
    kinds: { exec: '+', exit: '-' },
    isSingle: false,
  },
  {
    title: 'cgroups',
    sign: 'c',
    help: 'a cgroup made (+), removed (-), renamed (~) or released (.)',
    kinds: { 'cgroup-made': '+', 'cgroup-removed': '-', 'cgroup-renamed': '~', 'cgroup-released': '.' },
    isSingle: false,
  },
];

const GROUP_OF = new Map<string, MarkGroup>(
  MARK_GROUPS.flatMap((group) => Object.keys(group.kinds).map((kind) => [kind, group] as const)),
);

/** Every kind has a group; one that has none here goes to the last. */
export function groupOf(kind: MarkKind): MarkGroup {
  return GROUP_OF.get(kind) ?? MARK_GROUPS[MARK_GROUPS.length - 1];
}

/** The sign of a kind where all groups share a line. */
export function markSign(kind: MarkKind): string {
  return groupOf(kind).sign;
}

/** Below 0 if a reader needs the group of the first kind sooner. */
export function compareGroups(a: MarkKind, b: MarkKind): number {
  return MARK_GROUPS.indexOf(groupOf(a)) - MARK_GROUPS.indexOf(groupOf(b));
}

/** The same of kinds, those of one group in its order. */
export function compareKinds(a: MarkKind, b: MarkKind): number {
  return (PLACES.get(a) ?? PLACES.size) - (PLACES.get(b) ?? PLACES.size);
}

const PLACES = new Map(MARK_GROUPS.flatMap(({ kinds }) => Object.keys(kinds)).map((kind, place) => [kind, place]));
