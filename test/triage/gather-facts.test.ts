import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Look } from '../../src/proc/look.js';
import { LOOK_TABLES, type LookTable, tableText } from '../../src/proc/look-tables.js';
import { ACCOUNT_TERMS } from '../../src/proc/memory-account.js';
import { gatherFacts } from '../../src/triage/gather-facts.js';

const MEMINFO = `MemTotal:       16384000 kB
MemFree:         1000000 kB
MemAvailable:    8000000 kB
Buffers:          100000 kB
Cached:          5000000 kB
SwapCached:            0 kB
Active:          6000000 kB
Inactive:        3100000 kB
Unevictable:           0 kB
AnonPages:       4000000 kB
Shmem:           1000000 kB
Slab:             500000 kB
VmallocUsed:           0 kB
`;

function look(texts: Record<string, string>): Look {
  return { timeMs: 1_000, origin: 'file', source: 'x', texts: new Map(Object.entries(texts)), notRead: [] };
}

describe('gatherFacts()', () => {
  it('works with a meminfo alone', () => {
    const facts = gatherFacts(look({ 'proc/meminfo': MEMINFO }));
    expect(facts.account).toMatchObject({
      timeNs: 1_000_000_000,
      totalBytes: 16_384_000 * 1024,
      perCpuFreeBytes: null,
    });
    expect(facts.account?.unaccountedBytes).toBe((16_384_000 - 10_600_000) * 1024);
    expect(facts.meminfo?.get('Slab')).toBe(500_000);
    expect(facts.machine).toMatchObject({
      totalBytes: 16_384_000 * 1024,
      pageSize: 4096,
      cpus: 0,
      meminfoBy: 'kernel',
    });
    const unread = Object.entries(facts).filter(([, value]) => value === null);
    expect(unread.map(([name]) => name)).toEqual(
      expect.arrayContaining(['zones', 'caches', 'areas', 'processes', 'cgroups', 'limits', 'census', 'log']),
    );
    expect(facts.readings).toEqual([]);
  });

  it('works with no text at all', () => {
    const facts = gatherFacts(look({}));
    expect(facts.account).toBeNull();
    expect(facts.machine.totalBytes).toBe(0);
  });

  it('takes the vmalloc memory of old kernels from vmallocinfo', () => {
    const vmallocinfo = '0x1-0x2 4096004096 vmalloc_user+0x1/0x2 pages=1000000 vmalloc user\n';
    const of = (kernel: string): number | undefined =>
      gatherFacts(
        look({
          'proc/meminfo': MEMINFO,
          'proc/vmallocinfo': vmallocinfo,
          'proc/version': `Linux version ${kernel} (mock)\n`,
        }),
      ).account?.unaccountedBytes;
    expect(of('4.15.0-20-generic')).toBe((16_384_000 - 10_600_000 - 4_000_000) * 1024);
    expect(of('5.14.0')).toBe((16_384_000 - 10_600_000) * 1024);
  });

  it('finds the size of a page, and the CPUs, by the zones', () => {
    const zoneinfo = `Node 0, zone   Normal
  pages free     15625
        managed  256000
      nr_free_pages 15625
  pagesets
    cpu: 0
              count:    100
    cpu: 95
              count:    156
`;
    const facts = gatherFacts(look({ 'proc/meminfo': MEMINFO, 'proc/zoneinfo': zoneinfo }));
    expect(facts.machine).toMatchObject({ pageSize: 65_536, cpus: 96 });
    expect(facts.account?.perCpuFreeBytes).toBe(256 * 65_536);
  });

  it('reads the readings beside the first, until one is missing', () => {
    const later = MEMINFO.replace('MemFree:         1000000', 'MemFree:          900000');
    const facts = gatherFacts(
      look({
        'proc/meminfo': MEMINFO,
        'proc/meminfo#1': MEMINFO,
        'proc/uptime#1': '100.25 3.00\n',
        'proc/meminfo#2': later,
        'proc/meminfo#4': later,
      }),
    );
    expect(facts.readings.map(({ uptimeSeconds, account }) => [uptimeSeconds, account.freeBytes])).toEqual([
      [100.25, 1_000_000 * 1024],
      [null, 900_000 * 1024],
    ]);
  });

  it('makes gauges of files, unless a table has them', () => {
    const texts = {
      'proc/net/sockstat': 'TCP: inuse 1 orphan 5 tw 0 alloc 9 mem 90\n',
      'proc/sys/net/ipv4/tcp_mem': '10\t100\t200\n',
      'proc/sys/fs/file-nr': '613\t0\t2466170\n',
      'proc/sys/kernel/pid_max': '32768\n',
    };
    expect(gatherFacts(look(texts)).limits).toEqual([
      { name: 'tcp_mem pressure', used: 90, max: 100, unit: 'pages', holder: '' },
      { name: 'tcp_mem', used: 90, max: 200, unit: 'pages', holder: '' },
      { name: 'pid_max', used: null, max: 32_768, unit: 'threads', holder: '' },
      { name: 'file-max', used: 613, max: 2_466_170, unit: 'files', holder: '' },
    ]);
    const table = tableText('table/limits', [['pid_max', 300, 400, 'threads']]);
    expect(gatherFacts(look({ ...texts, 'table/limits': table })).limits?.[0]).toEqual({
      name: 'pid_max',
      used: 300,
      max: 400,
      unit: 'threads',
      holder: '',
    });
  });

  it('counts huge pages of all sizes before 4.16, where meminfo has the default size alone', () => {
    const folder = 'sys/kernel/mm/hugepages/hugepages-1048576kB';
    const texts = {
      'proc/meminfo':
        'MemTotal: 8388608 kB\nMemFree: 1024 kB\nAnonPages: 0 kB\nHugePages_Total: 8\nHugepagesize: 2048 kB\n',
      'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '8\n',
      [`${folder}/nr_hugepages`]: '2\n',
    };
    const { account } = gatherFacts(look(texts));
    expect(account?.terms[ACCOUNT_TERMS.indexOf('Hugetlb')]).toBe(2 * 2 ** 30 + 16 * 2 ** 20);
  });

  it('counts what users see', () => {
    const processes = tableText('table/processes', [
      [1, 0, 'init', 0, 3, 4096, 0, 0, 0, 0, 0, null, null, null, null, null, null, null, null, '/'],
      [2, 0, 'kthreadd', 0, 1, 0, 0, 0, 0, 0, 0, 5, 1, 2, 0, 0, 0, 0, 1, '/'],
    ]);
    const facts = gatherFacts(look({ 'table/processes': processes, 'proc/sys/fs/file-nr': '613\t0\t9\n' }));
    expect(facts.processes?.map(({ open }) => open?.files ?? null)).toEqual([null, 5]);
    expect(facts.census).toEqual([
      { cache: 'filp', counted: 613, what: 'file-nr' },
      { cache: 'task_struct', counted: 4, what: 'threads of all processes' },
      { cache: 'mm_struct', counted: 1, what: 'processes with memory' },
    ]);
  });

  it('believes no text', () => {
    const names = [
      ...Object.keys(LOOK_TABLES),
      'proc/meminfo',
      'proc/zoneinfo',
      'proc/vmstat',
      'proc/slabinfo',
      'proc/vmallocinfo',
      'proc/buddyinfo',
      'proc/pagetypeinfo',
      'proc/swaps',
      'proc/pressure/memory',
      'proc/net/sockstat',
      'proc/cmdline',
      'proc/cgroups',
      'proc/sys/fs/file-nr',
      'sys/block/zram0/mm_stat',
      'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages',
      'log/kernel',
    ];
    const columns = (Object.keys(LOOK_TABLES) as LookTable[]).map((table) => LOOK_TABLES[table].join('\t'));
    const line = fc.oneof(
      fc.constantFrom(
        ...columns,
        ...MEMINFO.split('\n'),
        'slabinfo - version: 2.1',
        'Filename',
        '-1\t1e9\tNaN\t\\t\\n',
      ),
      fc.string({ maxLength: 80 }),
    );
    const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), text), (texts) => {
        const facts = gatherFacts(look(texts));
        for (const list of Object.values(facts)) {
          for (const item of Array.isArray(list) ? list : []) {
            for (const value of Object.values(item)) expect(value).not.toBeNaN();
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
