/**
 * A mark in words: in one line beside its kind, as oomkill, drsnoop and shmsnoop say it, or as the columns what, who and
 * how much. The words hold untrusted text: safeText() before a terminal.
 */
import { formatBytes, formatCount } from '../../base/format.js';
import { COMPACTION_RESULTS, type Mark, type MarkKind, markText, markValue, OOM_SCOPES } from './marks.js';

/** What happened, without who did it. */
export function markWords(mark: Mark): string {
  return WORDS[mark.kind](mark);
}

const WORDS: Readonly<Record<MarkKind, (mark: Mark) => string>> = {
  user: (mark) => markText(mark, 'text'),
  'oom-kill': oomWords,
  reclaim: stallWords,
  'memcg-reclaim': stallWords,
  compaction: stallWords,
  shmget: (mark) =>
    `key ${hex(mark, 'key', 32)}, ${size(mark, 'bytes')}, flags ${shmFlags(mark)} = ${result(mark, (id) => `id ${id}`)}`,
  shmat: (mark) =>
    `id ${number(mark, 'shmId')}, address ${hex(mark, 'address')}, flags ${octal(mark)} = ${result(mark, asHex)}`,
  shmdt: (mark) => `address ${hex(mark, 'address')} = ${result(mark)}`,
  shmctl: (mark) => `id ${number(mark, 'shmId')}, ${shmCommand(mark)} = ${result(mark)}`,
  'cgroup-made': cgroupWords,
  'cgroup-removed': cgroupWords,
  'cgroup-renamed': cgroupWords,
  'cgroup-released': cgroupWords,
  'module-loaded': (mark) => `${markText(mark, 'module')}, ${size(mark, 'bytes')}`,
  'module-unloaded': (mark) => markText(mark, 'module'),
  'swap-on': (mark) => `${markText(mark, 'path')} = ${result(mark)}`,
  'swap-off': (mark) => `${markText(mark, 'path')} = ${result(mark)}`,
  'drop-caches': dropWords,
  exec: (mark) => markText(mark, 'path'),
  exit: exitWords,
};

/** What happened, with its kind: for a table that has no column for it. */
export function markWhat(mark: Mark): string {
  return WHAT[mark.kind](mark);
}

/** The process that did it, or waited: name and pid; '' = none, several, or not known. */
export function markWho({ comm, pid }: Mark): string {
  if (pid === 0) return comm;
  return comm === '' ? `process ${pid}` : `${comm} ${pid}`;
}

/** How much memory or time it was about; '' where the kind has neither. */
export function markHowMuch(mark: Mark): string {
  return HOW_MUCH[mark.kind]?.(mark) ?? '';
}

const WHAT: Readonly<Record<MarkKind, (mark: Mark) => string>> = {
  user: (mark) => `mark "${markText(mark, 'text')}"`,
  'oom-kill': (mark) => {
    const reason = oomReason(mark);
    return `OOM kill of ${victim(mark)}${reason === null ? '' : `: ${reason}`}`;
  },
  reclaim: () => 'reclaim stall',
  'memcg-reclaim': () => "reclaim stall at a cgroup's limit",
  compaction: (mark) => ['compaction stall', ...compactionResult(mark)].join(', '),
  shmget: (mark) =>
    `shmget: key ${hex(mark, 'key', 32)}, flags ${shmFlags(mark)} = ${result(mark, (id) => `id ${id}`)}`,
  shmat: (mark) => `shmat: ${markWords(mark)}`,
  shmdt: (mark) => `shmdt: ${markWords(mark)}`,
  shmctl: (mark) => `shmctl: ${markWords(mark)}`,
  'cgroup-made': (mark) => `cgroup made: ${cgroupWords(mark)}`,
  'cgroup-removed': (mark) => `cgroup removed: ${cgroupWords(mark)}`,
  'cgroup-renamed': (mark) => `cgroup renamed: ${cgroupWords(mark)}`,
  'cgroup-released': (mark) => `cgroup released: ${cgroupWords(mark)}`,
  'module-loaded': (mark) => `module loaded: ${markText(mark, 'module')}`,
  'module-unloaded': (mark) => `module unloaded: ${markText(mark, 'module')}`,
  'swap-on': (mark) => `swap on: ${markWords(mark)}`,
  'swap-off': (mark) => `swap off: ${markWords(mark)}`,
  'drop-caches': (mark) => `caches dropped: ${droppedParts(mark)}`,
  exec: (mark) => `exec: ${markText(mark, 'path')}`,
  exit: (mark) => `exit: ${exitStatus(mark)}`,
};

