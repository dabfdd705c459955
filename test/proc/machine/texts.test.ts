import { describe, expect, it } from 'vitest';
import { unescapePath } from '../../../src/proc/escaped-path.js';
import {
  dmabufTotal,
  memoryCgroups,
  numbers,
  oneNumber,
  parseDentryState,
  parsePressure,
  vmstatLines,
} from '../../../src/proc/machine/counters.js';
import { debuggingOf } from '../../../src/proc/machine/debugging.js';
import { parseBuddyinfo, parsePagetypeinfo } from '../../../src/proc/machine/free-blocks.js';
import { hugepagesOf } from '../../../src/proc/machine/hugepages.js';
import { percpuFirstChunk } from '../../../src/proc/machine/percpu.js';
import { parseSlabRows } from '../../../src/proc/machine/slab-rows.js';
import { sumSockstats } from '../../../src/proc/machine/sockstat.js';
import { parseSwaps, parseZram } from '../../../src/proc/machine/swap.js';

describe('free blocks', () => {
  it('are rows of buddyinfo', () => {
    const text = 'Node 0, zone      DMA      0      0      3 \nNode 1, zone   Normal  13876  15860  11493 \n';
    expect(parseBuddyinfo(text)).toEqual([
      { node: 0, zone: 'DMA', blocks: [0, 0, 3] },
      { node: 1, zone: 'Normal', blocks: [13_876, 15_860, 11_493] },
    ]);
    expect(parseBuddyinfo('Node 0, zone DMA\n  pages free 1\n')).toBeNull();
  });

  it('are summed by migrate type, from the last table of pagetypeinfo', () => {
    const text = `Page block order: 9
Free pages count per migrate type at order       0      1
Node    0, zone      DMA, type    Unmovable      9      9

Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate
Node 0, zone      DMA            1            7            0            0            0
Node 0, zone   Normal          100         9900          240            0            2
`;
    expect([...(parsePagetypeinfo(text) ?? [])]).toEqual([
      ['Unmovable', 101],
      ['Movable', 9907],
      ['Reclaimable', 240],
      ['HighAtomic', 0],
      ['Isolate', 2],
    ]);
    expect(parsePagetypeinfo('Page block order: 9\n')).toBeNull();
  });
});

