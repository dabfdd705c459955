import { describe, expect, it } from 'vitest';
import { parseKernelLog } from '../../src/proc/log/log-facts.js';
import { triageOf } from '../../src/session/look/triage-looks.js';
import { oomAccount } from '../../src/triage/oom-account.js';
import { lookAt } from '../helpers/look.js';

const PAGE = 4096;

/** The report of a kernel, in its shape: 3.13 tells per-CPU pages by CPU, and stacks by zone. */
const OLD = `Sep 13 08:46:02 db kernel: [1174606.62] postgres invoked oom-killer: gfp_mask=0x280da, order=0, oom_score_adj=0
Sep 13 08:46:02 db kernel: [1174606.62] Mem-Info:
Sep 13 08:46:02 db kernel: [1174606.62] Node 0 DMA per-cpu:
Sep 13 08:46:02 db kernel: [1174606.62] CPU    0: hi:    0, btch:   1 usd:   0
Sep 13 08:46:02 db kernel: [1174606.62] Node 0 DMA32 per-cpu:
Sep 13 08:46:02 db kernel: [1174606.62] CPU    0: hi:  186, btch:  31 usd: 182
Sep 13 08:46:02 db kernel: [1174606.62] CPU    1: hi:  186, btch:  31 usd: 118
Sep 13 08:46:02 db kernel: [1174606.62] active_anon:100000 inactive_anon:20000 isolated_anon:0
Sep 13 08:46:02 db kernel: [1174606.62]  active_file:30 inactive_file:38 isolated_file:0
Sep 13 08:46:02 db kernel: [1174606.62]  unevictable:0 dirty:0 writeback:0 unstable:0
Sep 13 08:46:02 db kernel: [1174606.62]  free:12000 slab_reclaimable:2000 slab_unreclaimable:3000
Sep 13 08:46:02 db kernel: [1174606.62]  mapped:997 shmem:5129 pagetables:2800 bounce:0
Sep 13 08:46:02 db kernel: [1174606.62]  free_cma:0
Sep 13 08:46:02 db kernel: [1174606.62] Node 0 DMA free:4584kB min:704kB low:880kB high:1056kB slab_unreclaimable:16kB kernel_stack:8kB pagetables:20kB all_unreclaimable? yes
Sep 13 08:46:02 db kernel: [1174606.62] lowmem_reserve[]: 0 980 980 980
Sep 13 08:46:02 db kernel: [1174606.62] Node 0 DMA32 free:44336kB min:44368kB kernel_stack:1992kB pagetables:11224kB all_unreclaimable? yes
Sep 13 08:46:02 db kernel: [1174606.62] 5200 total pagecache pages
Sep 13 08:46:02 db kernel: [1174606.62] 262044 pages RAM
Sep 13 08:46:02 db kernel: [1174606.62] 0 pages HighMem/MovableOnly
Sep 13 08:46:02 db kernel: [1174606.62] 8044 pages reserved
Sep 13 08:46:02 db kernel: [1174606.62] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
Sep 13 08:46:02 db kernel: [1174606.62] [ 4000]    26  4000   210000   118000     400        5             0 postgres
Sep 13 08:46:02 db kernel: [1174606.62] Out of memory: Kill process 4000 (postgres) score 900 or sacrifice child
Sep 13 08:46:02 db kernel: [1174606.62] Killed process 4000 (postgres) total-vm:840000kB, anon-rss:470000kB, file-rss:1000kB
`;

/** 6.12, from a journal whose host was taken out. */
const NEW = `kernel: app invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0
kernel: Mem-Info:
kernel: active_anon:1000000 inactive_anon:500000 isolated_anon:0
         active_file:100 inactive_file:200 isolated_file:0
         unevictable:1000 dirty:0 writeback:0
         slab_reclaimable:900 slab_unreclaimable:6000
         mapped:4000 shmem:9000 pagetables:4000
         sec_pagetables:50 bounce:0
         kernel_misc_reclaimable:10
         free:11000 free_pcp:8600 free_cma:0
kernel: Node 0 active_anon:4000000kB inactive_anon:2000000kB unevictable:4000kB kernel_stack:2144kB pagetables:16000kB sec_pagetables:200kB all_unreclaimable? no
kernel: Node 0 DMA32 free:3372kB boost:0kB min:2728kB free_pcp:14484kB local_pcp:0kB free_cma:0kB
kernel: Node 0 hugepages_total=100 hugepages_free=100 hugepages_surp=0 hugepages_size=2048kB
kernel: 10300 total pagecache pages
kernel: 2097052 pages RAM
kernel: 97052 pages reserved
kernel: [  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
kernel: [   2000]     0  2000  1700000  1100000  1090000    10000         0  9000000        0             0 app
kernel: Out of memory: Killed process 2000 (app) total-vm:6800000kB, anon-rss:4360000kB, file-rss:40000kB, shmem-rss:0kB, UID:0 pgtables:9000kB oom_score_adj:0
`;

