/** A census as the collector prints it, with parts of a test's own. */

/** Two nodes, pages of 4 KiB, every stage. The figures add up. */
export const RAW_CENSUS = {
  format: 'unfreed-census-raw',
  version: 1,
  kernel: '6.12.0-test',
  pageSize: 4096,
  time: {
    wallNs: 35_000_000,
    cpuNs: 34_000_000,
    longestCallNs: 90_000,
    calls: 400,
    bytesCopied: 1 << 28,
    maxRssBytes: 1 << 26,
  },
  zones: [
    { node: 0, zone: 'Normal', spannedPages: 100_000, presentPages: 100_000, managedPages: 98_000 },
    { node: 1, zone: 'Normal', spannedPages: 100_000, presentPages: 100_000, managedPages: 98_000 },
  ],
  classes: [
    { node: 0, class: 'free', pages: 30_000 },
    { node: 1, class: 'free', pages: 90_000 },
    { node: 0, class: 'unaccounted', pages: 60_000 },
    { node: 0, class: 'slab', pages: 10_000 },
    { node: 1, class: 'anon-held', pages: 10_000 },
  ],
  owners: [
    { path: '/web', id: 7, dying: false, charged: 'user', class: 'shmem', pages: 900, objects: 0, bytes: 0, cache: '' },
    { path: '/job', id: 9, dying: true, charged: 'user', class: 'shmem', pages: 500, objects: 0, bytes: 0, cache: '' },
    {
      path: '/job',
      id: 9,
      dying: true,
      charged: 'kernel',
      class: 'slab',
      pages: 0,
      objects: 20,
      bytes: 3840,
      cache: 'dentry',
    },
  ],
  areas: [
    { caller: 'kernel_clone', module: '', kind: 'stack', areas: 100, pages: 400 },
    { caller: 'load_module', module: '', kind: 'vmalloc', areas: 4, pages: 4000 },
  ],
  holders: [
    holder('unaccounted', 40_000, [link('slab', 'kmalloc-cg-1k', 'anon_pipe_buf_release')], 2500),
    holder(
      'unaccounted',
      12_000,
      [link('slab', 'kmalloc-1k', ''), link('slab', 'kmalloc-2k', 'sock_def_readable')],
      18,
    ),
    holder('unaccounted', 5000, [link('slab', 'kmalloc-96', 'uf_work', 'leaky')], 1),
    holder('unaccounted', 3000, [], 0),
    holder('anon-held', 6000, [link('slab', 'kmalloc-cg-1k', 'page_cache_pipe_buf_release')], 375),
    holder('anon-held', 4000, [link('slab', 'kmalloc-cg-1k', 'user_page_pipe_buf_try_steal')], 250),
  ],
  types: [
    {
      cache: 'kmalloc-256',
      sizeBytes: 256,
      live: 3010,
      total: 3200,
      badWalks: 0,
      rows: [
        { objects: 3000, chain: [link('slab', 'kmalloc-256', 'timerfd_tmrproc')] },
        { objects: 10, chain: [] },
      ],
    },
  ],
  orphans: {
    scans: 3,
    rows: [{ kind: 'slab', name: 'kmalloc-96', sizeBytes: 96, objects: 300, pages: 0, runs: 0, bpf: false }],
  },
  checks: [
    {
      what: 'pages of all classes / spanned pages',
      ours: 200_000,
      theirs: 200_000,
      unit: 'pages',
      withinPercent: 2,
      ok: true,
    },
  ],
  missing: [{ stage: 'owners', what: 'a field' }],
};

export function rawCensus(parts: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...RAW_CENSUS, ...parts });
}

/** `processes`: who has the file open, as the collector found it; absent = it could not look. */
export function holder(name: string, pages: number, chain: object[], objects: number, processes?: object[]): object {
  return { class: name, node: -1, pages, chain, objects, behindPages: 0, processes };
}

export function link(kind: string, name: string, hint: string, module = ''): object {
  return { kind, name, hint, hintKind: hint === '' ? '' : 'function', module };
}
