import { describe, expect, it } from 'vitest';
import { keyedNumbers, parseCgroupStat } from '../../../src/proc/process/cgroup-files.js';
import { deviceText, parseMountinfo } from '../../../src/proc/process/mountinfo.js';
import { parseSysvShm } from '../../../src/proc/process/shm.js';
import {
  countUnixSockets,
  hasPacketSockets,
  parsePacketSockets,
  socketLines,
} from '../../../src/proc/process/sockets.js';

describe('parseMountinfo()', () => {
  it('returns file systems in memory, and counts all', () => {
    const text = `22 1 254:0 / / rw,noatime - ext4 /dev/vda rw
27 22 0:27 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684084k
30 22 0:30 / /data rw - nfs4 server:/x rw
31 30 0:31 / /data/a\\040b rw shared:5 - tmpfs none rw
32 31 0:32 / /data/a\\040b/c rw - hugetlbfs none rw
no mount
`;
    expect(parseMountinfo(text)).toEqual({
      count: 5,
      mounts: [
        { device: '0:27', path: '/dev/shm', type: 'tmpfs', source: 'tmpfs', behindRemote: false },
        { device: '0:31', path: '/data/a b', type: 'tmpfs', source: 'none', behindRemote: true },
        { device: '0:32', path: '/data/a b/c', type: 'hugetlbfs', source: 'none', behindRemote: true },
      ],
    });
  });

  it('writes the numbers of a device', () => {
    expect(deviceText(27)).toBe('0:27');
    expect(deviceText(0xfe00)).toBe('254:0');
    // Minor numbers beyond 255, as tmpfs mounts of many containers have.
    expect(deviceText(0x10002c)).toBe('0:300');
    expect(deviceText(0x10_00_0000_00_01)).toBe('4096:1');
  });
});

describe('sockets', () => {
  const head =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';

  it('have queues in bytes; a listening one has connections in them', () => {
    const text = `${head}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000005 00:00000000 00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 08 00000010:0001F400 00:00000000 00000000     0        0 777 1 0000000000000000 20 4 30 10 -1
   2: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 01 00000001:00000002 01:00000014 00000000     0        0 0 1
broken
`;
    expect([...socketLines(text)]).toEqual([
      { state: 'LISTEN', inode: '12345', sendQueue: 0, receiveQueue: 0 },
      { state: 'CLOSE-WAIT', inode: '777', sendQueue: 16, receiveQueue: 128_000 },
      { state: 'ESTAB', inode: '0', sendQueue: 1, receiveQueue: 2 },
    ]);
    expect([...socketLines('')]).toEqual([]);
  });

  it('of packets have rings that ss prints', () => {
    const text = `Netid Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
p_raw 0      0      [34997]:* * ino:41 sk:1f ver:0 cpy_thresh:0 flags( running ) ring_rx(blk_size:65536,blk_nr:64,frm_size:2048,frm_nr:2048,tmo:0,features:0x0) ring_tx(blk_size:4096,blk_nr:2,frm_size:2048,frm_nr:4,tmo:0,features:0x0)
p_dgr 9      0      arp:eth0 * ino:42 sk:20 ver:0
`;
    expect(parsePacketSockets(text)).toEqual([
      { inode: '41', receiveQueue: 0, ringBytes: 64 * 65_536 + 8192 },
      { inode: '42', receiveQueue: 9, ringBytes: 0 },
    ]);
    expect(parsePacketSockets('ss: not found')).toEqual([]);
  });

  it('are counted', () => {
    expect(hasPacketSockets('sk               RefCnt Type Proto\n')).toBe(false);
    expect(hasPacketSockets('sk               RefCnt Type Proto\n000000006f51dc95 3 3 88b5\n')).toBe(true);
    expect(countUnixSockets('Num       RefCount\n00000000aade1cc1: 00000003 0\n00000000133c30f9: 00000003 0\n')).toBe(
      2,
    );
  });
});

describe('files of cgroups', () => {
  it('have other names in version 1', () => {
    const v1 =
      'cache 5\nrss 7\ntotal_cache 50\ntotal_rss 70\ntotal_shmem 9\ntotal_inactive_file 3\ntotal_swap 2\ntotal_workingset_refault_anon 1\ntotal_workingset_refault_file 4\n';
    expect(parseCgroupStat(v1, 1)).toMatchObject({
      file: 50,
      anon: 70,
      shmem: 9,
      inactiveFile: 3,
      swap: 2,
      refaults: 5,
      kernel: null,
      percpu: null,
    });
    const v2 =
      'anon 1\nfile 2\nkernel 3\nkernel_stack 4\npagetables 5\nsock 6\npercpu 7\nslab_reclaimable 8\nslab_unreclaimable 9\nworkingset_refault 10\n';
    expect(parseCgroupStat(v2, 2)).toMatchObject({
      anon: 1,
      file: 2,
      kernel: 3,
      kernelStack: 4,
      pageTables: 5,
      sock: 6,
      percpu: 7,
      slabReclaimable: 8,
      slabUnreclaimable: 9,
      refaults: 10,
      shmem: null,
    });
    expect(parseCgroupStat('', 2).anon).toBeNull();
  });

  it('say how often a limit was hit', () => {
    expect(keyedNumbers('low 0\noom_kill 3\n').get('oom_kill')).toBe(3);
  });
});

describe('parseSysvShm()', () => {
  it('returns what the segments take', () => {
    const text = `       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap
      4660          5  1600              33554432  2213  2213      1     0     0     0     0 1764494600          0 1764494600              33550336                  4096
-1056964608         6   600                  4096     1     1      0     0     0     0     0          0          0          0                     0                     0
`;
    expect(parseSysvShm(text)).toEqual([
      { id: '5', key: '00001234', creator: 2213, attached: 1, bytes: 33_550_336 },
      { id: '6', key: 'c1000000', creator: 1, attached: 0, bytes: 0 },
    ]);
    expect(parseSysvShm('MemTotal: 1 kB\n')).toBeNull();
  });
});
