import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/rank/report/report.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { CurveVerdicts } from '../../../src/rank/verdict/curve-verdicts.js';
import { HISTORY_DURATIONS_NS, historyCore, historyReport } from '../../helpers/history-traces.js';
import { pairText } from '../../helpers/text-trace.js';

/** Returns the first frame of each row, in order. */
function firstFrames(report: Report): string[] {
  return report.stacks.map((stack) => stack.frames[stack.firstFrame]?.symbol ?? '');
}

describe('without verdicts, the memory nobody accounts for comes before more of what the kernel can take back', () => {
  const { report } = pairText(`
    0 palloc 0x1000 order 9 comm=cat pid=1 __alloc_pages_noprof < filemap_alloc_folio_noprof < cat_reads
    1 palloc 0x2000 order 9 comm=cc pid=2 __alloc_pages_noprof < do_anonymous_page < cc_faults
    2 palloc 0x3000 order 2 comm=sh pid=3 __alloc_pages_noprof < anon_pipe_write
    3 alloc a 32768 kmalloc < driver_probe
    4 alloc b 300000 cache=dentry kmem_cache_alloc < d_alloc
    5 alloc c 4000 cache=skbuff kmem_cache_alloc < alloc_skb
    6 palloc 0x9000 order 4 __alloc_pages_noprof < new_slab < ___slab_alloc < slab_user
  `);

  it('by weight, not by tier', () => {
    expect(firstFrames(report())).toEqual([
      'anon_pipe_write',
      'driver_probe',
      'do_anonymous_page',
      'alloc_skb',
      'cat_reads',
      'd_alloc',
      'slab_user',
    ]);
  });

  it('and by bytes when asked', () => {
    expect(firstFrames(report({ sort: 'bytes' }))).toEqual([
      'cat_reads',
      'do_anonymous_page',
      'd_alloc',
      'driver_probe',
      'anon_pipe_write',
      'alloc_skb',
      'slab_user',
    ]);
  });
});

/** Names of slab rows in order; all hold as many bytes. */
function order(lines: string): string[] {
  return firstFrames(
    pairText(
      lines
        .trim()
        .split('\n')
        .map((line, i) => `${i} alloc a${i} 4096 ${line.trim()}`)
        .join('\n'),
    ).report(),
  );
}

describe('a call path weighs by who holds its memory, where the name of its cache lies', () => {
  it('nodes of an IDR or xarray of a driver are not shrunk, those of the page cache go with its pages', () => {
    expect(
      order(`
        cache=radix_tree_node kmem_cache_alloc_lru < xas_alloc < xas_create < xas_store < __filemap_add_folio
        cache=radix_tree_node kmem_cache_alloc < radix_tree_node_alloc < idr_get_free < idr_alloc_u32
        cache=radix_tree_node kmem_cache_alloc_lru < xas_nomem < shmem_add_to_page_cache < shmem_get_folio_gfp
        cache=xa_node kmem_cache_alloc_lru < xas_create < __xa_store < drv_keep_handle[drv]`),
    ).toEqual(['radix_tree_node_alloc', 'xas_create', 'xas_alloc', 'xas_nomem']);
  });

  it('dentries and inodes of pipes, sockets and anonymous files are pinned, those of files are shrunk', () => {
    expect(
      order(`
        cache=dentry kmem_cache_alloc_lru < __d_alloc < d_alloc_parallel < lookup_open
        cache=dentry kmem_cache_alloc_lru < __d_alloc < d_alloc_pseudo < alloc_path_pseudo < alloc_file_pseudo
        cache=inode_cache kmem_cache_alloc_lru < alloc_inode < new_inode_pseudo < get_pipe_inode < create_pipe_files
        cache=ext4_inode_cache kmem_cache_alloc_lru < ext4_alloc_inode < alloc_inode < iget_locked
        cache=inode_cache kmem_cache_alloc_lru < inode_of_anon < anon_inode_make_secure_inode < kvm_create_vm`).slice(
        0,
        3,
      ),
    ).toEqual(['__d_alloc', 'alloc_inode', 'inode_of_anon']);
  });

  it('a function behind an interrupt says nothing of the memory', () => {
    const path = 'kmem_cache_alloc < __d_alloc < asm_sysvec_apic_timer_interrupt < d_alloc_pseudo';
    const { report } = pairText(`0 alloc a 100000 cache=dentry ${path}\n1 alloc b 100 kmalloc < foo`);
    expect(firstFrames(report())).toEqual(['foo', '__d_alloc']);
  });

  it("another tracer's maps come after memory that only the kernel's own code gives back", () => {
    const { report } = pairText(`
      0 valloc a 12 alloc_vmap_area < __vmalloc_node_range < __bpf_map_area_alloc < array_map_alloc < map_create
      1 valloc b 8 alloc_vmap_area < __vmalloc_node_range < drv_probe[drv]
      2 palloc 64 order 4 alloc_pages < rb_alloc < perf_mmap`);
    expect(report().stacks.map(({ note, frames, firstFrame }) => [frames[firstFrame].symbol, note])).toEqual([
      ['drv_probe', null],
      ['rb_alloc', expect.stringMatching(/of another tracer or agent/)],
      ['__bpf_map_area_alloc', expect.stringMatching(/of another tracer or agent/)],
    ]);
  });

  it('buffer objects of a GPU driver weigh more than a file in tmpfs, and both are shmem', () => {
    const { report } = pairText(`
      0 palloc 0 order 6 alloc_pages < shmem_alloc_folio < shmem_get_folio_gfp < shmem_file_write_iter
      1 palloc 64 order 2 alloc_pages < shmem_alloc_folio < shmem_get_folio_gfp < shmem_read_folio_gfp < drm_gem_get_pages[drm]`);
    const [gem, file] = report().stacks;
    expect([gem.count, gem.category, file.category, file.note]).toEqual([4, 'shmem', 'shmem', null]);
    expect(gem.note).toMatch(/GPU driver/);
  });
});

