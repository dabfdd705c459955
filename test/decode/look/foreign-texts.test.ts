/** Files of several texts, pasted texts, and outputs of other tools as texts of /proc. */
import { describe, expect, it } from 'vitest';
import { looksOf } from '../../../src/decode/look/looks-of.js';
import { commandWish, memberWish } from '../../../src/decode/look/members.js';
import { tableRows } from '../../../src/proc/look-tables.js';
import { parseSlabRows } from '../../../src/proc/machine/slab-rows.js';
import { meminfoLines } from '../../../src/proc/meminfo.js';
import { gatherFacts } from '../../../src/triage/gather-facts.js';

function look(text: string, name = 'file') {
  const [found] = looksOf([{ name, text, timeMs: null, cut: false }], {
    source: 'x',
    origin: 'file',
    timeMs: null,
    notRead: [],
  });
  return found;
}

describe('memberWish()', () => {
  it.each([
    ['sosreport-db-2026/proc/meminfo', 'proc/meminfo'],
    ['proc/meminfo', 'proc/meminfo'],
    ['./x/proc/4321/net/sockstat', 'proc/net/sockstat'],
    ['x/sos_commands/process/ps_-elfL', 'command/ps -elfL'],
    ['x/sos_commands/memory/free_-m.1', 'command/free -m'],
    ['x/sos_commands/networking/namespaces/a/ip_netns_exec_a_ss_-peaonmi', 'command/ss -peaonmi'],
    ['x/sos_commands/ebpf/bpftool_-j_map_list', 'command/bpftool -j map list'],
    ['x/sys/fs/cgroup/a b/c/memory.current', 'sys/fs/cgroup/a b/c/memory.current'],
    ['scc_node_1/memory.txt', 'sections/memory.txt'],
    ['x/var/log/sa/sar14', 'sar/sar14'],
    ['x/var/log/sa/sa14', 'sa/sa14'],
    ['x/var/log/messages', 'var/log/messages'],
  ])('knows %s', (path, name) => expect(memberWish(path)?.name).toBe(name));

  it.each([
    'x/../proc/meminfo',
    '../proc/meminfo',
    'a/b/proc/meminfo',
    'x/etc/shadow',
    'x/sos_commands/process/lsof.txt/..',
    '',
    `x/${'a/'.repeat(3000)}proc/meminfo`,
  ])('wants nothing of %j', (path) => expect(memberWish(path)).toBeNull());

  it('keeps logs from their end', () => {
    expect(commandWish('/usr/bin/journalctl --no-pager')).toMatchObject({ keep: 'tail' });
    expect(commandWish('rm -rf /')).toBeNull();
  });
});

