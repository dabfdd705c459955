/**
 * A known amount of memory is taken of each kind, and then the collector counts every page of the machine:
 * the class that it belongs to has grown by just that, within 1 %. No trace saw it taken.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pagesOf, type RawCensus, takeCensus } from '../../helpers/census.js';
import { buildLoads, Load, requireRoot } from '../../helpers/live.js';

const WITHIN = 0.01;
const PAGE = 4096;
const MIB = 2 ** 20;

interface Plant {
  kind: string;
  /** MiB. */
  amount: number;
  class: string;
  program?: 'hold-unmapped';
}

const PLANTS: readonly Plant[] = [
  { kind: 'pipes', amount: 1024, class: 'unaccounted' },
  { kind: 'packet', amount: 1024, class: 'unaccounted' },
  { kind: 'tcp', amount: 512, class: 'unaccounted' },
  { kind: 'vmsplice', amount: 1024, class: 'anon-held', program: 'hold-unmapped' },
  { kind: 'memfd', amount: 1024, class: 'shmem' },
  { kind: 'tmpfs', amount: 1024, class: 'shmem' },
  { kind: 'sysv', amount: 1024, class: 'shmem' },
  { kind: 'tables', amount: 512, class: 'pagetable' },
  { kind: 'hugetlb', amount: 1024, class: 'hugetlb' },
  { kind: 'bpf', amount: 1024, class: 'vmalloc' },
];

let load: Load | null = null;
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  await load?.end();
  load = null;
});

/** Takes memory; resolves to the pages that it is. */
async function plant({ kind, amount, program }: Plant): Promise<number> {
  const args = program === undefined ? [kind, String(amount)] : [String(amount)];
  load = await Load.start(program ?? 'plant', ...args);
  const { objects, truth } = await load.hold();
  return (objects?.[0].bytes ?? truth?.[0].bytes ?? amount * MIB) / PAGE;
}

const failed = ({ checks }: RawCensus): string[] =>
  checks.filter(({ ok }) => !ok).map(({ what, ours, theirs }) => `${what}: ${ours}, ${theirs}`);

/** A line of meminfo in pages. */
function line(name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 4;
}

// Others work on the machine, too: hence the retries.
describe('what each page is', () => {
  it.each(PLANTS)('$kind: $class', { retry: 3 }, async (what) => {
    const before = takeCensus();
    const pages = await plant(what);
    const after = takeCensus();
    const grown = pagesOf(after, what.class) - pagesOf(before, what.class);
    expect(Math.abs(grown / pages - 1), `${grown} beside ${pages}`).toBeLessThan(WITHIN);
    expect(after.missing).toEqual([]);
  });

  it('every page has one class, and the counts are those of the kernel', { retry: 3 }, () => {
    const census = takeCensus();
    const spanned = census.zones.reduce((sum, { spannedPages }) => sum + spannedPages, 0);
    expect(census).toMatchObject({ format: 'unfreed-census-raw', version: 1, pageSize: PAGE, missing: [] });
    expect(census.classes.reduce((sum, { pages }) => sum + pages, 0)).toBe(spanned);
    expect(failed(census)).toEqual([]);
    expect(census.checks.length).toBeGreaterThan(10);
  });

  it('slab pages are those that kpageflags has, and slabs the number of slabinfo', { retry: 3 }, () => {
    const census = takeCensus();
    expect(Math.abs(pagesOf(census, 'slab') / slabPages() - 1)).toBeLessThan(WITHIN);
    expect(pagesOf(census, 'slab') + pagesOf(census, 'large-kmalloc')).toBeGreaterThan(line('Slab') * (1 - WITHIN));
  });
});

/** Pages with KPF_SLAB. */
function slabPages(): number {
  const flags = execFileSync('cat', ['/proc/kpageflags'], { maxBuffer: 1 << 30 });
  let pages = 0;
  for (let at = 0; at < flags.length; at += 8) pages += (flags[at] >> 7) & 1;
  return pages;
}

const areasOf = ({ areas }: RawCensus) =>
  areas.find(({ caller }) => caller === 'array_map_alloc') ?? { areas: 0, pages: 0 };

/** Pages of the areas that vmalloc() gave to a function, by /proc/vmallocinfo. */
function kernelPagesOf(caller: string): number {
  const lines = readFileSync('/proc/vmallocinfo', 'utf8').split('\n');
  return lines
    .filter((text) => text.includes(` ${caller}+0x`))
    .reduce((sum, text) => sum + Number(/ pages=(\d+) /.exec(text)?.[1] ?? 0), 0);
}