const HOW_MUCH: Readonly<Partial<Record<MarkKind, (mark: Mark) => string>>> = {
  'oom-kill': (mark) => heldParts(mark).join(', '),
  reclaim: stallAmount,
  'memcg-reclaim': stallAmount,
  compaction: stallTimes,
  shmget: (mark) => size(mark, 'bytes'),
  'module-loaded': (mark) => size(mark, 'bytes'),
  exit: (mark) => `at most ${size(mark, 'mostResidentBytes')} resident`,
};

/** Whose limit was met, for a reader; null = not known. */
function oomReason(mark: Mark): string | null {
  const scope = OOM_SCOPES[markValue(mark, 'scope') ?? 0] ?? 'unknown';
  const limited = markText(mark, 'limitedCgroup');
  if (scope === 'cgroup') return `limit of cgroup ${limited === '' ? '(not known)' : limited}`;
  if (scope === 'machine') return 'the machine was out of memory';
  if (scope === 'sysrq') return 'asked for by sysrq';
  return scope === 'unknown' ? null : `out of memory within its ${scope}`;
}

/** Name and pid of the process that was killed. */
function victim(mark: Mark): string {
  const comm = markText(mark, 'victimComm');
  return `${comm === '' ? '(name not known)' : comm} (${number(mark, 'victimPid')})`;
}

/** What the victim held. */
function heldParts(mark: Mark): string[] {
  return [
    ['anonBytes', 'anon'],
    ['fileBytes', 'file'],
    ['shmemBytes', 'shmem'],
    ['swapBytes', 'swapped'],
    ['pageTableBytes', 'page tables'],
  ].flatMap(([name, word]) => (markValue(mark, name) === null ? [] : [`${size(mark, name)} ${word}`]));
}

function oomWords(mark: Mark): string {
  const held = heldParts(mark);
  const cgroup = markText(mark, 'victimCgroup');
  const order = markValue(mark, 'order');
  return [
    `killed ${victim(mark)}`,
    held.length === 0 ? 'what it held is not known' : held.join(', '),
    oomReason(mark),
    order === null || order < 0
      ? null
      : `for ${order === 0 ? 'a page' : `${formatCount(2 ** Math.min(order, 20))} pages`}`,
    cgroup === '' ? null : `it was in ${cgroup}`,
    markValue(mark, 'uid') === null ? null : `uid ${number(mark, 'uid')}`,
    markValue(mark, 'oomScoreAdj') === null ? null : `oom_score_adj ${number(mark, 'oomScoreAdj')}`,
    markValue(mark, 'wasExiting') === 1 ? 'it was exiting already' : null,
  ]
    .filter((part) => part !== null)
    .join('; ');
}

function stallWords(mark: Mark): string {
  return mark.kind === 'compaction' ? [stallTimes(mark), ...compactionResult(mark)].join(', ') : stallAmount(mark);
}

function stallAmount(mark: Mark): string {
  const order = markValue(mark, 'order');
  const orderWords = order === null || order < 0 ? '' : `, order ${order}`;
  return `${stallTimes(mark)}, ${formatCount(markValue(mark, 'pages') ?? 0)} pages freed${orderWords}`;
}

function stallTimes(mark: Mark): string {
  const count = markValue(mark, 'count') ?? 1;
  if (count === 1) return milliseconds(mark, 'durationNs');
  const [all, longest] = [milliseconds(mark, 'durationNs'), milliseconds(mark, 'longestNs')];
  return `${formatCount(count)} stalls, ${all} in all, the longest ${longest}`;
}

function compactionResult(mark: Mark): string[] {
  const name = COMPACTION_RESULTS[markValue(mark, 'result') ?? -1] as string | undefined;
  return name === undefined ? [] : [name];
}

function cgroupWords(mark: Mark): string {
  const hierarchy = markValue(mark, 'hierarchy') ?? 0;
  const where = hierarchy === 0 ? '' : `, hierarchy ${hierarchy}`;
  return `${markText(mark, 'path')} (id ${number(mark, 'cgroupId')}${where})`;
}

