/** More of rule-cases.ts: the rest of each rule and equation, and those that need two looks. */
import { processRow } from './look.js';
import { cgroup, type RuleCase, SLAB_HEAD, slabLine } from './rule-cases.js';
import { USER_RULE_CASES } from './user-rule-cases.js';

const GIB = 2 ** 30;
const PAGES_PER_GIB = GIB / 4096;

function pages(gib: number): number {
  return Math.round(gib * PAGES_PER_GIB);
}

/** A zoneinfo of zones with these pages, in GiB; `count` on the list of one CPU. */
export function zoneinfo(
  ...zones: Partial<Record<'present' | 'managed' | 'free' | 'low' | 'count', number>>[]
): string {
  return zones
    .map(({ present = 0, managed = 0, free = 0, low = 0, count = 0 }, index) => {
      return `Node ${index}, zone   Normal
  pages free     ${pages(free)}
        min      10
        low      ${pages(low)}
        present  ${pages(present)}
        managed  ${pages(managed)}
      nr_free_pages ${pages(free)}
  pagesets
    cpu: 0
              count:    ${pages(count)}
`;
    })
    .join('');
}

/** The last of a slabinfo: its list is whole. */
const LAST_CACHE = slabLine('kmem_cache', 256, 256, 256, 16);
/** Slab of the quiet machine is 512 MiB. */
const OTHER_SLAB = slabLine('dentry', 2_600_000, 2_600_000, 192, 21) + LAST_CACHE;