describe('areas', () => {
  it('are those of a map of BPF, by the function that asked for them', { retry: 3 }, async () => {
    const before = areasOf(takeCensus());
    const pages = await plant({ kind: 'bpf', amount: 1024, class: 'vmalloc' });
    const after = takeCensus();
    const largest = after.areas.toSorted((a, b) => b.pages - a.pages).slice(0, 5);
    // Others load maps meanwhile, but none of that size.
    expect(areasOf(after).areas - before.areas).toBeGreaterThan(0);
    expect(
      Math.abs((areasOf(after).pages - before.pages) / pages - 1),
      `${pages} pages planted, ${before.pages} before; now ${JSON.stringify(largest)}`,
    ).toBeLessThan(WITHIN);
  });

  it('are not those that lay there before', { retry: 3 }, async () => {
    for (const amount of [200, 700, 100, 900]) {
      // Objects that describe an area keep what they said when it is freed: of these, and of the collector's own.
      await plant({ kind: 'bpf-hash', amount, class: 'vmalloc' });
      await load?.end();
      takeCensus();
    }
    await plant({ kind: 'bpf', amount: 1024, class: 'vmalloc' });
    const { areas } = takeCensus();
    for (const caller of ['array_map_alloc', 'htab_map_alloc', 'pcpu_create_chunk', 'alloc_large_system_hash']) {
      const pages = areas.filter((area) => area.caller === caller).reduce((sum, area) => sum + area.pages, 0);
      const kernel = kernelPagesOf(caller);
      // The census has maps of its own, which are gone when vmallocinfo is read.
      expect(Math.abs(pages - kernel), `${caller}: ${pages}, vmallocinfo ${kernel}`).toBeLessThan(1024);
    }
  });

  it('stacks, per-CPU chunks and modules have their kind', () => {
    const { areas } = takeCensus();
    const kinds = new Set(areas.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['stack', 'percpu', 'vmalloc', 'ioremap']));
    // An area that was freed is unmapped later, with many others: its caller is gone by then.
    const nameless = areas.filter(({ caller }) => caller === '').reduce((sum, { areas: count }) => sum + count, 0);
    expect(nameless).toBeLessThanOrEqual(3);
  });
});

const mine = ({ owners }: RawCensus) => owners.filter(({ path }) => path === `/unfreed-census-${process.pid}`);

describe('owners', () => {
  const tree = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
  const group = `${tree}/unfreed-census-${process.pid}`;
  const file = `/dev/shm/unfreed-census-${process.pid}`;

  it('a cgroup that was removed keeps its name, and exactly its pages', () => {
    mkdirSync(group);
    try {
      execFileSync('sh', ['-c', `echo $$ > ${group}/cgroup.procs && exec dd if=/dev/zero of=${file} bs=1M count=40`], {
        stdio: 'ignore',
      });
      const shmem = { dying: false, charged: 'user', class: 'shmem', pages: 40 * 256, objects: 0, cache: '' };
      expect(mine(takeCensus())).toContainEqual(expect.objectContaining(shmem));
      rmdirSync(group);
      expect(mine(takeCensus())).toContainEqual(expect.objectContaining({ ...shmem, dying: true }));
    } finally {
      if (existsSync(group)) rmdirSync(group);
      rmSync(file, { force: true });
    }
  });

  it('thousands of removed cgroups: each of them', async () => {
    load = await Load.start('plant', 'cgroups', '4000');
    await load.hold();
    const rows = takeCensus().owners.filter(({ path }) => path === `/unfreed-plant-${load?.pid}`);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4000);
    expect(
      rows.filter(({ class: name, dying }) => name === 'shmem' && dying).reduce((sum, { pages }) => sum + pages, 0),
    ).toBe(4000);
  });

  it('of objects: names that do not exist, by the cgroup that asked for them', () => {
    mkdirSync(group);
    try {
      const ask = `import os\nfor i in range(20000):\n  os.path.exists(f"/var/tmp/unfreed-census-none-${process.pid}-{i}")`;
      execFileSync('sh', ['-c', `echo $$ > ${group}/cgroup.procs && exec python3 -c '${ask}'`]);
      const dentries = mine(takeCensus()).find(({ cache }) => cache === 'dentry');
      expect(dentries).toMatchObject({ dying: false, charged: 'kernel', class: 'slab', pages: 0 });
      expect(dentries?.objects).toBeGreaterThanOrEqual(20_000);
      expect(dentries?.objects).toBeLessThan(20_000 * 1.02);
    } finally {
      rmdirSync(group);
    }
  });
});
