import { describe, expect, it } from 'vitest';
import { bareName, plumbingPart } from '../../../src/rank/names/plumbing.js';
import { formatReport, pairText } from '../../helpers/text-trace.js';

describe('allocator plumbing', () => {
  it('a name is known whatever the compiler and allocation profiling appended', () => {
    expect(bareName('__alloc_pages_slowpath.constprop.0')).toBe('__alloc_pages_slowpath');
    expect(bareName('__slab_alloc.isra.0.cold')).toBe('__slab_alloc');
    expect(bareName('alloc_pages_bulk_noprof.part.0')).toBe('alloc_pages_bulk');
    expect(bareName('kvmalloc_node_noprof.llvm.1234567')).toBe('kvmalloc_node');
    expect(bareName('foo.partial')).toBe('foo.partial');
  });

  it.each([
    ['5.10', '__alloc_pages_nodemask', 'page'],
    ['6.1', '__alloc_pages', 'page'],
    ['6.12', '__alloc_pages_noprof', 'page'],
    ['6.18', '__alloc_frozen_pages_noprof', 'page'],
    ['6.1', 'kmalloc_trace', 'slab'],
    ['6.18', '__kmalloc_cache_noprof', 'slab'],
    ['6.18', '___kmalloc_large_node', 'slab'],
    ['5.4', 'kmalloc_order_trace', 'slab'],
    ['6.12', '__vmalloc_node_range_noprof', 'vmalloc'],
    ['6.18', 'pcpu_populate_chunk', 'percpu'],
    ['6.18', 'kmemdup_noprof', 'helper'],
    ['6.12', 'bpf_prog_6deef7357e7b4530_page_alloc', 'tracing'],
    ['6.1', '__traceiter_kmalloc', 'tracing'],
    ['6.12', 'bpf_trampoline_6442491387', 'tracing'],
    ['5.10', 'bpf_trampoline_6442562768_0', 'tracing'],
    ['6.6', 'bpf_dispatcher_xdp_func', 'tracing'],
    ['6.1', '__bpf_prog_enter_recur', 'tracing'],
    ['6.6', 'kprobe_ftrace_handler', 'tracing'],
    ['6.6', 'arch_rethook_trampoline', 'tracing'],
    ['5.10', '__kretprobe_trampoline', 'tracing'],
    // The BPF subsystem's own functions want memory like any other.
    ['any', 'bpf_prog_alloc_no_stats', null],
    ['any', 'bpf_prog_load', null],
    ['any', 'bpf_trampoline_update', null],
    ['any', 'bpf_dispatcher_change_prog', null],
    ['any', 'ftrace_process_locs', null],
    ['any', 'pte_alloc_one', null],
    ['any', 'vm_area_dup', null],
  ])('on %s, %s is %s', (_kernel, symbol, part) => {
    expect(plumbingPart(symbol)).toBe(part);
  });

  it('a reader starts at the first frame that is not plumbing', () => {
    const { report } = pairText(
      `0 palloc 1 order 0 __alloc_pages_noprof < alloc_pages_mpol < folio_alloc_noprof < filemap_read < vfs_read
       1 alloc a 8 kmalloc
       2 alloc b 4 ?unknown < foo
       3 alloc c 2 kmalloc[mod] < foo
       4 alloc d 1`,
    );
    expect(report({ sort: 'bytes' }).stacks.map((stack) => stack.firstFrame)).toEqual([3, 0, 0, 0, 0]);
  });

  it('a frame that becomes known later moves it', () => {
    const { report, symbols, core } = pairText('0 alloc a 8 ?leaf < foo');
    expect(report().stacks[0].firstFrame).toBe(0);
    expect(report().stacks[0].frames[0].symbol).toBe('0xffffffff81000000');
    const { hi, lo } = core.dictionary.stacks.frames;
    symbols.add({ addressHi: hi[1], addressLo: lo[1], symbol: '__kmalloc_noprof', offset: 7, module: null });
    expect(report().stacks[0].firstFrame).toBe(1);
    expect(report().stacks[0].frames[0]).toMatchObject({ symbol: '__kmalloc_noprof', offset: 7 });
  });
});

describe('backing pages', () => {
  const TRACE = `
    0 palloc 8 order 3 __alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < foo
    1 palloc 16 order 2 __alloc_pages < ___kmalloc_large_node < __kmalloc < foo
    2 palloc 32 order 1 alloc_pages_bulk_noprof < __vmalloc_area_node < vmalloc_noprof < foo
    3 palloc 64 order 0 __alloc_pages < pcpu_populate_chunk < pcpu_alloc < foo
    4 palloc 128 order 4 __alloc_pages < pte_alloc_one < __vmalloc_area_node < foo
    5 palloc 256 order 5 __alloc_pages < skb_page_frag_refill < asm_common_interrupt < allocate_slab < kmalloc
    6 alloc a 100 kmem_cache_alloc < foo`;

  it('are marked, and no byte counts twice in the distinct sum', () => {
    const report = pairText(TRACE).report();
    expect(report.stacks.filter((stack) => stack.category === 'backing').map((stack) => stack.count)).toEqual([
      8, 4, 2, 1,
    ]);
    expect(report.outstanding.backing).toEqual({ bytes: 15 * 4096, count: 15 });
    expect(report.outstanding.distinct.bytes).toBe(48 * 4096 + 100);
    expect(report.outstanding.page.bytes).toBe(63 * 4096);
  });

  it('are not backing where the allocator on top was not traced', () => {
    const report = pairText(TRACE, { host: { allocators: ['page'] } }).report({ sort: 'bytes' });
    expect(report.stacks.map((stack) => stack.category)).toEqual([
      'unaccounted',
      'page tables',
      'slab',
      'slab',
      'vmalloc',
      'percpu',
      'slab',
    ]);
    const some = pairText(TRACE, { host: { allocators: ['page', 'slab'] } }).report({ sort: 'bytes' });
    expect(some.outstanding.backing.count).toBe(12);
    // Backing pages come after all other rows, largest first.
    expect(formatReport(some).map((line) => line.split(' B ')[0])).toEqual([
      'page 131072',
      'page 65536',
      'page 8192',
      'page 4096',
      'slab 100',
      'page (backing) 32768',
      'page (backing) 16384',
    ]);
  });
});