describe.each([1, 2, 3])('histories, seed %i', (seed) => {
  const core = historyCore(seed, 1200e9);
  const all = historyReport(core);
  // kmalloc weighs a quarter of unaccounted memory; the same for all rows here.
  const weights: Record<string, number> = {
    growing: 16,
    'in-steps': 16,
    rested: 4,
    'one-time': 1,
    steady: 1 / 4,
    churning: 1 / 16,
  };
  const score = (stack: ReportStack): number => stack.bytes * (stack.verdict === null ? 1 : weights[stack.verdict]);

  it('come by bytes times the weight of their verdict', () => {
    expect(all.selection.sort).toBe('suspect');
    expect(all.stacks.map(score)).toEqual(all.stacks.map(score).toSorted((a, b) => b - a));
    expect(all.stacks.filter((stack) => stack.verdict === 'growing').length).toBeGreaterThanOrEqual(6);
  });

  it.each(['suspect', 'growth', 'verdict'] as const)(
    'grouped by site, of which each is one call path, in the same order by %s',
    (sort) => {
      const rows = historyReport(core, { sort, group: 'site' }).stacks;
      const ids = historyReport(core, { sort }).stacks.map((stack) => stack.stackId);
      expect(rows.map((stack) => stack.stackId)).toEqual(ids);
      expect(rows.map((stack) => stack.rank)).toEqual(ids.map((_, i) => i + 1));
    },
  );

  it('come by growth, and by verdict', () => {
    const growth = historyReport(core, { sort: 'growth' }).stacks.map((stack) => stack.growth?.bytesPerHour ?? 0);
    expect(growth).toEqual(growth.toSorted((a, b) => b - a));
    const verdicts = historyReport(core, { sort: 'verdict' }).stacks.map((stack) => stack.verdict);
    const places = ['growing', 'in-steps', 'rested', 'one-time', null, 'steady', 'churning'];
    expect(verdicts).toEqual(verdicts.toSorted((a, b) => places.indexOf(a) - places.indexOf(b)));
  });

  it.each(['suspect', 'growth', 'verdict'] as const)(
    'by %s: a shorter list is the beginning of a longer one',
    (sort) => {
      const ids = (limit: number): number[] =>
        historyReport(core, { sort, limit }).stacks.map((stack) => stack.stackId);
      expect(ids(5)).toEqual(ids(100).slice(0, 5));
    },
  );
});

it('a row that grows is called so, wherever it stands in a report of thousands', () => {
  const lines = Array.from(
    { length: 2100 },
    (_, i) => `${i * 1000} alloc ${(0x100000 + i * 64).toString(16)} 65536 once${i}`,
  );
  for (let i = 0; i < 200; i++) {
    lines.push(`${10e6 + i * 300e6} alloc ${(0x900000 + i * 64).toString(16)} 64 leaks`);
  }
  const { stacks } = pairText(`${lines.join('\n')}\n60000000000 clock`).report({ sort: 'bytes', limit: 3000 });
  expect(stacks.map(({ verdict }) => verdict).filter((verdict) => verdict === 'growing')).toEqual(['growing']);
  expect(stacks.at(-1)).toMatchObject({ rank: 2101, verdict: 'growing', bytes: 200 * 64 });
  expect(stacks[2050]).toMatchObject({ verdict: null, growth: null });
});

it.each([1, 2, 3, 4, 5, 6])('nothing grows that is passed over as not rising, seed %i', (seed) => {
  for (const durationNs of HISTORY_DURATIONS_NS) {
    const core = historyCore(seed, durationNs);
    const curveVerdicts = new CurveVerdicts(core, false);
    for (const { verdict, stackId } of historyReport(core).stacks) {
      const row = core.paths.findRow(stackId);
      if (verdict === 'growing') expect(curveVerdicts.lateRise(row)).toBeGreaterThanOrEqual(2048);
    }
  }
});
