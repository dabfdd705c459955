/** More of rule-cases.ts, of what users run: threads, shared memory, processes, sockets, cgroups, swap. */

import { CGROUP_RULE_CASES } from './cgroup-rule-cases.js';
import { type LookParts, processRow } from './look.js';
import { cgroup, type RuleCase, SLAB_HEAD, slabLine } from './rule-cases.js';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

function swapped(pswpin: number, pswpout: number): LookParts {
  return {
    gib: { SwapTotal: 4, SwapFree: 1 },
    texts: { 'proc/vmstat': `oom_kill 0\npgfree 1\npswpin ${pswpin}\npswpout ${pswpout}\n` },
  };
}

function hugepages(free: number, reserved: number): Record<string, string> {
  const folder = 'sys/kernel/mm/hugepages/hugepages-2048kB';
  return {
    [`${folder}/nr_hugepages`]: '512\n',
    [`${folder}/free_hugepages`]: `${free}\n`,
    [`${folder}/resv_hugepages`]: `${reserved}\n`,
    [`${folder}/surplus_hugepages`]: '0\n',
  };
}

export const USER_RULE_CASES: readonly RuleCase[] = [
  {
    rule: 'R10',
    what: 'stacks of tasks that ended',
    abnormal: {
      gib: { KernelStack: 0.4, VmallocUsed: 0.5 },
      tables: { 'table/processes': [processRow(9, 'java', { threads: 200 })] },
    },
    quiet: {
      gib: { KernelStack: 0.2, VmallocUsed: 0.5 },
      tables: { 'table/processes': [processRow(9, 'java', { threads: 200 })] },
    },
    says: { severity: 'large', text: /only 200 threads run/ },
  },
  {
    rule: 'R11',
    what: 'shared memory that is not much, but that nothing holds',
    abnormal: {
      gib: { Cached: 5, Shmem: 1.5 },
      tables: {
        'table/mounts': [],
        'table/shmem': [],
        'table/processes': [processRow(12, 'db', { pipes: 0 })],
      },
    },
    quiet: {
      gib: { Cached: 5, Shmem: 1.5 },
      tables: {
        'table/mounts': Array.from({ length: 15 }, (_, i) => [`/mnt/${i}`, 'tmpfs', `0:${i}`, 1, 0.1 * GIB, GIB, 1]),
        'table/shmem': [],
        'table/processes': [processRow(12, 'db', { pipes: 0 })],
      },
    },
    says: { severity: 'abnormal', bytes: 1.5 * GIB, text: /held by nothing that can be listed/ },
  },
  {
    rule: 'R11',
    what: 'that nothing holds it only where all was read',
    abnormal: {
      gib: { Cached: 5, Shmem: 1.5 },
      tables: { 'table/mounts': [], 'table/shmem': [], 'table/processes': [processRow(12, 'db', { pipes: 0 })] },
    },
    quiet: {
      gib: { Cached: 5, Shmem: 1.5 },
      tables: { 'table/mounts': [], 'table/shmem': [], 'table/processes': [processRow(12, 'db', { pipes: 0 })] },
      notRead: [{ what: 'open descriptors', why: 'took too long: of the 3 largest of 9 processes alone' }],
    },
    says: { severity: 'abnormal', text: /held by nothing that can be listed/ },
  },
  {
    rule: 'R11',
    what: 'the pod that is charged for it',
    abnormal: {
      gib: { Cached: 5, Shmem: 2.5 },
      tables: {
        'table/cgroups': [
          cgroup('/', { shmem: 2.5 * GIB }),
          cgroup('/kubepods', { shmem: 2.4 * GIB }),
          cgroup('/kubepods/pod7', { shmem: 2.3 * GIB }),
        ],
      },
    },
    quiet: { gib: { Cached: 4, Shmem: 1.5 } },
    says: { severity: 'large', text: /charged to the cgroups: \/kubepods\/pod7 2\.30 GiB$/ },
  },
  {
    rule: 'R12',
    what: 'huge pages that are promised but not free',
    abnormal: { gib: { Hugetlb: 1 }, texts: hugepages(40, 100) },
    quiet: { gib: { Hugetlb: 1 }, texts: hugepages(100, 100) },
    says: { severity: 'limit', bytes: 120 * MIB, holder: /100 promised, 40 free pages of 2\.00 MiB/, text: /SIGBUS/ },
  },
  {
    rule: 'R13',
    what: 'stacks that nobody unmapped, but not those of coroutines',
    abnormal: {
      tables: {
        'table/processes': [processRow(31, 'server', { anon: GIB, threads: 20 })],
        'table/mappings': [[31, GIB, GIB, GIB, 0, 0, 900, 0, 1, 0, 8 * MIB, 400]],
      },
    },
    quiet: {
      tables: {
        'table/processes': [processRow(31, 'qemu', { anon: GIB, threads: 5 })],
        'table/mappings': [[31, GIB, GIB, GIB, 0, 0, 900, 0, 1, 0, MIB, 66]],
      },
    },
    says: { severity: 'large', text: /400 mappings of 8\.00 MiB for 20 threads/ },
  },
  {
    rule: 'R13',
    what: 'which part of a process grew',
    before: {
      secondsAgo: 3600,
      tables: {
        'table/processes': [processRow(31, 'node', { anon: GIB, file: 0.5 * GIB })],
        'table/mappings': [[31, GIB, GIB, GIB, 0, 0, 900, 900 * MIB, 1, 0, 0, 0]],
      },
    },
    abnormal: {
      tables: {
        'table/processes': [processRow(31, 'node', { anon: 2 * GIB, file: 0.5 * GIB })],
        'table/mappings': [[31, GIB, GIB, GIB, 0, 0, 900, 1900 * MIB, 1, 0, 0, 0]],
      },
    },
    quiet: { tables: { 'table/processes': [processRow(31, 'node', { anon: GIB, file: 0.5 * GIB })] } },
    says: { severity: 'growing', text: /grown: anonymous by 1\.00 GiB, heap by 1000 MiB$/ },
  },
  {
    rule: 'R13',
    what: 'anonymous memory of processes that cannot be seen',
    abnormal: {
      gib: { AnonPages: 4 },
      tables: {
        'table/processes': [processRow(31, 'sh', { anon: 0.5 * GIB })],
        'table/census': [['task_struct', 1, 'threads']],
      },
    },
    quiet: {
      gib: { AnonPages: 4 },
      tables: {
        'table/processes': [processRow(31, 'sh', { anon: 0.5 * GIB })],
        'table/census': [['task_struct', 900, 'threads']],
      },
    },
    says: { severity: 'abnormal', bytes: 3.5 * GIB },
  },
  {
    rule: 'R14',
    what: 'the container whose queues are full',
    abnormal: {
      tables: {
        'table/sockstat': [['tcp pages', 570_000]],
        'table/limits': [['tcp_mem', null, 575_796, 'pages']],
        'table/sockets': [['tcp', 'ESTAB', 8, 'slow', 9, GIB, 0, 0]],
        'table/processes': [processRow(8, 'slow', { cgroup: '/kubepods/pod7' })],
      },
    },
    quiet: {
      tables: { 'table/sockstat': [['tcp pages', 3000]], 'table/limits': [['tcp_mem', null, 575_796, 'pages']] },
    },
    says: { severity: 'limit', text: /8 slow is in the cgroup \/kubepods\/pod7/ },
  },
  {
    rule: 'R14',
    what: 'orphans',
    abnormal: {
      tables: {
        'table/sockstat': [['tcp orphan', 40_000]],
        'table/limits': [['tcp_max_orphans', null, 65_536, 'sockets']],
      },
    },
    quiet: {
      tables: {
        'table/sockstat': [['tcp orphan', 4000]],
        'table/limits': [['tcp_max_orphans', null, 65_536, 'sockets']],
      },
    },
    says: { severity: 'limit', text: /40,000 TCP sockets have no process/ },
  },
  {
    rule: 'R14',
    what: 'sockets that a program does not close',
    abnormal: { tables: { 'table/sockets': [['tcp', 'CLOSE-WAIT', 8, 'lazy', 5000, 0, 0, 0]] } },
    quiet: { tables: { 'table/sockets': [['tcp', 'CLOSE-WAIT', 8, 'lazy', 500, 0, 0, 0]] } },
    says: { severity: 'large', holder: /^8 lazy: 5,000 sockets$/ },
  },
  {
    rule: 'R15',
    what: 'inotify watches',
    abnormal: { tables: { 'table/limits': [['inotify watches', 8000, 8192, 'watches of user 1000', '77 code']] } },
    quiet: { tables: { 'table/limits': [['inotify watches', 4000, 8192, 'watches of user 1000', '77 code']] } },
    says: {
      severity: 'limit',
      holder: /^77 code$/,
      text: /8,000 of 8,192 watches of user 1000/,
      next: /sysctl fs\.inotify/,
    },
  },
  {
    rule: 'R16',
    what: 'few bytes of many objects, as a note',
    abnormal: {
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('nf_conntrack', 40_000, 40_000, 256, 16) },
      tables: { 'table/census': [['nf_conntrack', 1782, 'nf_conntrack_count']] },
    },
    quiet: {
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('nf_conntrack', 12_000, 12_000, 256, 16) },
      tables: { 'table/census': [['nf_conntrack', 1782, 'nf_conntrack_count']] },
    },
    says: { severity: 'note', holder: /nf_conntrack/ },
  },
  {
    rule: 'R16',
    what: 'packets in no queue',
    abnormal: {
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('skbuff_head_cache', 900_000, 900_000, 256, 16) },
      tables: { 'table/sockets': [['tcp', 'ESTAB', 8, 'app', 9, 16 * MIB, 0, 0]] },
    },
    quiet: {
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('skbuff_head_cache', 900_000, 900_000, 256, 16) },
      tables: { 'table/sockets': [['tcp', 'ESTAB', 8, 'app', 9, GIB, 0, 0]] },
    },
    says: { severity: 'abnormal', bytes: 203 * MIB, holder: /skbuff_head_cache/ },
  },
  ...CGROUP_RULE_CASES,
  {
    rule: 'R18',
    what: 'pages that go to swap and come back',
    before: { secondsAgo: 10, ...swapped(1000, 1000) },
    abnormal: swapped(3560, 6120),
    quiet: { ...swapped(3560, 6120), gib: { SwapTotal: 4, SwapFree: 3 } },
    says: { severity: 'limit', text: /1\.00 MiB a second came in and 2\.00 MiB went out/ },
  },
  {
    rule: 'R18',
    what: 'pages that only leave, as cold memory',
    before: { secondsAgo: 10, ...swapped(1000, 1000) },
    abnormal: swapped(1000, 6120),
    quiet: { ...swapped(1000, 6120), gib: { SwapTotal: 4, SwapFree: 3 } },
    says: { severity: 'note', text: /cold memory/ },
  },
  {
    rule: 'R18',
    what: 'zswap',
    abnormal: { gib: { Zswap: 3, Zswapped: 9 } },
    quiet: { gib: { Zswap: 2, Zswapped: 9 } },
    says: { severity: 'large', bytes: 3 * GIB, holder: /^zswap$/ },
  },
  {
    rule: 'R19',
    what: 'unmovable blocks, although large ones are free',
    abnormal: {
      gib: { MemAvailable: 2 },
      texts: {
        'proc/pagetypeinfo':
          'Page block order: 9\n\nNumber of blocks type     Unmovable      Movable\nNode 0, zone   Normal         5000         3000\n',
        'proc/buddyinfo':
          'Node 0, zone   Normal      1      1      1      1      1      1      1      1      1      1      2\n',
      },
    },
    quiet: {
      gib: { MemAvailable: 2 },
      texts: {
        'proc/pagetypeinfo':
          'Page block order: 9\n\nNumber of blocks type     Unmovable      Movable\nNode 0, zone   Normal         3000         5000\n',
        'proc/buddyinfo':
          'Node 0, zone   Normal      1      1      1      1      1      1      1      1      1      1      2\n',
      },
    },
    says: { severity: 'note', text: /63% of all blocks hold unmovable pages, and 3 blocks/ },
  },
];
