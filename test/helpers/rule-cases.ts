/** Each rule's item, just abnormal enough, and just below its bound. */
import type { TriageFinding } from '../../src/triage/report.js';
import { type LookParts, processRow } from './look.js';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** One row of a cgroup. */
export function cgroup(path: string, values: Record<string, number | null>): (string | number | null)[] {
  const of = (name: string): number | null => values[name] ?? 0;
  const max = values['max'] ?? null;
  return [
    path,
    2,
    of('current'),
    max,
    of('swap'),
    of('anon'),
    of('file'),
    of('shmem'),
    of('inactiveFile'),
    of('kernel'),
    of('slabReclaimable'),
    of('slabUnreclaimable'),
    of('percpu'),
    of('sock'),
    of('kernelStack'),
    of('pageTables'),
    of('vmalloc'),
    values['dying'] ?? null,
    of('oomKills'),
    of('maxEvents'),
    of('refaults'),
    3,
  ];
}

export const SLAB_HEAD =
  'slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>\n';
export function slabLine(name: string, active: number, objects: number, size: number, perSlab = 32, pages = 1): string {
  return `${name.padEnd(20)} ${active} ${objects} ${size} ${perSlab} ${pages} : tunables 0 0 0 : slabdata ${Math.ceil(objects / perSlab)} ${Math.ceil(objects / perSlab)} 0\n`;
}

export interface RuleCase {
  rule: string;
  what: string;
  abnormal: LookParts;
  /** The same, below the bound. */
  quiet: LookParts;
  /** An earlier look, for rules that need two. */
  before?: LookParts & { secondsAgo: number };
  /** What the finding must say. */
  says: { severity: TriageFinding['severity']; bytes?: number; holder?: RegExp; text?: RegExp; next?: RegExp };
}

