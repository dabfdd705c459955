import { describe, expect, it } from 'vitest';
import { findTracingFrames, isImage } from '../../../src/rank/names/tracing-frames.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { AddressSymbol } from '../../../src/symbols/symbol-table.js';
import { importText } from '../../helpers/text-import.js';
import { pairText } from '../../helpers/text-trace.js';

/** A path as `name+offset [module]`, leaf first; ? is a frame without a name. */
function frames(text: string): (AddressSymbol | null)[] {
  return text
    .trim()
    .split(/\s*<\s*/)
    .map((frame) => {
      const [, symbol, offset, module] = /^([^+ ]+)(?:\+(\d+))?(?: \[(.+)\])?$/.exec(frame) ?? [];
      return symbol === '?' ? null : { symbol, offset: Number(offset ?? 0), module: module ?? null };
    });
}

function found(text: string): { own: readonly number[]; hidden: readonly number[] } {
  const path = frames(text);
  return findTracingFrames(path.length, (position) => path[position]);
}

/** The first call path, as its functions. */
const shown = (report: Report): string => report.stacks[0].frames.map((frame) => frame.symbol).join(' < ');

describe('a trampoline in the middle of a path', () => {
  // Paths of guests with Linux 6.12 and 6.1; [bpf] is kallsyms' name for the area of images.
  it.each([
    [
      'under its own name',
      '__alloc_pages_noprof+552 < alloc_pages_bulk_noprof+889 < bpf_trampoline_6442491387+77 [bpf] < alloc_pages_bulk_noprof+9 < __vmalloc_node_range_noprof+591',
    ],
    [
      'under the name of the image below it, because it was made after the symbols were read',
      '__alloc_pages_noprof+552 < alloc_pages_bulk_noprof+889 < bpf_prog_f2dc85c9728d4577_count+1021 [bpf] < alloc_pages_bulk_noprof+9 < __vmalloc_node_range_noprof+591',
    ],
    [
      'without a name',
      'kmem_cache_alloc_node+377 < alloc_vmap_area+139 < ? < alloc_vmap_area+5 < __get_vm_area_node+178',
    ],
    [
      'under the name of a module below it',
      'kmem_cache_alloc_node+377 < alloc_vmap_area+139 < last_one+30000 [xfs] < alloc_vmap_area+5 < __get_vm_area_node+178',
    ],
    ['of a function that the compiler has split', 'kmalloc+4 < take.cold+20 < ? < take+12 < caller+8'],
    ['of a text without offsets', '__kmalloc < take < bpf_trampoline_6442491387 < take < caller'],
  ])('is found with the entry of its function: %s', (_, path) => {
    expect(found(path)).toEqual({ own: [2, 3], hidden: [2, 3] });
  });

  it('is hidden alone where the function stands once', () => {
    expect(found('kmalloc+4 < take+80 < bpf_trampoline_6442491387+77 [bpf] < caller+8')).toEqual({
      own: [2],
      hidden: [2],
    });
  });

  it.each([
    ['a stacked file system', 'kmalloc+4 < vfs_read+90 < ovl_read_iter+300 [overlay] < vfs_read+90 < ksys_read+9'],
    ['a stacked file system, without offsets', 'kmalloc < vfs_read < ovl_read_iter [overlay] < vfs_read < ksys_read'],
    ['a recursion over a frame without a name', 'kmalloc+4 < walk+90 < ? < walk+90 < start+9'],
    ['an entry above its body', 'kmalloc+4 < walk+5 < ? < walk+9 < start+9'],
    ['two modules with a function of one name', 'kmalloc+4 < probe+80 [a] < ? < probe+5 [b] < start+9'],
    ['no path', '?'],
  ])('is not seen in %s', (_, path) => {
    expect(found(path)).toEqual({ own: [], hidden: [] });
  });

  it("a program's own frame is of tracing, but it is shown", () => {
    const path =
      'kmalloc+4 < bpf_map_kmalloc_node+9 < bpf_prog_6deef7357e7b4530_count+90 [bpf] < bpf_trampoline_6442491387+7 [bpf] < do_sys_open+5';
    expect(found(path)).toEqual({ own: [2, 3], hidden: [3] });
  });

  it.each([
    ['ftrace_trampoline+0 [__builtin__ftrace]', true],
    ['kprobe_optinsn_page+6 [__builtin__kprobes]', true],
    ['bpf__tcp_congestion_ops_cong_avoid+6 [bpf]', true],
    ['bpf_prog_6deef7357e7b4530', true],
    ['bpf_prog_alloc_no_stats+6', false],
    ['bpf_trampoline_link_prog+6', false],
    ['nf_hook_run_bpf+6 [nf_conntrack]', false],
  ])('%s is an image: %s', (frame, image) => {
    const [only] = frames(frame);
    expect(only !== null && isImage(only)).toBe(image);
  });
});

