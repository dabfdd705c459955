import { describe, expect, it } from 'vitest';
import {
  inodeOfLink,
  kindOfLink,
  parseBpfObject,
  parseDrmClient,
  watchesIn,
  withoutSuffix,
} from '../../../src/proc/process/descriptors.js';
import { digestMaps, parseRollup, sharedMappings } from '../../../src/proc/process/maps.js';
import { parseStartSeconds, parseStatus } from '../../../src/proc/process/status.js';

describe('parseStatus()', () => {
  const head =
    'Name:\tmy\\nname\\\\\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t7\nPid:\t7\nPPid:\t1\nTracerPid:\t0\nUid:\t1000\t0\t0\t0\n';

  it('returns sizes in bytes', () => {
    const text = `${head}VmPeak:\t  100 kB\nVmSize:\t  90 kB\nRssAnon:\t  30 kB\nRssFile:\t  20 kB\nRssShmem:\t  5 kB\nVmPTE:\t  4 kB\nVmSwap:\t  3 kB\nThreads:\t12\n`;
    expect(parseStatus(text)).toEqual({
      name: 'my\nname\\',
      parent: 1,
      uid: 1000,
      threads: 12,
      virtual: 90 << 10,
      rssAnon: 30 << 10,
      rssFile: 20 << 10,
      rssShmem: 5 << 10,
      swap: 3 << 10,
      pageTables: 4 << 10,
    });
  });

  it('takes VmRSS before 4.5, and VmPMD of 4.0 to 4.14', () => {
    const text = `${head}VmSize:\t  90 kB\nVmRSS:\t  55 kB\nVmPTE:\t  4 kB\nVmPMD:\t  12 kB\nVmSwap:\t  0 kB\nThreads:\t1\n`;
    expect(parseStatus(text)).toMatchObject({ rssAnon: 55 << 10, rssFile: 0, pageTables: 16 << 10 });
  });

  it('knows a kernel thread by having no memory', () => {
    expect(parseStatus(`${head}Threads:\t1\n`)).toMatchObject({ virtual: 0, threads: 1, rssAnon: 0 });
    expect(parseStatus('State:\tS\n')).toBeNull();
    expect(parseStatus('')).toBeNull();
  });

  it('finds the start behind a name with parentheses', () => {
    const fields = ['S', ...Array.from({ length: 18 }, (_, index) => String(index)), '12345', '99'];
    expect(parseStartSeconds(`7 (a) b) (c) ${fields.join(' ')}\n`)).toBe(123.45);
    expect(parseStartSeconds('7 (a)')).toBeNull();
    expect(parseStartSeconds('')).toBeNull();
  });
});

/** A main arena by brk(), two heaps of arenas, three stacks behind guards, and objects without a name. */
const MAPS = `55d0c0000000-55d0c0021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000200000 rw-p 00000000 00:00 0 
7f0000200000-7f0004000000 ---p 00000000 00:00 0 
7f0008000000-7f000c000000 rw-p 00000000 00:00 0 
7f1000000000-7f1000001000 ---p 00000000 00:00 0 
7f1000001000-7f1000801000 rw-p 00000000 00:00 0 
7f1000801000-7f1000802000 ---p 00000000 00:00 0 
7f1000802000-7f1001002000 rw-p 00000000 00:00 0 
7f1002000000-7f1002001000 ---p 00000000 00:00 0 
7f1002001000-7f1002101000 rw-p 00000000 00:00 0 
7f2000000000-7f2002800000 rw-s 00000000 00:01 41                         /dev/zero (deleted)
7f2003000000-7f2003001000 rw-s 00000000 00:01 41                         /dev/zero (deleted)
7f3000000000-7f3002000000 rw-s 00000000 00:01 3                          /SYSV00001234 (deleted)
7f4000000000-7f4001000000 rw-s 00000000 00:01 77                         /memfd:a b (deleted)
7f5000000000-7f5001000000 rw-s 00000000 00:1b 78                         /dev/shm/x (deleted)
7f6000000000-7f6000100000 r-xp 00000000 fe:00 99                         /usr/lib/libc.so.6
`;

