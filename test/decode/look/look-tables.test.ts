/** Outputs of tools as tables of a look. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksOf } from '../../../src/decode/look/looks-of.js';
import type { LookMember } from '../../../src/decode/look/members.js';
import { type LookTable, tableRows } from '../../../src/proc/look-tables.js';

const HEAD = { source: 'test', origin: 'bundle' as const, timeMs: null, notRead: [] };

function members(texts: Readonly<Record<string, string>>): LookMember[] {
  return Object.entries(texts).map(([name, text]) => ({ name, text, timeMs: null, cut: false }));
}

function rows<T extends LookTable>(table: T, texts: Readonly<Record<string, string>>) {
  const [look] = looksOf(members(texts), HEAD);
  return tableRows(table, look?.texts.get(table));
}

describe('table/processes', () => {
  it('is read from ps aux, with the threads that ps m prints below', () => {
    const text = `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.1 169000 13000 ?        -    Feb10   0:09 /usr/lib/systemd/systemd --system
root           -  0.0    -      -     - -        Ss   Feb10   0:09 -
mysql       2210  9.0 60.1 9990000 8000000 ?     -    09:15  99:10 /usr/libexec/mysqld --user=mysql
mysql          -  0.0    -      -     - -        Ssl  09:15   0:09 -
mysql          -  0.0    -      -     - -        Ssl  09:15   0:09 -
root         200  0.0  0.0      0     0 ?        I<   Feb10   0:00 [kworker/0:1H-kblockd]
`;
    expect(rows('table/processes', { 'command/ps auxwwwm': text })).toMatchObject([
      { pid: '1', name: 'systemd', virtual: String(169_000 * 1024), rssAnon: String(13_000 * 1024), threads: '1' },
      { pid: '2210', name: 'mysqld', rssAnon: String(8_000_000 * 1024), threads: '2' },
      { pid: '200', name: '[kworker/0:1H-kblockd]', rssAnon: '0' },
    ]);
  });

  it('is put together from several outputs and the files of a process, the best first', () => {
    const found = rows('table/processes', {
      'command/ps -elfL': `F S UID          PID    PPID     LWP  C NLWP PRI  NI ADDR SZ WCHAN  STIME TTY          TIME CMD
4 S root          77       1      77  0    3  80   0 - 2500 do_epo 09:15 ?        00:00:01 /usr/bin/agent -d
5 S root          77       1      78  0    3  80   0 - 2500 futex_ 09:15 ?        00:00:01 /usr/bin/agent -d
`,
      'command/ps aux':
        'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\nroot 77 0.0 0.1 10000 600 ? Ssl 09:15 0:01 /usr/bin/agent -d\n',
      'command/ps axo pid,ppid,user,group,lwp,nlwp,start_time,comm,cgroup':
        '    PID    PPID USER     GROUP        LWP NLWP START COMMAND         CGROUP\n     77       1 root     root          77    3 09:15 agent           0::/system.slice/agent.service\n',
      'proc/77/status':
        'Name:\tagent\nPPid:\t1\nVmSize:\t   10000 kB\nRssAnon:\t     400 kB\nRssFile:\t     150 kB\nRssShmem:\t      50 kB\nVmPTE:\t      64 kB\nVmSwap:\t       8 kB\nThreads:\t3\n',
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      pid: '77',
      parent: '1',
      name: 'agent',
      threads: '3',
      virtual: String(10_000 * 1024),
      rssAnon: String(400 * 1024),
      rssFile: String(150 * 1024),
      rssShmem: String(50 * 1024),
      pageTables: String(64 * 1024),
      swap: String(8 * 1024),
      cgroup: '/system.slice/agent.service',
    });
  });

  it('has what lsof says of open files, and table/shmem what has no name', () => {
    const texts = {
      'command/ps aux':
        'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\nu 9 0 0 1000 500 ? S 09:15 0:01 player\n',
      'command/lsof M -n -l -c': `COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME
player    9    0  cwd    DIR  253,0     4096    2 /
player    9    0   3u    CHR  226,0      0t0  500 /dev/dri/renderD128
player    9    0   4r   FIFO   0,13      0t0 7781 pipe
player    9    0   5u   IPv4  91234      0t0  TCP 127.0.0.1:1->127.0.0.1:2 (ESTABLISHED)
player    9    0   6u a_inode   0,14        0 1050 [io_uring]
player    9    0   7u    REG    0,1 67108864  900 /memfd:frames (deleted)
player    9    0  mem    REG    0,1 67108864  900 /memfd:frames (deleted)
player    9    0   8u    REG   0,22  1048576  901 /dev/shm/ring (deleted)
player    9    0   9u    REG  253,0  1048576  902 /var/tmp/x (deleted)
`,
    };
    expect(rows('table/processes', texts)[0]).toMatchObject({
      openFiles: '7',
      pipes: '1',
      sockets: '1',
      uring: '1',
      gpu: '1',
    });
    expect(rows('table/shmem', texts)).toEqual([
      { kind: 'memfd', name: '/memfd:frames', pid: '9', processName: 'player', bytes: '67108864' },
      { kind: 'deleted', name: '/dev/shm/ring', pid: '9', processName: 'player', bytes: '1048576' },
    ]);
  });
});

describe('table/mounts', () => {
  it('has file systems in memory, each once, with their files', () => {
    const found = rows('table/mounts', {
      'command/df -al': `Filesystem     1K-blocks    Used Available Use% Mounted on
/dev/sda1       51474912 2147491  29999984  42% /
tmpfs            8146000   72000   8074000   1% /dev/shm
tmpfs            8146000   72000   8074000   1% /srv/same place
shm                65536     128     65408   1% /run/pod/shm
proc                   0       0         0    - /proc
`,
      'command/df -aliT': 'Filesystem Type Inodes IUsed IFree IUse% Mounted on\ntmpfs tmpfs 100 17 83 17% /dev/shm\n',
      'proc/self/mountinfo':
        '25 1 0:22 / /dev/shm rw shared:3 - tmpfs tmpfs rw\n26 1 0:22 / /srv/same\\040place rw shared:3 - tmpfs tmpfs rw\n27 1 8:1 / / rw - xfs /dev/sda1 rw\n',
    });
    expect(found).toMatchObject([
      { path: '/dev/shm', type: 'tmpfs', used: String(72_000 * 1024), size: String(8_146_000 * 1024), files: '17' },
      { path: '/run/pod/shm', type: 'tmpfs', used: String(128 * 1024) },
    ]);
  });
});

describe('table/shmem', () => {
  it('is read from ipcs', () => {
    const text = `
------ Message Queues --------
key        msqid      owner      perms      used-bytes   messages
------ Shared Memory Segments --------
key        shmid      owner      perms      bytes      nattch     status
0x00000000 32769      oracle     600        4194304    9          dest
------ Semaphore Arrays --------
0x00000000 1          oracle     600        99
`;
    expect(rows('table/shmem', { 'command/ipcs': text })).toMatchObject([
      { kind: 'sysv', name: 'segment 32769 of oracle', bytes: '4194304' },
    ]);
  });
});

describe('table/sockets', () => {
  it('sums ss by process and state, with the rings of packet sockets', () => {
    const text = `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
tcp   ESTAB  1000   5      192.0.2.1:443  192.0.2.2:1 users:(("proxy",pid=7,fd=1)) uid:1
\t skmem:(r0,rb131072,t0,tb87040,f0,w0,o0,bl0,d0)
tcp   ESTAB  500    0      192.0.2.1:443  192.0.2.2:2 users:(("proxy",pid=7,fd=2),("proxy",pid=8,fd=2))
u_str ESTAB  0      0      * 1 * 2 users:(("sshd",pid=9,fd=4))
p_raw UNCONN 0      0      *:eth0 * users:(("sniffer",pid=11,fd=3))
\tring_rx(blk_size:131072,blk_nr:8,frm_size:65536,frm_nr:16,tmo:0)
\tring_tx(blk_size:4096,blk_nr:2,frm_size:2048,frm_nr:4)
`;
    expect(rows('table/sockets', { 'command/ss -peaonmi': text })).toMatchObject([
      {
        family: 'tcp',
        state: 'ESTAB',
        pid: '7',
        processName: 'proxy',
        count: '2',
        receiveQueue: '1500',
        sendQueue: '5',
      },
      { family: 'unix', pid: '9' },
      { family: 'packet', processName: 'sniffer', ringBytes: String(131_072 * 8 + 8192) },
    ]);
  });

  it('takes netstat where ss is missing', () => {
    const text = `Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address Foreign Address State User Inode PID/Program name Timer
tcp     2097 0 10.0.0.1:1 10.0.0.2:2 CLOSE_WAIT 0 77 9120/consumer app off (0.00/0/0)
tcp6       0 0 :::22 :::* LISTEN 0 78 1011/sshd off (0.00/0/0)
udp        0 9 0.0.0.0:68 0.0.0.0:* 0 79 - off (0.00/0/0)
`;
    expect(rows('table/sockets', { 'command/netstat -W -neopa': text })).toMatchObject([
      { family: 'tcp', state: 'CLOSE-WAIT', pid: '9120', processName: 'consumer app', receiveQueue: '2097' },
      { family: 'tcp', state: 'LISTEN', pid: '1011' },
      { family: 'udp', state: 'UNCONN', pid: '', sendQueue: '9' },
    ]);
  });
});

describe('table/cgroups', () => {
  it('is read from a tree of version 2', () => {
    const path = 'sys/fs/cgroup/kubepods.slice/pod1';
    const found = rows('table/cgroups', {
      'sys/fs/cgroup/cgroup.stat': 'nr_descendants 3\nnr_dying_descendants 41\n',
      [`${path}/memory.current`]: '1000\n',
      [`${path}/memory.max`]: 'max\n',
      [`${path}/memory.swap.current`]: '7\n',
      [`${path}/memory.stat`]:
        'anon 100\nfile 200\nkernel 300\nshmem 50\ninactive_file 60\nslab_reclaimable 70\nworkingset_refault_anon 1\nworkingset_refault_file 2\n',
      [`${path}/memory.events`]: 'low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\n',
      [`${path}/cgroup.procs`]: '1\n2\n',
    });
    expect(found).toMatchObject([
      { path: '/', dying: '41', current: '' },
      {
        path: '/kubepods.slice/pod1',
        version: '2',
        current: '1000',
        max: '',
        swap: '7',
        kernel: '300',
        oomKills: '1',
        maxEvents: '5',
        refaults: '3',
        processes: '2',
      },
    ]);
  });

  it('is read from a tree of version 1', () => {
    const path = 'sys/fs/cgroup/memory/docker/a';
    const found = rows('table/cgroups', {
      [`${path}/memory.usage_in_bytes`]: '5000\n',
      [`${path}/memory.limit_in_bytes`]: '6000\n',
      [`${path}/memory.memsw.usage_in_bytes`]: '5100\n',
      [`${path}/memory.kmem.usage_in_bytes`]: '700\n',
      [`${path}/memory.stat`]: 'cache 1\nrss 2\ntotal_cache 2000\ntotal_rss 2200\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '9\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    });
    expect(found).toMatchObject([
      {
        path: '/docker/a',
        version: '1',
        current: '5000',
        max: '6000',
        swap: '100',
        anon: '2200',
        file: '2000',
        kernel: '700',
      },
      { path: '/', max: '' },
    ]);
  });
});

describe('table/history', () => {
  const text = `Linux 5.14.0 (db) \t03/14/2026 \t_x86_64_\t(4 CPU)

11:50:01 PM kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit  kbactive   kbinact   kbdirty  kbanonpg    kbslab  kbkstack   kbpgtbl  kbvmused
11:50:01 PM      1000      3000      7000     70.00       100      2000      9000     90.00       500       600         1      3000       400        50        60       150
12:00:01 AM       900      2900      7100     71.00       100      2000      9000     90.00       500       600         1      3000       400        50        60       150
Average:          950      2950      7050     70.50       100      2000      9000     90.00       500       600         1      3000       400        50        60       150

11:50:01 PM kbswpfree kbswpused  %swpused  kbswpcad   %swpcad
11:50:01 PM      4000         5      0.10         0      0.00
`;

  it('has the series of sar in UTC, the row after midnight too, and what is in no line', () => {
    const found = rows('table/history', {
      'sar/sar14': text,
      'command/uname -a': 'Linux db 5.14.0 #1 SMP x86_64 GNU/Linux\n',
      'command/date': 'Sun Mar 15 01:00:00 CET 2026\n',
      'command/date --utc': 'Sun Mar 15 00:00:00 UTC 2026\n',
    });
    const at = (item: string) =>
      found.filter((row) => row.item === item).map(({ timeMs, bytes }) => [Number(timeMs), Number(bytes) / 1024]);
    const first = Date.UTC(2026, 2, 14, 22, 50, 1);
    expect(at('available')).toEqual([
      [first, 3000],
      [first + 600_000, 2900],
    ]);
    expect(at('swap used')).toEqual([[first, 5]]);
    const known = 100 + 2000 + 3000 + 400 + 50 + 60 + 100;
    expect(at('in no line')).toEqual([
      [first, 10_000 - 1000 - known],
      [first + 600_000, 10_000 - 900 - known],
    ]);
  });

  it.each([
    ['2026-03-14', 14],
    ['14.03.2026', 14],
    ['03/14/26', 14],
    ['14/03/26', 14],
  ])('knows the date %s', (date, day) => {
    const [row] = rows('table/history', { 'sar/sar14': text.replace('03/14/2026', date) });
    expect(new Date(Number(row.timeMs)).toISOString().slice(0, 10)).toBe(`2026-03-${day}`);
  });

  it('is named as not read where sar left binary files alone', () => {
    const [look] = looksOf(members({ 'proc/meminfo': 'MemTotal: 1 kB\n', 'sa/sa14': '' }), HEAD);
    expect(look.notRead.find(({ what }) => what === 'table/history')?.why).toContain('sar -r ALL -f sa14');
  });
});

describe('table/rings and table/bpf', () => {
  it('are read from ethtool and bpftool', () => {
    const texts = {
      'command/ethtool -g eth0':
        'Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t4096\nCurrent hardware settings:\nRX:\t\t512\nTX:\t\t512\n',
      'command/ethtool -l eth0':
        'Channel parameters for eth0:\nPre-set maximums:\nCombined:\t64\nCurrent hardware settings:\nRX:\t\tn/a\nCombined:\t8\n',
      'command/ethtool -i eth0': 'driver: ixgbe\nversion: 5.1\n',
      'command/bpftool map list':
        '12: lru_hash  name cilium_ct4  flags 0x0\n\tkey 14B  value 56B  max_entries 524288  memlock 57147392B\n\tpids agent(77)\n13: array  flags 0x0\n\tmemlock 4096B\n',
      'command/bpftool -j prog list':
        '[{"id":5,"type":"kprobe","name":"probe","bytes_memlock":8192,"pids":[{"pid":9,"comm":"tracer"}]},{"x":1},null]',
    };
    expect(rows('table/rings', texts)).toEqual([
      { device: 'eth0', driver: 'ixgbe', queues: '8', descriptors: '512', bytes: String(8 * 512 * 2048) },
    ]);
    expect(rows('table/bpf', texts)).toEqual([
      {
        kind: 'map',
        id: '12',
        type: 'lru_hash',
        name: 'cilium_ct4',
        bytes: '57147392',
        pid: '77',
        processName: 'agent',
      },
      { kind: 'map', id: '13', type: 'array', name: '', bytes: '4096', pid: '', processName: '' },
      { kind: 'prog', id: '5', type: 'kprobe', name: 'probe', bytes: '8192', pid: '9', processName: 'tracer' },
    ]);
  });
});

describe('any text', () => {
  const names = [
    'command/ps aux',
    'command/df -al',
    'command/ss',
    'command/netstat',
    'command/lsof',
    'command/date',
    'command/uname',
    'command/bpftool -j map list',
    'sar/sar1',
    'sections/memory.txt',
    'file',
    'proc/1/status',
    'proc/self/mountinfo',
    'sys/fs/cgroup/a/memory.stat',
    'crash/kmem -i',
    'proc/sysvipc/shm',
  ];
  const words = [
    'USER PID RSS COMMAND\n',
    'Netid State\n',
    'tcp ESTAB 1 2 ',
    '------ A (/proc/meminfo) ------\n',
    '#==[ Command ]=#\n# /bin/ps\n',
    'MemTotal: 1 kB\n',
    'kbmemfree',
    '12:00:01 ',
    'Linux 5 (h) 2026-01-01 ',
    '[{"id":',
    '\u001b[2J',
    '\0',
    '\t',
    ' ',
    '1',
    '-',
    '\n',
  ];

  it('never throws, and leaves no control character in a line of a table', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), { maxLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom(...names), text, (name, parts) => {
        for (const look of looksOf(members({ [name]: parts.join(''), 'proc/meminfo': 'MemTotal: 1 kB\n' }), HEAD)) {
          for (const [key, table] of look.texts) {
            if (!key.startsWith('table/')) continue;
            const columns = table.split('\n')[0].split('\t').length;
            // What a short row lacks is not known.
            for (const line of table.split('\n').slice(0, -1))
              expect(line.split('\t').length).toBeLessThanOrEqual(columns);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
