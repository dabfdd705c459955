import { describe, expect, it } from 'vitest';
import { gaugesOf } from '../../../src/triage/answer/gauges.js';
import { gatherFacts } from '../../../src/triage/gather-facts.js';
import { gaugeAmounts, gaugeName, gaugeNote } from '../../../src/triage/words.js';
import { type LookParts, lookAt, processRow } from '../../helpers/look.js';
import { cgroup } from '../../helpers/rule-cases.js';

const MIB = 2 ** 20;
const gauges = (parts: LookParts) => gaugesOf(gatherFacts(lookAt(parts)));

const SYS = {
  'proc/net/sockstat': 'TCP: inuse 1 orphan 5 tw 0 alloc 9 mem 90\nUDP: inuse 1 mem 7\n',
  'proc/sys/net/ipv4/tcp_mem': '10\t100\t200\n',
  'proc/sys/net/ipv4/udp_mem': '10\t20\t70\n',
  'proc/sys/net/ipv4/tcp_max_orphans': '10\n',
  'proc/sys/net/netfilter/nf_conntrack_count': '81\n',
  'proc/sys/net/netfilter/nf_conntrack_max': '100\n',
  'proc/sys/net/core/bpf_jit_limit': '8192\n',
  'proc/sys/kernel/pid_max': '100\n',
  'proc/sys/vm/max_map_count': '65530\n',
  'proc/vmallocinfo': '0x1-0x2 12288 bpf_jit_alloc_exec+0x1/0x2 pages=2 vmalloc\n',
};

describe('gaugesOf', () => {
  it('has use, limit, unit and share of every limit whose use is known, the fullest first, those above 80 % near', () => {
    const { gauges: all, more } = gauges({
      texts: SYS,
      tables: {
        'table/processes': [processRow(7, 'java', { threads: 40 }), processRow(8, 'sh')],
        'table/mappings': [
          [8, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0],
          [7, 0, 0, 0, 0, 0, 60_000, 0, 0, 0, 0, 0],
        ],
        'table/sockets': [
          ['tcp', 'ESTAB', 8, 'sh', 3, 4096, 0, 0],
          ['tcp', 'ESTAB', 7, 'java', 1, 100, 0, 0],
        ],
        'table/mounts': [
          ['/dev/shm', 'tmpfs', '0:20', 1, 48 * MIB, 64 * MIB, 3, 0, ''],
          ['/run', 'tmpfs', '0:21', 1, 0, 64 * MIB, 0, 0, ''],
        ],
      },
    });
    expect(more).toBe(0);
    expect(
      all.map(({ name, of, used, limit, unit, near, holder }) => [name, of, used, limit, unit, near, holder]),
    ).toEqual([
      ['bpf_jit_limit', '', 8192, 8192, 'bytes', true, ''],
      ['max_map_count', '', 60_000, 65_530, 'mappings', true, '7 java'],
      ['nf_conntrack', '', 81, 100, 'connections', true, ''],
      ['tmpfs size', '/dev/shm', 48 * MIB, 64 * MIB, 'bytes', false, ''],
      ['tcp_max_orphans', '', 5, 10, 'sockets', false, ''],
      ['tcp_mem', '', 90 * 4096, 200 * 4096, 'bytes', false, '8 sh'],
      ['pid_max', '', 41, 100, 'threads', false, '7 java'],
      ['udp_mem', '', 7 * 4096, 70 * 4096, 'bytes', false, ''],
    ]);
    expect(all.map(({ share }) => share)).toEqual(all.map(({ used, limit }) => used / limit));
  });

  it('leaves out a limit whose use is not known, a use without a limit, and limits that are none', () => {
    const { gauges: all } = gauges({
      texts: {
        'proc/sys/kernel/pid_max': '32768\n',
        'proc/sys/net/ipv4/tcp_mem': '1 2 3\n',
        'proc/sys/fs/file-nr': '9\t0\t0\n',
      },
      tables: {
        'table/cgroups': [
          cgroup('/', { current: 5 * MIB }),
          cgroup('/none', { current: 5 * MIB, max: 0 }),
          // LONG_MAX, rounded down to pages, as version 1 writes "no limit".
          cgroup('/v1', { current: 5 * MIB, max: 9_223_372_036_854_772_000 }),
        ],
      },
    });
    expect(all).toEqual([]);
  });

  it('has memory.max of cgroups, and says how much of it is file cache', () => {
    const rows = [
      cgroup('/pod/a', { current: 90 * MIB, max: 100 * MIB, inactiveFile: 30 * MIB }),
      cgroup('/pod/b', { current: 10 * MIB, max: 100 * MIB }),
    ];
    const { gauges: all } = gauges({ tables: { 'table/cgroups': rows } });
    expect(all.map((gauge) => [gaugeName(gauge), gaugeAmounts(gauge), gaugeNote(gauge), gauge.near])).toEqual([
      ['memory.max of /pod/a', '90.0 MiB of 100 MiB', '30.0 MiB of it file cache', true],
      ['memory.max of /pod/b', '10.0 MiB of 100 MiB', '', false],
    ]);
  });

  it('names the limit as version 1 does', () => {
    const row = cgroup('/a', { current: MIB, max: 2 * MIB });
    row[1] = 1;
    expect(gauges({ tables: { 'table/cgroups': [row] } }).gauges[0].name).toBe('memory.limit_in_bytes');
  });

  it('lists the fullest of many cgroups, and counts the others', () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => cgroup(`/c${index}`, { current: index, max: 50_000 }));
    const { gauges: all, more } = gauges({
      texts: { 'proc/sys/fs/file-nr': '9\t0\t100\n' },
      tables: { 'table/cgroups': rows },
    });
    expect(all[0].of).toBe('/c49999');
    expect(all.at(-1)).toMatchObject({ name: 'file-max', used: 9, limit: 100 });
    expect([all.length, more]).toEqual([41, 50_000 - 40]);
  });

  it('counts no threads where not all processes were found, unless they were counted', () => {
    const parts: LookParts = {
      texts: { 'proc/sys/kernel/pid_max': '100\n' },
      tables: { 'table/processes': [processRow(7, 'java', { threads: 40 })] },
      notRead: [{ what: 'table/processes', why: 'took too long: 1 of 2 were read' }],
    };
    expect(gauges(parts).gauges).toEqual([]);
    const counted: LookParts = {
      ...parts,
      tables: { ...parts.tables, 'table/census': [['task_struct', 90, 'threads of all processes']] },
    };
    expect(gauges(counted).gauges).toMatchObject([{ name: 'pid_max', used: 90, near: true, holder: '7 java' }]);
  });

  it('has the commit limit only where the kernel keeps it', () => {
    const gib = { CommitLimit: 8, Committed_AS: 7 };
    expect(gauges({ gib, texts: { 'proc/sys/vm/overcommit_memory': '0\n' } }).gauges).toEqual([]);
    const [gauge] = gauges({ gib, texts: { 'proc/sys/vm/overcommit_memory': '2\n' } }).gauges;
    expect(gauge).toMatchObject({ name: 'CommitLimit', used: 7 * 2 ** 30, limit: 8 * 2 ** 30, near: true });
  });
});