function account(log: string) {
  const { ooms } = parseKernelLog(log, PAGE);
  expect(ooms).toHaveLength(1);
  return oomAccount(ooms[0]);
}

describe('oomAccount()', () => {
  it('adds up a report of 3.13', () => {
    const pages = 254_000 - (12_000 + 300 + 2000 + 3000 + 2800 + 500 + 120_000 + 68);
    expect(account(OLD)).toMatchObject({
      totalBytes: 254_000 * PAGE,
      gapBytes: pages * PAGE,
      heldByReferenceBytes: null,
    });
  });

  it('adds up a report of 6.12', () => {
    const lists = 1_501_300;
    const pages = 2_000_000 - (11_000 + 8600 + 900 + 6000 + 4000 + 50 + 10 + 536 + lists + 51_200);
    const found = account(NEW);
    expect(found).toMatchObject({
      gapBytes: pages * PAGE,
      heldByReferenceBytes: (lists - 10_300 - 1_090_000) * PAGE,
    });
    expect(found?.terms.map(({ name }) => name)).toContain('hugetlb');
    const sum = (found?.terms ?? []).reduce((total, { bytes }) => total + bytes, 0);
    expect(sum + (found?.gapBytes ?? 0)).toBe(found?.totalBytes);
  });

  it('says nothing of a report of a cgroup', () => {
    expect(
      account('java invoked oom-killer: gfp_mask=0xcc0, order=0\nmemory: usage 102400kB, limit 102400kB\n'),
    ).toBeNull();
  });

  it('is never below 0', () => {
    expect(account(NEW.replace('2097052 pages RAM', '100000 pages RAM'))?.gapBytes).toBe(0);
  });
});

it('says where the memory was when it ran out, from a log alone', () => {
  const texts = new Map([['log/kernel', NEW]]);
  const { findings, fine, equation } = triageOf([
    { timeMs: null, origin: 'file', source: 'dmesg.txt', texts, notRead: [] },
  ]);
  const [ranOut, kill] = findings;
  expect([ranOut.severity, ranOut.rule, kill.severity, kill.rule]).toEqual(['limit', 'R20', 'note', 'R20']);
  expect(ranOut.text).toMatch(
    /^When memory ran out, of 7\.63 GiB: anonymous and shared memory 5\.72 GiB, in no line of the report, at most 1\.5/,
  );
  expect(ranOut.holders).toEqual([{ kind: 'process', name: '2000 app', bytes: 1_100_000 * PAGE }]);
  // Nothing else was read.
  expect([fine, equation]).toEqual([[], []]);
});

it('leaves the past to the note where there is a meminfo', () => {
  const { findings } = triageOf([lookAt({ texts: { 'log/kernel': NEW } })]);
  expect(findings.filter(({ rule }) => rule === 'R20').map(({ severity }) => severity)).toEqual(['note']);
});

it('says how much a reference held at most, and names ten call sites', () => {
  const sites = Array.from(
    { length: 12 },
    (_, index) => `   ${900 - index} MiB     1000 mm/a.c:${index} func:take${index}`,
  );
  const log = `${NEW}Memory allocations:\n${sites.join('\n')}\n`;
  const look = { timeMs: null, origin: 'file', source: 'dmesg.txt', notRead: [] } as const;
  const [ranOut, kill] = triageOf([{ ...look, texts: new Map([['log/kernel', log]]) }]).findings;
  expect(ranOut.details.join('\n')).toMatch(/at most 1\.53 GiB of the lists were held by a reference alone/);
  expect(kill.details.join('\n')).toMatch(/ by mm\/a\.c:9.*$/);
  expect(kill.details.join('\n')).not.toMatch(/take10/);
});

it('says what a cgroup held when it was killed in', () => {
  const log = `[1.5] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=936
[1.5] memory: usage 102400kB, limit 102400kB, failcnt 84
[1.5] Memory cgroup stats for /pod1:
[1.5] anon 62914560
[1.5] file 20971520
[1.5] kernel 10485760
[1.5] sock 0
[1.5] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/pod1,task_memcg=/pod1,task=java,pid=9,uid=1
[1.5] Memory cgroup out of memory: Killed process 9 (java) total-vm:9kB, anon-rss:9kB, file-rss:1kB, shmem-rss:0kB, UID:1 pgtables:2kB oom_score_adj:9
`;
  const { findings } = triageOf([lookAt({ texts: { 'log/kernel': log } })]);
  expect(findings.find(({ rule }) => rule === 'R20')?.text).toContain(
    'for the limit of the cgroup /pod1: it used 100 MiB of 100 MiB; it met the limit 84 times (anon 60.0 MiB, files and shmem 20.0 MiB, kernel 10.0 MiB)',
  );
});
