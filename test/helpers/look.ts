/** Looks at an imagined machine, as the texts that a kernel would print: the base is quiet, and a test changes some of it. */
import type { Look, NotRead } from '../../src/proc/look.js';
import { type LookTable, tableText } from '../../src/proc/look-tables.js';

const KIB_PER_GIB = 1 << 20;

export interface LookParts {
  /** Lines of meminfo that differ, GiB. MemFree takes what is left, unless it is given, or `gap` is. */
  gib?: Record<string, number>;
  /** Memory in no line, GiB. */
  gap?: number;
  /** Texts by name, in place of those of the base. */
  texts?: Record<string, string>;
  /** Rows of tables. */
  tables?: Partial<Record<LookTable, (string | number | null)[][]>>;
  timeMs?: number;
  notRead?: NotRead[];
}

/** GiB. They add up to 16 with MemFree. */
const QUIET: Readonly<Record<string, number>> = {
  Buffers: 0.25,
  Cached: 3,
  AnonPages: 2,
  Shmem: 0.125,
  SReclaimable: 0.375,
  SUnreclaim: 0.125,
  KernelStack: 0.015625,
  PageTables: 0.03125,
  VmallocUsed: 0.0625,
  Percpu: 0.0078125,
  Hugetlb: 0,
};
const QUIET_GAP = 0.0625;

/** A machine of 16 GiB and 4 CPUs, Linux 6.12. */
export function lookAt({
  gib = {},
  gap = QUIET_GAP,
  texts = {},
  tables = {},
  timeMs,
  notRead = [],
}: LookParts = {}): Look {
  const lines: Record<string, number> = { ...QUIET, ...gib };
  const slab = lines['SReclaimable'] + lines['SUnreclaim'];
  const used =
    lines['Buffers'] +
    lines['Cached'] +
    lines['AnonPages'] +
    slab +
    lines['VmallocUsed'] +
    lines['PageTables'] +
    lines['Percpu'] +
    lines['Hugetlb'];
  const free = lines['MemFree'] ?? 16 - used - gap;
  const meminfo = {
    MemTotal: 16,
    MemFree: free,
    MemAvailable: lines['MemAvailable'] ?? free + (lines['Cached'] - lines['Shmem']) * 0.9 + lines['SReclaimable'] / 2,
    Active: lines['Cached'] + lines['Buffers'],
    Inactive: lines['AnonPages'] + (lines['surplus'] ?? 0),
    Unevictable: 0,
    Slab: slab,
    KReclaimable: lines['SReclaimable'],
    Mapped: 0.25,
    ...lines,
  };
  const text = Object.entries(meminfo)
    .filter(([name]) => name !== 'surplus')
    .map(([name, value]) => `${`${name}:`.padEnd(16)}${String(Math.round(value * KIB_PER_GIB)).padStart(8)} kB\n`)
    .join('');
  const all = new Map<string, string>([
    ['proc/meminfo', text],
    ['proc/vmstat', 'allocstall_normal 0\noom_kill 0\npgfree 1\n'],
    [
      'proc/pressure/memory',
      'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    ],
    [
      'table/machine',
      tableText('table/machine', [['db-17', '6.12.0', 'x86_64', 'Debian 12', 4096, 4, 86_400, 0, 0, 'kernel']]),
    ],
    ...Object.entries(tables).map(([name, rows]): [string, string] => [name, tableText(name as LookTable, rows)]),
    ...Object.entries(texts),
  ]);
  return { timeMs: timeMs ?? null, origin: 'live', source: 'this machine', texts: all, notRead };
}

/** A row of table/processes; sizes in bytes. */
export function processRow(
  pid: number,
  name: string,
  {
    anon = 0,
    file = 0,
    shmem = 0,
    swap = 0,
    pageTables = 0,
    threads = 1,
    pipes = null as number | null,
    cgroup = '/',
  } = {},
): (string | number | null)[] {
  return [
    pid,
    1,
    name,
    10,
    threads,
    anon + file,
    anon,
    file,
    shmem,
    swap,
    pageTables,
    pipes === null ? null : pipes + 3,
    pipes,
    0,
    0,
    0,
    0,
    0,
    0,
    cgroup,
  ];
}
