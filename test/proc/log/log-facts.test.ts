import { describe, expect, it } from 'vitest';
import { parseKernelLog } from '../../../src/proc/log/log-facts.js';
import { parseLogLine } from '../../../src/proc/log/log-line.js';

/** Of Linux 6.12: the whole machine is out of memory. */
const GLOBAL = `[  100.000000] mysqld invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0
[  100.000001] CPU: 1 UID: 0 PID: 123 Comm: mysqld Not tainted 6.12.0 #1
[  100.000002] Call Trace:
[  100.000003]  dump_header+0x43/0x1aa
[  100.000010] Mem-Info:
[  100.000011] active_anon:1000 inactive_anon:2000 isolated_anon:0
                active_file:10 inactive_file:20 isolated_file:1
[  100.000012]  unevictable:5 dirty:0 writeback:0
[  100.000013]  slab_reclaimable:300 slab_unreclaimable:4000
[  100.000014]  mapped:1 shmem:2 pagetables:30
[  100.000015]  free:500 free_pcp:60 free_cma:0
[  100.000016] Node 0 active_anon:4000kB inactive_anon:8000kB active_file:40kB
[  100.000017] Node 0 DMA free:11264kB boost:0kB min:40kB low:52kB
[  100.000018] Node 0 hugepages_total=2 hugepages_free=0 hugepages_surp=0 hugepages_size=1048576kB
[  100.000019] 77 total pagecache pages
[  100.000020] 100000 pages RAM
[  100.000021] 2500 pages reserved
[  100.000022] Unreclaimable slab info:
[  100.000023] Name                      Used          Total
[  100.000024] kmalloc-64              1280KB       1290KB
[  100.000025] Tasks state (memory values in pages):
[  100.000026] [  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[  100.000027] [    123]     0   123     4567      100       90       10         0    86016        7             0 my sql)d
[  100.000028] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=mysqld,pid=123,uid=0
[  100.000029] Out of memory: Killed process 123 (mysqld) total-vm:18268kB, anon-rss:360kB, file-rss:40kB, shmem-rss:4kB, UID:0 pgtables:84kB oom_score_adj:0
[  100.000030] Memory allocations:
[  100.000031]     48.2 MiB    12345 mm/memory.c:1052 func:folio_prealloc
[  100.000032]     1.50 GiB        3 drivers/x.c:9 [mod] func:grab
`;

/** Of Linux 5.4, through syslog: a cgroup is at its limit. */
const MEMCG = `Mar  2 10:00:00 host kernel: [  200.5] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=3, oom_score_adj=936
Mar  2 10:00:00 host kernel: [  200.5] memory: usage 102400kB, limit 204800kB, failcnt 84
Mar  2 10:00:00 host kernel: [  200.5] Memory cgroup stats for /kubepods/pod1:
Mar  2 10:00:00 host kernel: [  200.5] anon 104136704
Mar  2 10:00:00 host kernel: [  200.5] file 0
Mar  2 10:00:00 host kernel: [  200.5] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
Mar  2 10:00:00 host kernel: [  200.5] [   9000]  1000  9000   500000    25000   300000        0           936 java
Mar  2 10:00:00 host kernel: [  200.5] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/kubepods/pod1,task_memcg=/kubepods/pod1/c,task=java,pid=9000,uid=1000
Mar  2 10:00:00 host kernel: [  200.5] Memory cgroup out of memory: Killed process 9000 (java) total-vm:2000000kB, anon-rss:99000kB, file-rss:1000kB, shmem-rss:0kB, UID:1000 pgtables:292kB oom_score_adj:936
`;

/** Of Linux 3.10. */
const OLD = `[ 300.1] httpd invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0
[ 300.1] Task in /docker/abc killed as a result of limit of /docker/abc
[ 300.1] Memory cgroup stats for /docker/abc: cache:8KB rss:102400KB rss_huge:0KB mapped_file:0KB
[ 300.1] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
[ 300.1] [ 4000]    48  4000   110000     2000     200        5             0 httpd
[ 300.1] Memory cgroup out of memory: Kill process 4000 (httpd) score 900 or sacrifice child
[ 300.1] Killed process 4000 (httpd) total-vm:440000kB, anon-rss:7000kB, file-rss:1000kB
`;