export const MORE_RULE_CASES: readonly RuleCase[] = [
  ...USER_RULE_CASES,
  {
    rule: 'R2',
    what: 'free pages on per-CPU lists',
    abnormal: {
      gib: { MemFree: 9.5 },
      texts: { 'proc/zoneinfo': zoneinfo({ managed: 16, present: 16, free: 9.5, count: 0.17 }) },
    },
    quiet: {
      gib: { MemFree: 9.5 },
      texts: { 'proc/zoneinfo': zoneinfo({ managed: 16, present: 16, free: 9.5, count: 0.15 }) },
    },
    says: { severity: 'note', bytes: 0.17 * GIB, next: /percpu_pagelist_high_fraction/ },
  },
  {
    rule: 'R3',
    what: 'UDP buffers',
    abnormal: { gap: 1.5, tables: { 'table/sockstat': [['udp pages', (1.4 * GIB) / 4096]] } },
    quiet: { gap: 0.25, tables: { 'table/sockstat': [['udp pages', 60_000]] } },
    says: { severity: 'abnormal', holder: /^buffers of UDP sockets$/ },
  },
  {
    rule: 'R3',
    what: 'an area of contiguous memory by its name',
    abnormal: {
      gap: 1.5,
      gib: { CmaTotal: 2, CmaFree: 0.1 },
      texts: {
        'sys/kernel/mm/cma/linux,cma/alloc_pages_success': '900000\n',
        'sys/kernel/mm/cma/linux,cma/release_pages_success': '550000\n',
      },
    },
    quiet: { gap: 0.25, gib: { CmaTotal: 2, CmaFree: 0.1 } },
    says: { severity: 'abnormal', holder: /^contiguous memory linux,cma$/ },
  },
  {
    rule: 'R3',
    what: 'free pages of TTM',
    abnormal: {
      gap: 1.5,
      texts: { 'sys/kernel/debug/ttm/page_pool': 'wc\t:  1\n\ntotal\t:   350000 of  1544186\n' },
    },
    quiet: { gap: 0.25 },
    says: { severity: 'abnormal', holder: /^free pages in pools of TTM$/ },
  },
  {
    rule: 'R3',
    what: 'what this kernel counts in no line',
    abnormal: {
      gap: 1.5,
      texts: { 'proc/modules': 'amdgpu 1 0 - Live 0x0\nkvm_intel 1 0 - Live 0x0\nvfio_pci 1 0 - Live 0x0\n' },
      tables: { 'table/machine': [['h', '5.14.0', 'x86_64', '', 4096, 4, 100, 0, 0, 'kernel']] },
    },
    quiet: { gap: 0.25 },
    says: {
      severity: 'abnormal',
      text: /buffers of the GPU driver amdgpu.*page tables of the IOMMU.*page tables of KVM/,
    },
  },
  {
    rule: 'R4',
    what: 'a process with full queues before one with few pipes',
    abnormal: {
      gib: { surplus: 0.5 },
      gap: 0.5625,
      tables: {
        'table/processes': [processRow(5, 'pipes', { pipes: 100 }), processRow(6, 'full', { pipes: 0 })],
        'table/sockets': [['tcp', 'ESTAB', 6, 'full', 9, GIB, 0, 0]],
      },
    },
    quiet: { gib: { surplus: 0.1 }, gap: 0.2 },
    says: { severity: 'abnormal', holder: /^6 full \(1\.00 GiB in queues of sockets\)\n5 pipes \(100 pipes\)/ },
  },
  {
    rule: 'R5',
    what: 'allocations above 8 KiB, where all slab is not much',
    abnormal: { gib: { SUnreclaim: 0.7 }, texts: { 'proc/slabinfo': SLAB_HEAD + OTHER_SLAB } },
    // A list that is cut does not tell them.
    quiet: { gib: { SUnreclaim: 0.7 }, texts: { 'proc/slabinfo': SLAB_HEAD + OTHER_SLAB.replace(LAST_CACHE, '') } },
    says: { severity: 'large', bytes: 0.6 * GIB, next: /--allocator slab .*--min-size 9k/ },
  },
  {
    rule: 'R5',
    what: 'allocations above 8 KiB as the most of much slab',
    abnormal: { gib: { SUnreclaim: 3 }, texts: { 'proc/slabinfo': SLAB_HEAD + OTHER_SLAB } },
    quiet: { gib: { SUnreclaim: 0.2 }, texts: { 'proc/slabinfo': SLAB_HEAD + OTHER_SLAB } },
    says: { severity: 'large', text: /2\.\d+ GiB of all slab are allocations above 8 KiB/, next: /--min-size 9k/ },
  },
  {
    rule: 'R5',
    what: 'free objects in slabs',
    abnormal: {
      gib: { SUnreclaim: 0.7 },
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('filp', 1_000_000, 4_400_000, 256, 16) + LAST_CACHE },
    },
    quiet: {
      gib: { SUnreclaim: 0.7 },
      texts: { 'proc/slabinfo': SLAB_HEAD + slabLine('filp', 4_300_000, 4_400_000, 256, 16) + LAST_CACHE },
    },
    says: { severity: 'note', holder: /^filp$/, text: /fragmentation, not a leak/ },
  },
  {
    rule: 'R5',
    what: 'where slub_debug names the call paths',
    abnormal: {
      gib: { SUnreclaim: 3 },
      texts: {
        'proc/slabinfo': SLAB_HEAD + slabLine('kmalloc-64', 44_000_000, 44_000_000, 64, 64),
        'proc/cmdline': 'quiet slub_debug=U',
      },
    },
    quiet: { gib: { SUnreclaim: 0.2 } },
    says: { severity: 'large', next: /^sort -nr \/sys\/kernel\/debug\/slab\/kmalloc-64\/alloc_traces/ },
  },
  {
    rule: 'R5',
    what: 'which cache grew between two looks',
    before: {
      secondsAgo: 3600,
      texts: { 'proc/slabinfo': `${SLAB_HEAD}${slabLine('filp', 400_000, 400_000, 256, 16)}` },
    },
    abnormal: {
      gib: { SUnreclaim: 3 },
      texts: { 'proc/slabinfo': `${SLAB_HEAD}${slabLine('filp', 4_400_000, 4_400_000, 256, 16)}` },
    },
    quiet: { gib: { SUnreclaim: 0.1 } },
    says: { severity: 'growing', text: /grown between the looks: filp by 977 MiB$/ },
  },
  {
    rule: 'R7',
    what: 'which caller of vmalloc() grew between two looks',
    before: {
      secondsAgo: 3600,
      texts: { 'proc/vmallocinfo': '0x1-0x2 900 big_table+0x1/0x2 [mod] pages=100000 vmalloc\n' },
    },
    abnormal: {
      gib: { VmallocUsed: 1 },
      texts: { 'proc/vmallocinfo': '0x1-0x2 900 big_table+0x1/0x2 [mod] pages=200000 vmalloc\n' },
    },
    quiet: { gib: { VmallocUsed: 0.0625 } },
    says: { severity: 'growing', text: /grown between the looks: big_table \[mod\] by 391 MiB$/ },
  },
  {
    rule: 'R7',
    what: 'one caller with more than half',
    abnormal: {
      gib: { VmallocUsed: 1 },
      texts: { 'proc/vmallocinfo': '0x1-0x2 900 big_table+0x1/0x2 [mod] pages=200000 vmalloc\n' },
    },
    quiet: { gib: { VmallocUsed: 0.4 } },
    says: { severity: 'large', text: /big_table \[mod\] took 781 MiB, more than half, of it/ },
  },
  {
    rule: 'R8',
    what: 'what each removed cgroup takes',
    abnormal: { gib: { Percpu: 0.5 }, tables: { 'table/cgroups': [cgroup('/', { dying: 32_767 })] } },
    quiet: { tables: { 'table/cgroups': [cgroup('/', { dying: 90 })] } },
    says: { severity: 'abnormal', text: /at most 16\.0 KiB for each/ },
  },
  {
    rule: 'R8',
    what: 'some hundred removed cgroups beside few, which hold little, as a note',
    abnormal: { tables: { 'table/cgroups': [cgroup('/', { dying: 200 }), cgroup('/a', {})] } },
    quiet: { tables: { 'table/cgroups': [cgroup('/', { dying: 90 }), cgroup('/a', {})] } },
    says: { severity: 'note', text: /200 memory cgroups outlive their directory, beside 2/ },
  },
  {
    rule: 'R9',
    what: 'page tables that no process has',
    abnormal: {
      gib: { PageTables: 1.5 },
      tables: {
        'table/processes': [processRow(3, 'small', { pageTables: 0.1 * GIB })],
        'table/census': [['task_struct', 1, 'threads']],
      },
    },
    quiet: { gib: { PageTables: 0.2 } },
    says: { severity: 'large', text: /all processes together have 102 MiB of them/ },
  },
  {
    rule: 'R21',
    what: 'a balloon whose pages left MemTotal',
    abnormal: {
      texts: {
        'proc/zoneinfo': zoneinfo({ present: 20.4, managed: 16, free: 9.9 }),
        'proc/vmstat': `oom_kill 0\npgfree 1\nballoon_inflate ${5 * PAGES_PER_GIB}\nballoon_deflate ${PAGES_PER_GIB}\n`,
        'proc/modules': 'virtio_balloon 24576 0 - Live 0x0\n',
      },
    },
    quiet: { texts: { 'proc/zoneinfo': zoneinfo({ present: 16.3, managed: 16, free: 9.9 }) } },
    says: { severity: 'abnormal', bytes: 4 * GIB, holder: /^balloon of virtio$/, text: /of the 20\.4 GiB/ },
  },
  {
    rule: 'R21',
    what: 'memory kept at boot',
    abnormal: { texts: { 'proc/zoneinfo': zoneinfo({ present: 18, managed: 16, free: 9.9 }) } },
    quiet: { texts: { 'proc/zoneinfo': zoneinfo({ present: 16.5, managed: 16, free: 9.9 }) } },
    says: { severity: 'note', bytes: (2 - 18 / 64) * GIB },
  },
  {
    rule: 'R21',
    what: 'memory that is not plugged in',
    abnormal: { texts: { 'proc/zoneinfo': zoneinfo({ present: 8.1, managed: 8, free: 1.9 }) } },
    quiet: { texts: { 'proc/zoneinfo': zoneinfo({ present: 16.1, managed: 16, free: 9.9 }) } },
    says: { severity: 'note', bytes: 8 * GIB, text: /8\.00 GiB are there/ },
  },
  {
    rule: 'R21',
    what: 'memory that is offline',
    abnormal: {
      texts: { 'proc/zoneinfo': zoneinfo({ present: 16.2, managed: 16, free: 9.9 }) },
      tables: { 'table/machine': [['h', '6.12.0', 'x86_64', '', 4096, 4, 100, 0, 0, 'kernel', 2 * GIB]] },
    },
    quiet: {
      texts: { 'proc/zoneinfo': zoneinfo({ present: 16.2, managed: 16, free: 9.9 }) },
      tables: { 'table/machine': [['h', '6.12.0', 'x86_64', '', 4096, 4, 100, 0, 0, 'kernel', 0]] },
    },
    says: { severity: 'note', bytes: 2 * GIB },
  },
];
