import { describe, expect, it } from 'vitest';
import { shortHolderText } from '../../src/census/holder-text.js';
import { judgeCensus } from '../../src/census/judge-census.js';
import { parseCensus } from '../../src/census/parse-census.js';
import type { Possession } from '../../src/census/possessions.js';
import type { CensusHolder, CensusReport } from '../../src/census/report.js';
import { holder, link, rawCensus } from '../helpers/raw-census.js';

function reportOf(parts: Record<string, unknown> = {}, possessions: Possession[] = []): CensusReport {
  const census = parseCensus(rawCensus(parts));
  if (census === null) throw new Error('no census');
  return judgeCensus({ source: 'this machine', timeMs: 0, census, possessions });
}

function pipes(pid: number, count: number): Possession {
  return { kind: 'pipes', pid, comm: 'leak.py', count, bytes: null };
}

const PIPES = [link('slab', 'kmalloc-cg-1k', 'anon_pipe_buf_release')];
const NO_ROW: CensusHolder = {
  class: '',
  pages: 0,
  bytes: 0,
  holder: '',
  text: '',
  kind: null,
  module: '',
  objects: 0,
  behindPages: 0,
  chains: [],
  processes: [],
  unownedPages: null,
  deltaPages: null,
};

function textOf(...possessions: Possession[]): string {
  return shortHolderText(reportOf({}, possessions).holders?.[0] ?? NO_ROW);
}

describe('a census in words', () => {
  it('sums classes over nodes, keeps them apart where there are two, and loses no page', () => {
    const { classes, nodes, machine } = reportOf();
    expect(classes[0]).toMatchObject({ class: 'free', pages: 120_000, bytes: 120_000 * 4096 });
    expect(classes.reduce((sum, { pages }) => sum + pages, 0)).toBe(machine.spannedPages);
    expect(nodes).toHaveLength(5);
    expect(reportOf({ zones: [{ node: 0, zone: 'Normal', spannedPages: 1 }] }).nodes).toEqual([]);
  });

  it('puts chains of one meaning into one row, the largest first, and names what no rule knows by its chain', () => {
    const rows = reportOf().holders?.map(({ class: name, pages, text, module }) => [name, pages, text, module]);
    expect(rows).toEqual([
      ['unaccounted', 40_000, 'full pipes', ''],
      ['unaccounted', 12_000, 'rings of packet sockets', ''],
      ['anon-held', 10_000, 'pages of files or processes that were moved into pipes (splice, vmsplice)', ''],
      ['unaccounted', 5000, 'kmalloc-96{uf_work}', 'leaky'],
      ['unaccounted', 3000, 'nothing was found that refers to them', ''],
    ]);
  });

  it('without processes of the collector, names those that have such things open, and claims no pages for them', () => {
    const two = reportOf({}, [pipes(7, 500), pipes(8, 2000)]).holders?.[0].processes;
    expect(two?.map(({ pid, count, pages }) => [pid, count, pages])).toEqual([
      [8, 2000, null],
      [7, 500, null],
    ]);
    const rings: Possession[] = [
      { kind: 'packet', pid: 5, comm: 'sniff', count: 1, bytes: 4096 * 1000 },
      { kind: 'packet', pid: 6, comm: 'suricata', count: 17, bytes: 4096 * 11_000 },
    ];
    expect(reportOf({}, rings).holders?.[1].processes.map(({ comm, pages }) => [comm, pages])).toEqual([
      ['suricata', 11_000],
      ['sniff', 1000],
    ]);
  });

  it('claims no pages for those that only have such things open, and names none with next to nothing', () => {
    expect(textOf(pipes(7, 900), pipes(8, 6), pipes(9, 90))).toBe(
      'full pipes (by whom is not known; open: 900 pipes of leak.py (pid 7), 90 pipes of leak.py (pid 9))',
    );
    expect(textOf()).toBe('full pipes');
  });

  it('names whom the collector found, whatever else is open', () => {
    const found = holder('unaccounted', 100, PIPES, 6, [{ pid: 8, comm: 'leak.py', objects: 6, pages: 96 }]);
    const [row] = reportOf({ holders: [found] }, [pipes(7, 900)]).holders ?? [];
    expect(shortHolderText(row ?? NO_ROW)).toBe('full pipes: 6 pipes of leak.py (pid 8)');
    expect(row?.processes.map(({ pid, pages }) => [pid, pages])).toEqual([[8, 96]]);
  });

  it('says of a removed cgroup what is still charged to it', () => {
    expect(reportOf().owners.map(({ path, dying, bytes }) => [path, dying, bytes])).toEqual([
      ['/web', false, 900 * 4096],
      ['/job', true, 500 * 4096 + 3840],
    ]);
  });

  it.each([
    ['rings of io_uring', [link('slab', 'kmalloc-2k', 'io_fallback_req_func')]],
    ['fixed buffers of io_uring', [link('page', '', 'io_release_ubuf')]],
    [
      'data in queues of TCP sockets',
      [link('slab', 'skbuff_small_head', ''), link('slab', 'TCP', 'sock_def_readable')],
    ],
    [
      'unread data of unix sockets',
      [link('slab', 'kmalloc-cg-4k', ''), link('slab', 'skbuff_head_cache', 'unix_wfree')],
    ],
    ['data in queues of sockets', [link('slab', 'skbuff_small_head', 'sock_rfree')]],
    ['rings of packet sockets', [link('page', 'large-kmalloc', ''), link('slab', 'kmalloc-2k', 'sock_def_readable')]],
    ['tables of the kernel itself', [link('static', '', 'tcp_orphan_update')]],
    ['buffers of tracing', [link('slab', 'kmalloc-64', ''), link('slab', 'kmalloc-1k', 'update_pages_handler')]],
    ['compressed memory (zram, zswap)', [link('slab', 'kmalloc-64', 'zs_malloc')]],
  ])('knows %s', (text, chain) => {
    expect(reportOf({ holders: [holder('unaccounted', 10, chain, 1)] }).holders?.[0].text).toBe(text);
  });

  // Symbols that begin as those of another subsystem do, and sockets that hold no data.
  it.each([
    ['a group of NFS users', [link('slab', 'kmalloc-1k', 'unix_gid_put')]],
    ['a raw socket', [link('slab', 'kmalloc-64', ''), link('slab', 'RAW', 'inet_sock_destruct')]],
    [
      'what an epoll of an idle TCP socket refers to',
      [link('slab', 'eventpoll_epi', ''), link('slab', 'TCP', 'tcp_close')],
    ],
    ['an interrupt of a display', [link('slab', 'kmalloc-2k', 'dm_pflip_high_irq')]],
    ['a file of netlink', [link('slab', 'kmalloc-2k', 'sock_def_readable')]],
    ['a BPF program', [link('slab', 'kmalloc-1k', 'prog_array_map_alloc')]],
  ])('does not take %s for something else', (_, chain) => {
    const [row] = reportOf({ holders: [holder('unaccounted', 10, chain, 1)] }).holders ?? [];
    expect(row?.text).toBe(row?.holder);
  });

  it('says of objects what is found in them, not what pages behind such objects would be', () => {
    const types = [
      {
        cache: 'filp',
        sizeBytes: 232,
        live: 9,
        total: 9,
        badWalks: 0,
        rows: [{ objects: 9, chain: [link('slab', 'filp', 'pipe_read')] }],
      },
    ];
    expect(reportOf({ types }).types?.[0].rows[0].text).toBe('filp{pipe_read}');
  });
});