describe('parseKernelLog()', () => {
  it('reads a report of the whole machine', () => {
    const facts = parseKernelLog(GLOBAL, 4096);
    expect(facts).toMatchObject({ oomKills: 1, allocationFailures: 0 });
    const [oom] = facts.ooms;
    expect(oom).toMatchObject({
      atSeconds: 100,
      invokedBy: 'mysqld',
      order: 0,
      constraint: 'none',
      cgroup: '',
      killed: { pid: 123, name: 'mysqld', anonBytes: 360 << 10, fileBytes: 40 << 10, shmemBytes: 4096 },
      ramBytes: 100_000 * 4096,
      reservedBytes: 2500 * 4096,
      pageCacheBytes: 77 * 4096,
      hugetlbBytes: 2 * 2 ** 30,
      slabs: [{ name: 'kmalloc-64', usedBytes: 1280 << 10, totalBytes: 1290 << 10 }],
      tasks: [
        {
          pid: 123,
          name: 'my sql)d',
          rssBytes: 100 * 4096,
          anonBytes: 90 * 4096,
          swapBytes: 7 * 4096,
          pageTables: 86_016,
        },
      ],
      allocations: [
        { bytes: Math.round(48.2 * 2 ** 20), count: 12_345, site: 'mm/memory.c:1052 func:folio_prealloc' },
        { bytes: 1.5 * 2 ** 30, count: 3, site: 'drivers/x.c:9 [mod] func:grab' },
      ],
    });
    expect(oom.memory.get('active_anon')).toBe(1000 * 4096);
    expect(oom.memory.get('inactive_file')).toBe(20 * 4096);
    expect(oom.memory.get('slab_unreclaimable')).toBe(4000 * 4096);
    expect(oom.memory.get('free_pcp')).toBe(60 * 4096);
  });

  it('reads the kill of a cgroup, with the pages of the machine', () => {
    const [oom] = parseKernelLog(MEMCG, 65_536).ooms;
    expect(oom).toMatchObject({
      atSeconds: 200.5,
      order: 3,
      constraint: 'memcg',
      cgroup: '/kubepods/pod1',
      killed: { pid: 9000, name: 'java', anonBytes: 99_000 << 10 },
    });
    expect(Object.fromEntries(oom.memory)).toEqual({
      usage: 102_400 << 10,
      limit: 204_800 << 10,
      anon: 104_136_704,
      file: 0,
    });
    expect(oom.tasks).toEqual([
      { pid: 9000, name: 'java', rssBytes: 25_000 * 65_536, anonBytes: 0, swapBytes: 0, pageTables: 300_000 },
    ]);
  });

  it('reads a report of 3.10', () => {
    const facts = parseKernelLog(OLD, 4096);
    expect(facts.oomKills).toBe(1);
    expect(facts.ooms[0]).toMatchObject({
      constraint: 'memcg',
      cgroup: '/docker/abc',
      killed: { pid: 4000, name: 'httpd', fileBytes: 1000 << 10, shmemBytes: 0 },
      memory: new Map([
        ['cache', 8192],
        ['rss', 102_400 << 10],
        ['rss_huge', 0],
        ['mapped_file', 0],
      ]),
      tasks: [{ pageTables: 200 * 4096, swapBytes: 5 * 4096 }],
    });
  });

  it('keeps the newest 16, and counts all', () => {
    const facts = parseKernelLog(MEMCG.repeat(30), 4096);
    expect(facts.ooms).toHaveLength(16);
    expect(facts.oomKills).toBe(30);
  });

  it('keeps lines that say something of the account', () => {
    const facts = parseKernelLog(
      `[ 1.0] hv_balloon: Max. dynamic memory size: 8192 MB
[ 2.0] usb 1-1: new device
[ 3.0] kworker/0:1: page allocation failure: order:4, mode:0x40cc0
[ 4.0] TCP: out of memory -- consider tuning tcp_mem
`,
      4096,
    );
    expect(facts.notes).toEqual([
      'hv_balloon: Max. dynamic memory size: 8192 MB',
      'TCP: out of memory -- consider tuning tcp_mem',
    ]);
    expect(facts.allocationFailures).toBe(1);
  });

  it('survives a report that is cut anywhere', () => {
    for (let end = 0; end < GLOBAL.length; end += 7) {
      const facts = parseKernelLog(GLOBAL.slice(0, end), 4096);
      expect(facts.ooms.length).toBe(end > GLOBAL.indexOf('order=0') + 6 ? 1 : 0);
    }
  });
});

describe('parseLogLine()', () => {
  it.each([
    ['[12345.678901] text', 12_345.678901, 'text'],
    ['[    0.000000][    T0] text', 0, 'text'],
    ['<4>[12345.678901] text', 12_345.678901, 'text'],
    ['[Mon Mar  2 10:00:00 2026] text', null, 'text'],
    ['Mar  2 10:00:00 host kernel: [12345.5] text', 12_345.5, 'text'],
    ['2026-03-02T10:00:00.123456+00:00 host kernel: text', null, 'text'],
    ['[  123]     0   123 row of a table', null, '[  123]     0   123 row of a table'],
    ['', null, ''],
  ])('takes %j apart', (line, atSeconds, text) => {
    expect(parseLogLine(line)).toEqual({ atSeconds, text });
  });
});