describe('a text without a name', () => {
  it.each([
    ['quoted', (text: string) => text.replace(/^/gm, '> ')],
    ['indented', (text: string) => text.replace(/^/gm, '    ')],
    ['with CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['after a sentence', (text: string) => `Here it is:\n\n${text}`],
    [
      'of a session',
      (text: string) =>
        `[root@db ~]# cat /proc/meminfo\n${text}[root@db ~]# uptime\n 10:12:13 up 41 days,  3:02,  2 users\n`,
    ],
    ['of a session with a dollar', (text: string) => `me@db:~$ sudo cat /proc/meminfo\n${text}me@db:~$ \n`],
  ])('is told by its content: a meminfo %s', (_, change) => {
    const lines = meminfoLines(
      look(change('MemTotal:       16384 kB\nMemFree:          100 kB\nAnonPages:        200 kB\n')).texts.get(
        'proc/meminfo',
      ) ?? '',
    );
    expect(lines?.get('AnonPages')).toBe(200);
  });

  it('may hold several', () => {
    const found = look(
      'MemTotal: 16384 kB\nMemFree: 100 kB\n\nslabinfo - version: 2.1\n# name\n\nnr_free_pages 25\nnr_x 1\n[   12.5] Out of memory: Killed process 7 (a) \n',
    );
    expect([...found.texts.keys()].filter((name) => !name.startsWith('table/')).toSorted()).toEqual([
      'log/kernel',
      'proc/meminfo',
      'proc/slabinfo',
      'proc/vmstat',
    ]);
  });
});

describe('supportutils', () => {
  it('is split at its headings; what was not found is left out', () => {
    const text = `#==[ Command ]======================================#
# /usr/bin/free -k
              total        used        free      shared  buff/cache   available
Mem:          16384       10000         100          10        6284        6000

#==[ Configuration File ]===========================#
# /proc/meminfo
MemTotal:       16384 kB
MemFree:          100 kB

#==[ Configuration File ]===========================#
# /sys/kernel/debug/vmmemctl - File not found
#==[ Command ]======================================#
# /sbin/sysctl -a
vm.max_map_count = 65530
net.ipv4.tcp_mem = 1 2\t3
`;
    const found = look(text, 'sections/memory.txt');
    expect(found.texts.get('proc/meminfo')).toMatch(/^MemTotal: +16384 kB\n/);
    expect(found.texts.get('proc/sys/net/ipv4/tcp_mem')).toBe('1 2\t3\n');
    expect(found.texts.get('proc/sys/vm/max_map_count')).toBe('65530\n');
  });
});

describe("Android's bugreport", () => {
  it('is split at its headings', () => {
    const text = `== dumpstate: 2026-03-02 10:12:13
------ UPTIME (uptime) ------
 10:12:13 up 2 days
------ 0.004s was the duration of 'UPTIME' ------
------ MEMORY INFO (/proc/meminfo: 2026-03-02 10:12:12) ------
MemTotal:        5555555 kB
MemFree:          100000 kB
------ 0.004s was the duration of 'MEMORY INFO' ------
------ KERNEL LOG (dmesg) ------
[  100.5] lowmemorykiller: Kill 'a' (1)
`;
    const found = look(text);
    expect(meminfoLines(found.texts.get('proc/meminfo') ?? '')?.get('MemTotal')).toBe(5_555_555);
    expect(found.texts.get('log/kernel')).toContain('lowmemorykiller');
  });
});

describe('crash', () => {
  const KMEM_I = `                 PAGES        TOTAL      PERCENTAGE
    TOTAL MEM  1974231       7.5 GB         ----
         FREE   208962     816.3 MB   10% of TOTAL MEM
         USED  1765269       6.7 GB   89% of TOTAL MEM
      BUFFERS   111376     435.1 MB    5% of TOTAL MEM
       CACHED  1276196       4.9 GB   64% of TOTAL MEM
         SLAB   120410     470.4 MB    6% of TOTAL MEM

   TOTAL HUGE   524288         2 GB         ----
`;

  it('gives a meminfo by kmem -i, whose anonymous memory comes from kmem -V', () => {
    const only = look(KMEM_I);
    const lines = meminfoLines(only.texts.get('proc/meminfo') ?? '');
    expect([lines?.get('MemTotal'), lines?.get('Slab'), lines?.get('AnonPages')]).toEqual([
      7_896_924,
      481_640,
      undefined,
    ]);
    expect(only.notRead[0]).toEqual({ what: 'proc/meminfo', why: 'only what kmem -i shows of it' });
    const both = look(`crash> kmem -i\n${KMEM_I}crash> kmem -V
  VM_ZONE_STAT:
         NR_FREE_PAGES: 30085
   NR_KERNEL_STACK_KB: 1728
          NR_PAGETABLE: 1562
  VM_NODE_STAT:
      NR_INACTIVE_ANON: 1985
        NR_ACTIVE_ANON: 338275
      NR_INACTIVE_FILE: 19760
        NR_ACTIVE_FILE: 12018
        NR_ANON_MAPPED: 338089
crash> quit
`);
    const full = meminfoLines(both.texts.get('proc/meminfo') ?? '');
    expect(full?.get('AnonPages')).toBe(338_089 * 4);
    expect(full?.get('KernelStack')).toBe(1728);
    expect(both.texts.get('proc/vmstat')).toContain('nr_anon_pages 338089\n');
    expect(both.notRead.some(({ what }) => what === 'proc/meminfo')).toBe(false);
  });

  it('gives a slabinfo by kmem -s, of both layouts', () => {
    const text = `CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff893b67368000      248          0         0      0    16k  nf_conntrack_expect
ffff890c47c0e800     2048      48835     58464   3654    32k  kmalloc-2048
kmem: kmalloc-512: cannot gather relevant slab data
ffff890c47c0ec00      512          ?         ?      ?    32k  kmalloc-512
`;
    expect(parseSlabRows(look(text).texts.get('proc/slabinfo') ?? '')?.[1]).toEqual({
      name: 'kmalloc-2048',
      activeObjects: 48_835,
      objects: 58_464,
      objectBytes: 2048,
      objectsPerSlab: 16,
      pagesPerSlab: 8,
      activeSlabs: 3654,
      slabs: 3654,
    });
    const old =
      'CACHE    NAME                 OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE\nc02eadc0 kmem_cache               232         58        68      4     4k\n';
    expect(parseSlabRows(look(old).texts.get('proc/slabinfo') ?? '')).toMatchObject([
      { name: 'kmem_cache', objects: 68, slabs: 4 },
    ]);
  });

  it('gives areas by kmem -v', () => {
    const text =
      '   VMAP_AREA         VM_STRUCT                 ADDRESS RANGE                SIZE\nffff8807f4f4c000  ffff8807f4f4b000  ffffc90000000000 - ffffc90000005000    20480\n';
    expect(look(text).texts.get('proc/vmallocinfo')).toBe('0xffffc90000000000-0xffffc90000005000   20480\n');
  });
});

describe('slabtop and free', () => {
  it('give what they show', () => {
    const slabtop = ` Active / Total Objects (% used)    : 1988704 / 2140785 (92.9%)

  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME
554379 554370  99%    0.19K  26399       21    105596K dentry
   632    632 100%    8.00K    158        4      5056K kmalloc-8k
`;
    expect(parseSlabRows(look(slabtop).texts.get('proc/slabinfo') ?? '')).toMatchObject([
      { name: 'dentry', activeObjects: 554_370, objects: 554_379, objectBytes: 192, pagesPerSlab: 1, slabs: 26_399 },
      { name: 'kmalloc-8k', objectBytes: 8192, objectsPerSlab: 4, pagesPerSlab: 8 },
    ]);
    const found = look(
      '              total        used        free      shared  buff/cache   available\nMem:          16000       10000         100          10        5900        5000\nSwap:          2000         500        1500\n',
    );
    expect(Object.fromEntries(meminfoLines(found.texts.get('proc/meminfo') ?? '') ?? [])).toMatchObject({
      MemAvailable: 5000 * 1024,
      Shmem: 10 * 1024,
      SwapFree: 1500 * 1024,
    });
    expect(found.notRead[0].why).toBe('only what free shows of it');
    expect(gatherFacts(found)).toMatchObject({ account: null, machine: { totalBytes: 16_000 * 1024 * 1024 } });
  });
});

describe('a balloon of VMware', () => {
  it.each([
    ['sys/kernel/debug/vmmemctl', 'target:   5 pages\ncurrent:            1572864 pages\n', 1_572_864],
    [
      'command/vmware-toolbox-cmd stat raw text resources',
      'guest.disabled = 0\nguest.mem.ballooned = 16712052\n',
      4_178_013,
    ],
    ['command/vmware-toolbox-cmd stat balloon', '6144 MB\n', 1_572_864],
  ])('is read from %s', (name, text, pages) => {
    const [found] = looksOf(
      [
        { name: 'proc/vmstat', text: 'nr_free_pages 1\n', timeMs: null, cut: false },
        { name, text, timeMs: null, cut: false },
      ],
      { source: 'x', origin: 'bundle', timeMs: null, notRead: [] },
    );
    expect(found.texts.get('proc/vmstat')).toBe(`nr_free_pages 1\nballoon_inflate ${pages}\nballoon_deflate 0\n`);
    expect(tableRows('table/machine', found.texts.get('table/machine'))[0].balloonInTotal).toBe('1');
  });
});
