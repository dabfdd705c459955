import { expect, it } from 'vitest';
import { markHowMuch, markWhat, markWho, markWords } from '../../../src/event/marks/mark-words.js';
import type { Mark } from '../../../src/event/marks/marks.js';
import { fullMark, KINDS, OOM } from '../../helpers/marks.js';

const MIB = 2 ** 20;

const mark = (kind: Mark['kind'], values: number[], texts: string[] = []): Mark => fullMark(kind, { values, texts });

it.each<[Mark, string]>([
  [
    OOM,
    'killed victim (17322); 38.0 MiB anon, 6.00 MiB file, 0 B shmem, 0 B swapped, 132 KiB page tables; ' +
      'limit of cgroup /a; for a page; it was in /a/b; uid 1000; oom_score_adj -17',
  ],
  [
    { ...OOM, values: [17322, -1, -1, -1, -1, -1, -1, -1, -1001, 1, 9, 0, 1], texts: [''] },
    'killed (name not known) (17322); what it held is not known; the machine was out of memory; for 512 pages; it was exiting already',
  ],
  [{ ...OOM, values: [17322], texts: ['x'] }, 'killed x (17322); what it held is not known'],
  [mark('reclaim', [2_563_000, 1, 2_563_000, 32, 3, 7]), '2.563 ms, 32 pages freed, order 3'],
  [
    mark('memcg-reclaim', [210_000, 37, 9000, 1000]),
    '37 stalls, 0.210 ms in all, the longest 0.009 ms, 1,000 pages freed',
  ],
  [mark('compaction', [1_000_000, 1, 1_000_000, 0, -1, 0, 8]), '1.000 ms, success'],
  [mark('compaction', [1_000_000, 1, 1_000_000, 0, -1, 0, 77]), '1.000 ms'],
  [mark('shmget', [-1_643_251_416, 40_960, 0o1644, 62]), 'key 0x9e0df928, 40.0 KiB, flags 0644|IPC_CREAT = id 62'],
  [mark('shmget', [0, 4096, 0o3600, -17]), 'key 0x0, 4.00 KiB, flags 0600|IPC_CREAT|IPC_EXCL = EEXIST'],
  [mark('shmat', [62, 0, 0o10000, 0x7f0012345000]), 'id 62, address 0x0, flags 010000 = 0x7f0012345000'],
  [mark('shmat', [62, 0, 0, -22]), 'id 62, address 0x0, flags 0 = EINVAL'],
  [mark('shmdt', [0x7f0012345000, 0]), 'address 0x7f0012345000 = 0'],
  [mark('shmctl', [62, 0, 0]), 'id 62, IPC_RMID = 0'],
  [mark('shmctl', [62, 0x102, -4000]), 'id 62, IPC_STAT = error 4000'],
  [mark('cgroup-made', [44, 0], ['/a']), '/a (id 44)'],
  [mark('cgroup-removed', [44, 4], ['/a']), '/a (id 44, hierarchy 4)'],
  [mark('module-loaded', [65_536], ['nf_tables']), 'nf_tables, 64.0 KiB'],
  [mark('swap-on', [-1], ['/swap']), '/swap = EPERM'],
  [mark('drop-caches', [1, 2]), 'dropped the page cache and reclaimable slabs 2 times'],
  [mark('exit', [3, 0, MIB]), 'status 3, at most 1.00 MiB resident'],
  [mark('exit', [0, 9, MIB]), 'signal 9, at most 1.00 MiB resident'],
])('%j is said in words', (given, words) => {
  expect(markWords(given)).toBe(words);
});

it('has words for every kind, however little is known of it', () => {
  for (const kind of KINDS) {
    expect(markWords(fullMark(kind)), kind).not.toBe('');
    expect(() => markWords(fullMark(kind, { values: [], texts: [] })), kind).not.toThrow();
  }
});

it.each<[Mark, what: string, howMuch: string]>([
  [
    OOM,
    'OOM kill of victim (17322): limit of cgroup /a',
    '38.0 MiB anon, 6.00 MiB file, 0 B shmem, 0 B swapped, 132 KiB page tables',
  ],
  [{ ...OOM, values: [17322], texts: [] }, 'OOM kill of (name not known) (17322)', ''],
  [mark('user', [], ['deploy 42']), 'mark "deploy 42"', ''],
  [mark('reclaim', [2_563_000, 1, 2_563_000, 32, 3, 7]), 'reclaim stall', '2.563 ms, 32 pages freed, order 3'],
  [
    mark('memcg-reclaim', [210_000, 37, 9000, 1000]),
    "reclaim stall at a cgroup's limit",
    '37 stalls, 0.210 ms in all, the longest 0.009 ms, 1,000 pages freed',
  ],
  [mark('compaction', [1_000_000, 1, 1_000_000, 0, -1, 0, 8]), 'compaction stall, success', '1.000 ms'],
  [mark('shmget', [1, 4096, 0o600, -28]), 'shmget: key 0x1, flags 0600 = ENOSPC', '4.00 KiB'],
  [mark('shmctl', [62, 0, 0]), 'shmctl: id 62, IPC_RMID = 0', ''],
  [mark('cgroup-made', [44, 0], ['/a']), 'cgroup made: /a (id 44)', ''],
  [mark('module-loaded', [65_536], ['nf_tables']), 'module loaded: nf_tables', '64.0 KiB'],
  [mark('swap-off', [0], ['/swap']), 'swap off: /swap = 0', ''],
  [mark('drop-caches', [1, 0]), 'caches dropped: the page cache', ''],
  [mark('exec', [], ['/bin/true']), 'exec: /bin/true', ''],
  [mark('exit', [3, 0, MIB]), 'exit: status 3', 'at most 1.00 MiB resident'],
])('%j has what and how much', (given, what, howMuch) => {
  expect([markWhat(given), markHowMuch(given)]).toEqual([what, howMuch]);
});

it('has a what for every kind, however little is known of it', () => {
  for (const kind of KINDS) {
    for (const given of [fullMark(kind), fullMark(kind, { values: [], texts: [] })]) {
      expect(markWhat(given), kind).not.toBe('');
      expect(markHowMuch(given), kind).not.toMatch(/undefined|NaN/);
    }
  }
});

it.each([
  [4711, 'eat', 'eat 4711'],
  [4711, '', 'process 4711'],
  [0, 'eat', 'eat'],
  [0, '', ''],
])('%i %j is %j', (pid, comm, who) => {
  expect(markWho(fullMark('exec', { pid, comm }))).toBe(who);
});