describe('maps', () => {
  it('tell heaps, arenas and stacks', () => {
    expect(digestMaps(MAPS)).toEqual({
      vmas: 16,
      heap: 0x21000,
      arenas: 2,
      arenaBytes: (2 << 20) + (64 << 20),
      stackSize: 8 << 20,
      stackCount: 2,
    });
    expect(digestMaps('no map\n')).toMatchObject({ vmas: 0, stackCount: 0 });
  });

  it('tell objects without a name, each once', () => {
    expect(sharedMappings(MAPS, 100)).toEqual([
      { kind: 'shared', name: '/dev/zero', object: '00:01 41', range: '7f2000000000-7f2002800000', bytes: 40 << 20 },
      { kind: 'sysv', name: '/SYSV00001234', object: '00:01 3', range: '7f3000000000-7f3002000000', bytes: 32 << 20 },
      { kind: 'memfd', name: '/memfd:a b', object: '00:01 77', range: '7f4000000000-7f4001000000', bytes: 16 << 20 },
      { kind: 'deleted', name: '/dev/shm/x', object: '00:1b 78', range: '7f5000000000-7f5001000000', bytes: 16 << 20 },
    ]);
    expect(sharedMappings(MAPS, 2)).toHaveLength(2);
    expect(sharedMappings(' (deleted)\nx (deleted)\n', 2)).toEqual([]);
  });

  it('tell sums of smaps_rollup', () => {
    const text =
      '55d0-7fff ---p 00000000 00:00 0                          [rollup]\nRss:                 884 kB\nPss:                 400 kB\nPss_Dirty:            1 kB\nPss_Anon:            100 kB\nPss_File:            290 kB\nPss_Shmem:            10 kB\n';
    expect(parseRollup(text)).toEqual({
      rss: 884 << 10,
      pss: 400 << 10,
      pssAnon: 100 << 10,
      pssFile: 290 << 10,
      pssShmem: 10 << 10,
    });
    expect(parseRollup('')).toBeNull();
  });
});

describe('descriptors', () => {
  it.each([
    ['socket:[41479840]', 'sockets'],
    ['pipe:[7]', 'pipes'],
    ['anon_inode:[io_uring]', 'uring'],
    ['anon_inode:bpf-map', 'bpfMaps'],
    ['anon_inode:bpf-prog', 'bpfPrograms'],
    ['anon_inode:[eventpoll]', ''],
    ['anon_inode:[vfio-device]', 'vfio'],
    ['/dev/vfio/12', 'vfio'],
    ['/dmabuf:', 'dmabuf'],
    ['/dev/dri/renderD128', 'gpu'],
    ['/dev/nvidia0', 'gpu'],
    ['/dev/null', ''],
    ['/memfd:name (deleted)', 'memfd'],
    ['/dev/shm/x (deleted)', 'deleted'],
    ['/home/a file', ''],
    ['', ''],
  ])('%s is of kind "%s"', (link, kind) => {
    expect(kindOfLink(link)).toBe(kind);
  });

  it('of inotify list watches', () => {
    const fdinfo =
      'pos:\t0\nflags:\t02004000\nino:\t9\ninotify wd:2 ino:1 sdev:2 mask:3\ninotify wd:1 ino:1 sdev:2 mask:3\n';
    expect([watchesIn(fdinfo), watchesIn('pos:\t0\n')]).toEqual([2, 0]);
    expect(['anon_inode:inotify', '/dev/infiniband/uverbs0'].map(kindOfLink)).toEqual(['inotify', 'rdma']);
  });

  it('name inodes and files', () => {
    expect(inodeOfLink('socket:[41479840]')).toBe('41479840');
    expect(inodeOfLink('socket:[x]')).toBe('');
    expect(withoutSuffix('/memfd:name (deleted)')).toBe('/memfd:name');
    expect(withoutSuffix('/x')).toBe('/x');
  });

  it('of a GPU tell the memory of a client', () => {
    const fdinfo =
      'pos:\t0\ndrm-driver:\ti915\ndrm-client-id:\t7\ndrm-pdev:\t0000:00:02.0\ndrm-total-system0:\t125 MiB\ndrm-shared-system0:\t16 MiB\ndrm-resident-system0:\t100 MiB\n';
    expect(parseDrmClient(fdinfo)).toEqual({ client: '0000:00:02.0 7', driver: 'i915', systemBytes: 125 << 20 });
    const amdgpu =
      'drm-driver:\tamdgpu\ndrm-client-id:\t9\ndrm-memory-vram:\t1 GiB\ndrm-memory-gtt:\t 2048 KiB\ndrm-memory-cpu:\t 1024 KiB\n';
    expect(parseDrmClient(amdgpu)).toEqual({ client: ' 9', driver: 'amdgpu', systemBytes: 3 << 20 });
    expect(parseDrmClient('pos:\t0\n')).toBeNull();
  });

  it('of BPF tell maps and programs', () => {
    const map = 'pos:\t0\nmap_type:\t2\nkey_size:\t4\nmemlock:\t33554744\nmap_id:\t45833\nfrozen:\t0\n';
    expect(parseBpfObject(map)).toEqual({ kind: 'map', id: 45_833, type: '2', bytes: 33_554_744 });
    const program = 'prog_type:\t5\nprog_jited:\t1\nmemlock:\t4096\nprog_id:\t12\n';
    expect(parseBpfObject(program)).toEqual({ kind: 'program', id: 12, type: '5', bytes: 4096 });
    expect(parseBpfObject('pos:\t0\n')).toBeNull();
  });
});