function dropWords(mark: Mark): string {
  return `dropped ${droppedParts(mark)}`;
}

function droppedParts(mark: Mark): string {
  const parts = [
    [markValue(mark, 'pagecacheDrops') ?? 0, 'the page cache'],
    [markValue(mark, 'slabDrops') ?? 0, 'reclaimable slabs'],
  ].flatMap(([times, what]) => (times === 0 ? [] : [times === 1 ? String(what) : `${what} ${times} times`]));
  return parts.join(' and ');
}

function exitWords(mark: Mark): string {
  return `${exitStatus(mark)}, at most ${size(mark, 'mostResidentBytes')} resident`;
}

function exitStatus(mark: Mark): string {
  const signal = markValue(mark, 'signal') ?? 0;
  return signal === 0 ? `status ${number(mark, 'status')}` : `signal ${signal}`;
}

function number(mark: Mark, name: string): string {
  const value = markValue(mark, name);
  return value === null ? '?' : String(value);
}

function size(mark: Mark, name: string): string {
  const value = markValue(mark, name);
  return value === null || value < 0 ? '?' : formatBytes(value);
}

function milliseconds(mark: Mark, name: string): string {
  return `${((markValue(mark, name) ?? 0) / 1e6).toFixed(3)} ms`;
}

/** An int of `bits` as the kernel prints it. */
function hex(mark: Mark, name: string, bits?: 32): string {
  const value = markValue(mark, name);
  if (value === null) return '?';
  return asHex(bits === 32 && value < 0 ? value + 2 ** 32 : value);
}

function asHex(value: number): string {
  return `0x${value.toString(16)}`;
}

function octal(mark: Mark): string {
  const flags = markValue(mark, 'flags');
  return flags === null ? '?' : `0${Math.abs(flags).toString(8)}`.replace(/^00$/, '0');
}

/** include/uapi/linux/ipc.h and shm.h: the permission bits in octal, the rest by name. */
const SHM_FLAGS: readonly (readonly [number, string])[] = [
  [0o1000, 'IPC_CREAT'],
  [0o2000, 'IPC_EXCL'],
  [0o4000, 'SHM_HUGETLB'],
  [0o10000, 'SHM_NORESERVE'],
];

function shmFlags(mark: Mark): string {
  const flags = markValue(mark, 'flags');
  if (flags === null || flags < 0) return octal(mark);
  const names = SHM_FLAGS.flatMap(([bit, name]) => (Math.floor(flags / bit) % 2 === 1 ? [name] : []));
  return [`0${(flags % 0o1000).toString(8).padStart(3, '0')}`, ...names].join('|');
}

const SHM_COMMANDS = new Map([
  [0, 'IPC_RMID'],
  [1, 'IPC_SET'],
  [2, 'IPC_STAT'],
  [3, 'IPC_INFO'],
  [11, 'SHM_LOCK'],
  [12, 'SHM_UNLOCK'],
  [13, 'SHM_STAT'],
  [14, 'SHM_INFO'],
  [15, 'SHM_STAT_ANY'],
]);
/** What 32-bit programs add to a command. */
const IPC_64 = 0x100;

function shmCommand(mark: Mark): string {
  const command = markValue(mark, 'command') ?? -1;
  return SHM_COMMANDS.get(command >= IPC_64 ? command - IPC_64 : command) ?? `command ${command}`;
}

const ERRORS = new Map([
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [4, 'EINTR'],
  [12, 'ENOMEM'],
  [13, 'EACCES'],
  [14, 'EFAULT'],
  [16, 'EBUSY'],
  [17, 'EEXIST'],
  [22, 'EINVAL'],
  [23, 'ENFILE'],
  [28, 'ENOSPC'],
  [38, 'ENOSYS'],
  [43, 'EIDRM'],
]);

/** Errors are the numbers from -4095 to -1. */
function result(mark: Mark, good: (value: number) => string = String): string {
  const value = markValue(mark, 'result');
  if (value === null) return '?';
  return value < 0 && value >= -4095 ? (ERRORS.get(-value) ?? `error ${-value}`) : good(value);
}
