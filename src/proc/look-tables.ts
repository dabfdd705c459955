/**
 * Tables that a look keeps of what stands in thousands of files: tab-separated, the first line names
 * the columns. A cell is a number, a text, or empty (= not known). In texts, \t, \n, \r and \\ are
 * written with a backslash. Sizes are in bytes unless the column says otherwise.
 */
export const LOOK_TABLES = {
  /**
   * One row. percpuFirstChunk: all CPUs; 0 = unknown. balloonInTotal: 0 or 1. meminfoBy: 'kernel'; 'lxcfs', 'sandbox'; or the
   * tool whose output stands for the text, with a part of its lines: 'sar', 'free', 'kmem -i', 'kmem -i and -V'. offlineBytes:
   * memory blocks that are offline.
   */
  'table/machine': [
    'hostname',
    'kernel',
    'arch',
    'distribution',
    'pageSize',
    'cpus',
    'uptimeSeconds',
    'percpuFirstChunk',
    'balloonInTotal',
    'meminfoBy',
    'offlineBytes',
  ],
  /**
   * One row a process. vmas: number of mappings; openFiles and the columns after it: open descriptors
   * by kind (only read as root), rdma at the end. cgroup: path of its memory cgroup.
   */
  'table/processes': [
    'pid',
    'parent',
    'name',
    'startSeconds',
    'threads',
    'virtual',
    'rssAnon',
    'rssFile',
    'rssShmem',
    'swap',
    'pageTables',
    'openFiles',
    'pipes',
    'sockets',
    'uring',
    'dmabuf',
    'vfio',
    'gpu',
    'bpfMaps',
    'cgroup',
    'rdma',
  ],
  /**
   * The processes that hold most, from smaps_rollup and maps. arenas: heaps of glibc (64 MiB aligned);
   * stackSize: the most frequent size of a mapping that looks like a thread's stack, and how many.
   */
  'table/mappings': [
    'pid',
    'rss',
    'pss',
    'pssAnon',
    'pssFile',
    'pssShmem',
    'vmas',
    'heap',
    'arenas',
    'arenaBytes',
    'stackSize',
    'stackCount',
  ],
  /** One row a cgroup. version 1 or 2; max empty = no limit; dying: nr_dying_descendants below it. peak: the most that it had. */
  'table/cgroups': [
    'path',
    'version',
    'current',
    'max',
    'swap',
    'anon',
    'file',
    'shmem',
    'inactiveFile',
    'kernel',
    'slabReclaimable',
    'slabUnreclaimable',
    'percpu',
    'sock',
    'kernelStack',
    'pageTables',
    'vmalloc',
    'dying',
    'oomKills',
    'maxEvents',
    'refaults',
    'processes',
    'peak',
  ],
  /**
   * tmpfs, devtmpfs, hugetlbfs, ramfs mounts of every mount namespace, each file system once. pid: one
   * process that sees it. deleted: bytes of `used` whose files have no name, but are open or mapped.
   * processName: of pid, if the mount is in its namespace and not in that of who looked.
   */
  'table/mounts': ['path', 'type', 'device', 'pid', 'used', 'size', 'files', 'deleted', 'processName'],
  /**
   * Objects of shmem that no mount shows. kind: 'sysv', 'memfd', 'shared' (shared anonymous), 'deleted'
   * (a file of a tmpfs without a name), 'gpu'. pid: one process that has it open or mapped; 0 = none.
   */
  'table/shmem': ['kind', 'name', 'pid', 'processName', 'bytes'],
  /**
   * Pods and their containers, as the folders of their logs name them. A pod has a row for each container; without
   * one, the last two columns are empty. containerId: all 64 digits.
   */
  'table/pods': ['uid', 'namespace', 'pod', 'container', 'containerId'],
  /** Sums over all network namespaces, by name: 'tcp pages' (memory), 'udp pages', 'tcp alloc', 'tcp orphan', 'tcp inuse', ... */
  'table/sockstat': ['name', 'value'],
  /** Sockets by process. state: 'ESTAB', 'CLOSE-WAIT', 'LISTEN', ...; queues in bytes. family: 'tcp', 'udp', 'unix', 'packet', ... */
  'table/sockets': ['family', 'state', 'pid', 'processName', 'count', 'receiveQueue', 'sendQueue', 'ringBytes'],
  /** Limits as gauges: 'tcp_mem', 'nf_conntrack', 'pid_max', 'threads-max', 'file-max', 'max_map_count', 'bpf_jit_limit', 'inotify watches'. used empty = not known. holder: who uses most. */
  'table/limits': ['name', 'used', 'max', 'unit', 'holder'],
  /** What users can count, beside the slab cache that should agree. */
  'table/census': ['cache', 'counted', 'what'],
  /** Rings of network cards. queues x descriptors x bufferBytes = bytes. */
  'table/rings': ['device', 'driver', 'queues', 'descriptors', 'bytes'],
  /** BPF maps and programs. bytes: bytes_memlock. */
  'table/bpf': ['kind', 'id', 'type', 'name', 'bytes', 'pid', 'processName'],
  /** Stacks of page_owner, or call sites of allocinfo. source: 'page_owner', 'allocinfo'. frames: leaf first, joined by ' < '. */
  'table/owners': ['source', 'bytes', 'count', 'module', 'frames'],
  /**
   * Series of counters of the past (sar, atop). item: 'available', 'free', 'anon', 'slab', ... ; timeMs of the row. An item
   * that ends in ' a second' is a rate: bytes a second.
   */
  'table/history': ['timeMs', 'item', 'bytes'],
} as const;