describe('slab rows', () => {
  it('have all columns', () => {
    const text = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
dentry            546650 547000    192   21    1 : tunables    0    0    0 : slabdata  26048  26049      0
cut               546650 547000
`;
    expect(parseSlabRows(text)).toEqual([
      {
        name: 'dentry',
        activeObjects: 546_650,
        objects: 547_000,
        objectBytes: 192,
        objectsPerSlab: 21,
        pagesPerSlab: 1,
        activeSlabs: 26_048,
        slabs: 26_049,
      },
    ]);
    expect(parseSlabRows('Active / Total Objects')).toBeNull();
  });
});

describe('counters', () => {
  it('are the lines of vmstat', () => {
    expect([...(vmstatLines('nr_free_pages 5\nallocstall_normal 3\nbad line\n') ?? [])]).toEqual([
      ['nr_free_pages', 5],
      ['allocstall_normal', 3],
    ]);
    expect(vmstatLines('MemTotal: 5 kB\n')).toBeNull();
  });

  it('are per cent of pressure', () => {
    const some = 'some avg10=1.50 avg60=0.00 avg300=12.34 total=5\n';
    expect(parsePressure(`${some}full avg10=0.10 avg60=0.00 avg300=100.00 total=5\n`)).toEqual({
      some10: 1.5,
      some300: 12.34,
      full10: 0.1,
      full300: 100,
    });
    expect(parsePressure('full avg10=0.10')).toBeNull();
  });

  it('tell negative dentries where the kernel counts them', () => {
    expect(parseDentryState('546650\t542677\t45\t0\t106029\t0\n', true)).toEqual({
      all: 546_650,
      unused: 542_677,
      negative: 106_029,
    });
    expect(parseDentryState('546650\t542677\t45\t0\t0\t0\n', false)?.negative).toBeNull();
    expect(parseDentryState('1 2 3', true)).toBeNull();
  });

  it('are cgroups and single numbers', () => {
    expect(memoryCgroups('#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t1\t1\nmemory\t4\t76\t1\n')).toBe(
      76,
    );
    expect(memoryCgroups('memory 4 76 1')).toBeNull();
    expect(dmabufTotal('\nDma-buf Objects:\nsize\n\nTotal 3 objects, 12582912 bytes\n')).toEqual({
      objects: 3,
      bytes: 12_582_912,
    });
    expect(dmabufTotal('Total')).toBeNull();
    expect(oneNumber('528482304\n')).toBe(528_482_304);
    expect(oneNumber('max\n')).toBeNull();
    expect(oneNumber(undefined)).toBeNull();
    expect(numbers('287898\t383867\t575796\n')).toEqual([287_898, 383_867, 575_796]);
    expect(numbers('1 -2 3')).toEqual([1]);
  });
});

describe('swap', () => {
  it('is in bytes, by device', () => {
    const text =
      'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap\\040file\\040(deleted)   file\t2097148\t\t512\t\t-2\n';
    expect(parseSwaps(text)).toEqual([{ device: '/swap file (deleted)', size: 2_147_479_552, used: 524_288 }]);
    expect(parseSwaps('Filename Type\n')).toEqual([]);
    expect(parseSwaps('MemTotal: 1 kB')).toBeNull();
    expect(unescapePath('a\\134b\\000\\999')).toBe('a\\b\\000\\999');
  });

  it('in zram takes the third number', () => {
    expect(parseZram('zram0', '  209715200 200000000 201326592        0 201326592     0   0 0 0\n')).toEqual({
      device: 'zram0',
      originalBytes: 209_715_200,
      memoryBytes: 201_326_592,
    });
    expect(parseZram('zram0', '')).toBeNull();
  });
});

describe('hugepagesOf()', () => {
  const folder = 'sys/kernel/mm/hugepages/hugepages-1048576kB';

  it('prefers the pools of all sizes', () => {
    const texts = new Map([
      [`${folder}/nr_hugepages`, '4\n'],
      [`${folder}/free_hugepages`, '3\n'],
      [`${folder}/resv_hugepages`, '1\n'],
    ]);
    expect(hugepagesOf(texts, null)).toEqual([{ sizeBytes: 2 ** 30, total: 4, free: 3, reserved: 1, surplus: 0 }]);
  });

  it('takes the default size from meminfo', () => {
    const meminfo = new Map([
      ['HugePages_Total', 10],
      ['HugePages_Free', 9],
      ['HugePages_Rsvd', 2],
      ['HugePages_Surp', 1],
      ['Hugepagesize', 2048],
    ]);
    expect(hugepagesOf(new Map(), meminfo)).toEqual([
      { sizeBytes: 2 << 20, total: 10, free: 9, reserved: 2, surplus: 1 },
    ]);
    expect(hugepagesOf(new Map(), new Map())).toBeNull();
  });
});

describe('sumSockstats()', () => {
  it('takes counts of the machine once, and sums those of a namespace', () => {
    const host =
      'sockets: used 17\nTCP: inuse 1 orphan 2 tw 0 alloc 9 mem 100\nUDP: inuse 0 mem 5\nFRAG: inuse 0 memory 64\n';
    const pod = 'sockets: used 3\nTCP: inuse 4 orphan 2 tw 1 alloc 9 mem 101\nFRAG: inuse 1 memory 36\n';
    expect(Object.fromEntries(sumSockstats([host, pod, 'TCP6: inuse 2\n']) ?? [])).toEqual({
      'sockets used': 20,
      'tcp inuse': 5,
      'tcp orphan': 2,
      'tcp tw': 1,
      'tcp alloc': 9,
      'tcp pages': 101,
      'tcp6 inuse': 2,
      'udp inuse': 0,
      'udp pages': 5,
      'frag inuse': 1,
      'frag bytes': 100,
    });
    expect(sumSockstats(['', 'x'])).toBeNull();
  });
});

describe('percpuFirstChunk()', () => {
  it('is told by the log, for all possible CPUs', () => {
    const log = `[    0.10] setup_percpu: NR_CPUS:256 nr_cpumask_bits:4 nr_cpu_ids:4 nr_node_ids:1
[    0.11] percpu: Embedded 53 pages/cpu s185560 r0 d31528 u1048576\n`;
    expect(percpuFirstChunk(new Map([['log/kernel', log]]), 4096, 2)).toBe(53 * 4096 * 4);
  });

  it('is told by debugfs when the log has lost its start', () => {
    const stats =
      '  static_size         :       185560\n  reserved_size       :            0\n  dyn_size            :        31528\n';
    const texts = new Map([
      ['sys/kernel/debug/percpu_stats', stats],
      ['sys/devices/system/cpu/possible', '0-7\n'],
    ]);
    expect(percpuFirstChunk(texts, 4096, 2)).toBe(53 * 4096 * 8);
    expect(percpuFirstChunk(new Map(), 4096, 2)).toBe(0);
  });
});

describe('debuggingOf()', () => {
  it.each([
    ['root=/dev/sda page_owner=on', ['page_owner']],
    ['slub_debug', ['slub_debug']],
    ['slab_debug=UZ,dentry quiet', ['slub_debug']],
    ['slub_debug=- page_owner=off kmemleak=off', []],
    ['kmemleak=on debug_pagealloc=on', ['kmemleak', 'debug_pagealloc']],
  ])('reads the command line %j', (line, names) => {
    expect(debuggingOf(new Map([['proc/cmdline', `${line}\n`]]))).toEqual(names);
  });

  it('reads the log and the settings', () => {
    const texts = new Map([
      ['log/kernel', '[ 0.1] kasan: KernelAddressSanitizer initialized (generic)\n'],
      ['proc/sys/vm/mem_profiling', '1\n'],
      ['sys/kernel/kexec_crash_size', '268435456\n'],
    ]);
    expect(debuggingOf(texts)).toEqual(['KASAN', 'memory allocation profiling', 'crashkernel']);
  });
});