export const RULE_CASES: readonly RuleCase[] = [
  {
    rule: 'R3',
    what: 'memory in no line of meminfo',
    abnormal: {
      gap: 4,
      texts: { 'proc/vmallocinfo': '0x1-0x2 8192 other+0x1/0x2 pages=1 vmalloc\n' },
      tables: { 'table/processes': [processRow(4, 'other', { pipes: 2 })], 'table/sockets': [] },
    },
    quiet: { gap: 0.3 },
    says: { severity: 'abnormal', bytes: 4 * GIB, text: /Nothing that can be counted explains it/ },
  },
  {
    rule: 'R3',
    what: 'packet rings',
    abnormal: {
      gap: 1.0625,
      tables: {
        'table/sockets': [
          ['packet', '', 77, 'sniffer', 8, 0, 0, GIB],
          ['packet', '', 78, 'other', 1, 0, 0, 1024],
        ],
      },
    },
    quiet: { gap: 0.25, tables: { 'table/sockets': [['packet', '', 77, 'sniffer', 1, 0, 0, 0.2 * GIB]] } },
    says: { severity: 'abnormal', holder: /packet rings of 77 sniffer/ },
  },
  {
    rule: 'R3',
    what: 'pipes',
    abnormal: { gap: 2, tables: { 'table/processes': [processRow(4, 'leak', { pipes: 60_000 })] } },
    quiet: { gap: 0.1, tables: { 'table/processes': [processRow(4, 'leak', { pipes: 60_000 })] } },
    says: { severity: 'abnormal', holder: /4 leak, 30,000 pipes, at most/ },
  },
  {
    rule: 'R3',
    what: 'pipes that were enlarged',
    abnormal: { gap: 2, tables: { 'table/processes': [processRow(4, 'leak', { pipes: 4000 }), processRow(5, 'sh')] } },
    quiet: { gap: 0.1, tables: { 'table/processes': [processRow(4, 'leak', { pipes: 4000 })] } },
    says: { severity: 'abnormal', holder: /^4 leak, 2,000 pipes, at most$/, text: /most of it 4 leak/ },
  },
  {
    rule: 'R3',
    what: 'TCP buffers',
    abnormal: {
      gap: 1.5,
      tables: {
        'table/sockstat': [['tcp pages', (1.4 * GIB) / 4096]],
        'table/sockets': [
          ['tcp', 'ESTAB', 8, 'slow', 9, GIB, 0, 0],
          ['tcp', 'ESTAB', 9, 'other', 9, MIB, MIB, 0],
        ],
      },
    },
    quiet: { gap: 0.25, tables: { 'table/sockstat': [['tcp pages', 60_000]] } },
    says: { severity: 'abnormal', holder: /^buffers of TCP sockets, most in queues of 8 slow$/ },
  },
  {
    rule: 'R4',
    what: 'pages held by a reference',
    abnormal: { gib: { surplus: 0.5 }, gap: 0.5625 },
    quiet: { gib: { surplus: 0.1 }, gap: 0.2 },
    says: { severity: 'abnormal', bytes: 0.5 * GIB, text: /no process maps them/ },
  },
  {
    rule: 'R5',
    what: 'unreclaimable slab',
    abnormal: {
      gib: { SUnreclaim: 3 },
      texts: {
        'proc/slabinfo':
          SLAB_HEAD +
          slabLine('kmalloc-64', 44_000_000, 44_000_000, 64, 64) +
          slabLine('dentry', 100_000, 100_000, 192, 21),
      },
    },
    quiet: { gib: { SUnreclaim: 0.9 } },
    says: { severity: 'large', bytes: 3 * GIB, holder: /^kmalloc-64$/, text: /kmalloc-64 holds 2\.6/ },
  },
  {
    rule: 'R6',
    what: 'negative dentries',
    abnormal: { texts: { 'proc/sys/fs/dentry-state': '6000000\t5900000\t45\t0\t5800000\t0\n' } },
    quiet: { texts: { 'proc/sys/fs/dentry-state': '6000000\t5900000\t45\t0\t900000\t0\n' } },
    says: { severity: 'reclaimable', holder: /dentry/, text: /5,800,000 of 6,000,000 dentries are negative/ },
  },
  {
    rule: 'R6',
    what: 'dentries in use',
    abnormal: { gib: { SReclaimable: 1.5 }, texts: { 'proc/sys/fs/dentry-state': '6000000\t900000\t45\t0\t0\t0\n' } },
    quiet: { gib: { SReclaimable: 1.5 }, texts: { 'proc/sys/fs/dentry-state': '6000000\t3900000\t45\t0\t0\t0\n' } },
    says: { severity: 'large', text: /cannot reclaim them/ },
  },
  {
    rule: 'R7',
    what: 'vmalloc',
    abnormal: {
      gib: { VmallocUsed: 2 },
      texts: {
        'proc/vmallocinfo':
          `0x1-0x2 ${GIB + 4096} array_map_alloc+0x10/0x20 pages=${(1.9 * GIB) / 4096} vmalloc vpages N0=1\n0x3-0x4 8192 other+0x1/0x2 pages=1 vmalloc\n`.replace(
            /\d+\.\d+/,
            (x) => String(Math.round(Number(x))),
          ),
      },
      tables: { 'table/bpf': [['map', 5, 'array', 'cache', 1.9 * GIB, 99, 'agent']] },
    },
    quiet: { gib: { VmallocUsed: 0.4 } },
    says: { severity: 'large', holder: /^BPF map array cache of 99 agent$/, text: /BPF, mostly BPF map array cache/ },
  },
  {
    rule: 'R7',
    what: 'the limit of compiled programs',
    abnormal: { tables: { 'table/limits': [['bpf_jit_limit', 250 * MIB, 264 * MIB, 'bytes']] } },
    quiet: { tables: { 'table/limits': [['bpf_jit_limit', 20 * MIB, 264 * MIB, 'bytes']] } },
    says: { severity: 'limit', text: /errno 524/ },
  },
  {
    rule: 'R8',
    what: 'removed cgroups',
    abnormal: {
      tables: {
        'table/cgroups': [cgroup('/', { dying: 4000 }), cgroup('/system.slice', { dying: 3900, current: GIB })],
      },
    },
    quiet: {
      tables: { 'table/cgroups': [cgroup('/', { dying: 90 }), cgroup('/system.slice', { dying: 90, current: GIB })] },
    },
    says: { severity: 'abnormal', holder: /4,000 removed cgroups/ },
  },
  {
    rule: 'R8',
    what: 'percpu memory',
    abnormal: { gib: { Percpu: 0.5 } },
    quiet: { gib: { Percpu: 0.1 } },
    says: { severity: 'large', bytes: 0.5 * GIB },
  },
  {
    rule: 'R9',
    what: 'page tables',
    abnormal: {
      gib: { PageTables: 1.5 },
      tables: { 'table/processes': [1, 2, 3].map((pid) => processRow(pid, 'postgres', { pageTables: 0.5 * GIB })) },
    },
    quiet: { gib: { PageTables: 0.2 } },
    says: { severity: 'large', bytes: 1.5 * GIB, holder: /3 processes postgres/ },
  },
  {
    rule: 'R10',
    what: 'threads',
    abnormal: {
      gib: { KernelStack: 0.4 },
      tables: { 'table/processes': [processRow(9, 'java', { threads: 25_000 })] },
    },
    quiet: { gib: { KernelStack: 0.1 }, tables: { 'table/processes': [processRow(9, 'java', { threads: 5000 })] } },
    says: { severity: 'large', holder: /9 java: 25,000 threads/ },
  },
  {
    rule: 'R11',
    what: 'a tmpfs',
    abnormal: {
      gib: { Cached: 5, Shmem: 2.5 },
      tables: { 'table/mounts': [['/dev/shm', 'tmpfs', '0:25', 1, 2.5 * GIB, 8 * GIB, 3]], 'table/shmem': [] },
    },
    quiet: { gib: { Cached: 4, Shmem: 1.5 } },
    says: { severity: 'large', bytes: 2.5 * GIB, holder: /^\/dev\/shm$/, text: /\/dev\/shm holds 2\.50 GiB/ },
  },
  {
    rule: 'R11',
    what: 'a tmpfs of a container',
    abnormal: {
      gib: { Cached: 5, Shmem: 2.5 },
      tables: {
        'table/mounts': [['/dev/shm', 'tmpfs', '0:25', 31, 2.5 * GIB, 8 * GIB, 3, 0, 'db']],
        'table/shmem': [],
      },
    },
    quiet: { gib: { Cached: 4, Shmem: 1.5 } },
    says: { severity: 'large', bytes: 2.5 * GIB, holder: /^\/dev\/shm of 31 db$/ },
  },
  {
    rule: 'R11',
    what: 'shared memory that nothing shows',
    abnormal: {
      gib: { Cached: 5, Shmem: 2.5 },
      tables: {
        'table/mounts': [],
        'table/shmem': [['sysv', 'segment 7', 12, '', 1.5 * GIB]],
        'table/processes': [processRow(12, 'db', { pipes: 0 })],
      },
    },
    quiet: { gib: { Cached: 3, Shmem: 0.75 }, tables: { 'table/mounts': [], 'table/shmem': [] } },
    says: { severity: 'abnormal', holder: /^SysV segment 7 of 12 db$/ },
  },
  {
    rule: 'R12',
    what: 'idle huge pages',
    abnormal: {
      gib: { Hugetlb: 4 },
      texts: {
        'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '2048\n',
        'sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '1900\n',
        'sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages': '0\n',
        'sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages': '0\n',
      },
    },
    quiet: {
      gib: { Hugetlb: 4 },
      texts: {
        'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '2048\n',
        'sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '1900\n',
        'sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages': '1850\n',
        'sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages': '0\n',
      },
    },
    says: { severity: 'abnormal', bytes: 1900 * 2 * MIB },
  },
  {
    rule: 'R13',
    what: 'one large process',
    abnormal: { tables: { 'table/processes': [processRow(31, 'mysqld', { anon: 5 * GIB })] } },
    quiet: { tables: { 'table/processes': [processRow(31, 'mysqld', { anon: 3 * GIB })] } },
    says: { severity: 'large', bytes: 5 * GIB, holder: /31 mysqld/ },
  },
  {
    rule: 'R13',
    what: 'arenas',
    abnormal: {
      tables: {
        'table/processes': [processRow(31, 'node', { anon: GIB })],
        'table/mappings': [[31, GIB, GIB, GIB, 0, 0, 900, 8 * MIB, 40, 0.6 * GIB, 0, 0]],
      },
    },
    quiet: {
      tables: {
        'table/processes': [processRow(31, 'node', { anon: GIB })],
        'table/mappings': [[31, GIB, GIB, GIB, 0, 0, 900, 8 * MIB, 7, 0.6 * GIB, 0, 0]],
      },
    },
    says: { severity: 'large', holder: /31 node/ },
  },
  {
    rule: 'R14',
    what: 'TCP memory',
    abnormal: {
      tables: {
        'table/sockstat': [['tcp pages', 570_000]],
        'table/limits': [
          ['tcp_mem', null, 575_796, 'pages'],
          ['tcp_mem pressure', null, 383_867, 'pages'],
        ],
        'table/sockets': [['tcp', 'ESTAB', 8, 'slow', 9, GIB, 0, 0]],
      },
    },
    quiet: {
      tables: {
        'table/sockstat': [['tcp pages', 3000]],
        'table/limits': [
          ['tcp_mem', null, 575_796, 'pages'],
          ['tcp_mem pressure', null, 383_867, 'pages'],
        ],
      },
    },
    says: { severity: 'limit', bytes: 570_000 * 4096, holder: /8 slow/ },
  },
  {
    rule: 'R15',
    what: 'connection tracking',
    abnormal: { tables: { 'table/limits': [['nf_conntrack', 250_000, 262_144, 'entries']] } },
    quiet: { tables: { 'table/limits': [['nf_conntrack', 150_000, 262_144, 'entries']] } },
    says: { severity: 'limit', text: /drops/ },
  },
  {
    rule: 'R16',
    what: 'objects whose owner is gone',
    abnormal: {
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('nf_conntrack', 4_100_000, 4_100_000, 256, 16) },
      tables: { 'table/census': [['nf_conntrack', 1782, 'nf_conntrack_count']] },
    },
    quiet: {
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('nf_conntrack', 11_000, 12_000, 256, 16) },
      tables: { 'table/census': [['nf_conntrack', 1782, 'nf_conntrack_count']] },
    },
    says: { severity: 'abnormal', holder: /nf_conntrack/, text: /4,100,000 objects, but users see 1,782/ },
  },
  {
    rule: 'R17',
    what: 'a cgroup at its limit',
    abnormal: {
      tables: {
        'table/cgroups': [
          cgroup('/', {}),
          cgroup('/kube/web', { current: GIB, max: 1.01 * GIB, shmem: 0.9 * GIB, file: 0.9 * GIB, anon: 0.1 * GIB }),
        ],
      },
    },
    quiet: {
      tables: {
        'table/cgroups': [
          cgroup('/', {}),
          cgroup('/kube/web', { current: GIB, max: 1.01 * GIB, file: 0.9 * GIB, inactiveFile: 0.8 * GIB }),
        ],
      },
    },
    says: { severity: 'limit', bytes: GIB, holder: /\/kube\/web/, text: /shmem and tmpfs 922 MiB/ },
  },
  {
    rule: 'R18',
    what: 'swap in use, cold',
    abnormal: {
      gib: { SwapTotal: 4, SwapFree: 1 },
      tables: { 'table/processes': [processRow(5, 'old', { swap: 2 * GIB })] },
    },
    quiet: { gib: { SwapTotal: 4, SwapFree: 3 } },
    says: { severity: 'note', bytes: 3 * GIB, holder: /5 old/ },
  },
  {
    rule: 'R21',
    what: 'broken memory',
    abnormal: { gib: { HardwareCorrupted: 0.01 } },
    quiet: { gib: { HardwareCorrupted: 0 } },
    says: { severity: 'note' },
  },
];