describe('what a path with a trampoline means', () => {
  const SLAB = 'allocate_slab < ___slab_alloc < kmem_cache_alloc_bulk+208';
  const TRACE = `
    0 palloc 8 order 0 __alloc_pages < ${SLAB} < bpf_trampoline_6442491837[bpf] < kmem_cache_alloc_bulk+9 < take < work
    1 palloc 16 order 0 __alloc_pages < ${SLAB} < bpf_prog_395b00c1f4483773_count[bpf] < kmem_cache_alloc_bulk+9 < take < work
    2 palloc 32 order 0 __alloc_pages < ${SLAB} < ?tramp < kmem_cache_alloc_bulk+9 < take < work
    3 palloc 64 order 0 __alloc_pages < ${SLAB} < take < work`;

  it('pages of a slab stay backing, and a reader starts behind the allocator', () => {
    const { stacks } = pairText(TRACE).report();
    expect(stacks.map((stack) => stack.category)).toEqual(['backing', 'backing', 'backing', 'backing']);
    for (const stack of stacks) expect(stack.frames[stack.firstFrame].symbol).toBe('take');
  });

  it('pages of vmalloc stay backing, those of somebody else unaccounted', () => {
    const bulk =
      '__alloc_pages < alloc_pages_bulk_noprof+889 < bpf_trampoline_6442491387[bpf] < alloc_pages_bulk_noprof+9';
    const { report } = pairText(`0 palloc 8 order 0 ${bulk} < __vmalloc_node_range_noprof < load_module
      1 palloc 16 order 0 ${bulk} < page_pool_alloc_pages < driver_rx[driver]`);
    const stacks = report().stacks.toSorted((a, b) => a.stackId - b.stackId);
    expect(stacks.map((stack) => stack.category)).toEqual(['backing', 'unaccounted']);
    expect(stacks[1].frames[stacks[1].firstFrame].symbol).toBe('page_pool_alloc_pages');
  });

  it('a path is shown without it, and one path in a group, whatever its name', () => {
    const { report } = pairText(TRACE);
    expect(shown(report())).toBe('__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc_bulk < take < work');
    for (const group of ['path', 'site'] as const) {
      expect(report({ group }).stacks.map((stack) => stack.merged?.stacks ?? 1)).toEqual([4]);
    }
  });

  it('is no module of its own', () => {
    const { report } = pairText('0 alloc a 8 kmalloc < take+80 < bpf_trampoline_6442491837[bpf] < take+5 < rx[wifi]');
    expect(report({ group: 'module' }).stacks[0].merged?.label).toBe('wifi');
  });

  it('and an interrupt behind it is found at its place', () => {
    const { report } = pairText(
      '0 alloc a 8 kmalloc < take+80 < bpf_trampoline_6442491837[bpf] < take+5 < rx < common_interrupt < idle',
    );
    const [stack] = report().stacks;
    expect(stack.frames.map((frame) => frame.symbol)).toEqual(['kmalloc', 'take', 'rx', 'common_interrupt', 'idle']);
    expect([stack.firstFrame, stack.interruptedFrom]).toEqual([1, 3]);
  });

  it("perf's text of one, which calls the image a dso", () => {
    const text = `x 1/1 [000] 1.000000: kmem:mm_page_alloc: page=0x1 pfn=0x1 order=0 migratetype=0 gfp_flags=GFP_KERNEL
\tffffffff813c2868 __alloc_pages_noprof+0x228 ([kernel.kallsyms])
\tffffffffc0013659 bpf_trampoline_6442491387+0x4d (bpf_trampoline_6442491387)
\tffffffff813b371f take+0x24f ([kernel.kallsyms])

`;
    const { events } = importText('perf-script', text);
    expect(events[0]).toContain('bpf_trampoline_6442491387+0x4d [bpf]');
  });
});