export type LookTable = keyof typeof LOOK_TABLES;
export type LookRow<T extends LookTable> = Readonly<Record<(typeof LOOK_TABLES)[T][number], string>>;

/** A table of 50,000 processes has some 8 MB. */
const TEXT_LIMIT = 64 << 20;
const ROW_LIMIT = 200_000;

/**
 * Returns the text of a table. `rows` have values in the order of its columns; null = not known, as is what a
 * short row lacks.
 */
export function tableText(table: LookTable, rows: Iterable<readonly (string | number | null)[]>): string {
  const lines = [LOOK_TABLES[table].join('\t')];
  // join() writes nothing for null, and a number needs no escape.
  for (const row of rows)
    lines.push(row.map((cell) => (typeof cell === 'string' ? escapeCell(cell) : cell)).join('\t'));
  return `${lines.join('\n')}\n`;
}

/** Returns the rows of a table; a column that the text lacks is '' in all of them. Never throws. */
export function tableRows<T extends LookTable>(table: T, text: string | undefined): LookRow<T>[] {
  if (text === undefined) return [];
  const lines = text.slice(0, TEXT_LIMIT).split('\n', ROW_LIMIT + 2);
  const places = new Map(lines[0].split('\t', 64).map((name, index) => [name, index]));
  const columns = LOOK_TABLES[table] as readonly string[];
  const at = columns.map((name) => places.get(name) ?? -1);
  const rows: LookRow<T>[] = [];
  for (const line of lines.slice(1)) {
    if (line === '' || line.length > LINE_LIMIT) continue;
    const cells = line.split('\t', 64);
    const row: Record<string, string> = {};
    for (const [index, name] of columns.entries()) row[name] = unescapeCell(cells[at[index]] ?? '');
    rows.push(row as LookRow<T>);
  }
  return rows;
}

/** Returns the number in a cell; null if it is empty, or no number that can be counted with. */
export function cellNumber(cell: string): number | null {
  if (!/^-?\d{1,16}(?:\.\d{1,9})?$/.test(cell)) return null;
  const value = Number(cell);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

const LINE_LIMIT = 65536;

function escapeCell(cell: string): string {
  return /[\t\n\r\\]/.test(cell)
    ? cell.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : cell;
}

function unescapeCell(cell: string): string {
  return cell.includes('\\')
    ? cell.replace(/\\([tnr\\])/g, (_, letter: string) => ({ t: '\t', n: '\n', r: '\r', '\\': '\\' })[letter] ?? letter)
    : cell;
}
