import { expect, it } from 'vitest';
import { pairText } from '../../helpers/text-trace.js';

/** Returns the first words of the notes, by rank. */
function notes(text: string): (string | undefined)[] {
  return pairText(text)
    .report()
    .stacks.map((stack) => stack.note?.split(':')[0]);
}

it('a call path that fills a pool says so', () => {
  expect(
    notes(`
      0 alloc a 900 kmem_cache_alloc_noprof < mempool_alloc_slab < mempool_alloc_noprof < bio_alloc_bioset
      1 alloc b 800 kmalloc < kmalloc_reserve < __alloc_skb < sock_wmalloc
      2 alloc c 700 __kmalloc < alloc_empty_sheaf < __pcs_replace_empty_main < kmem_cache_alloc < foo
      3 alloc d 600 kmalloc < foo < bar < baz < mempool_alloc`),
  ).toEqual(['a mempool', 'socket buffers', 'a sheaf of slab objects', undefined]);
  expect(
    notes(`
      0 palloc 8 order 3 __alloc_pages < __page_frag_cache_refill < page_frag_alloc_align < foo
      1 palloc 16 order 2 __alloc_pages < __page_pool_alloc_page_order < page_pool_alloc_netmems < mlx5_x[mlx5]
      2 palloc 32 order 1 __alloc_pages < foo < bar`),
  ).toEqual(['a page fragment cache', 'a page pool', undefined]);
});

it('address space is no memory, but what is taken on the way to it is', () => {
  expect(
    notes(`
      0 valloc a 1 alloc_vmap_area < __get_vm_area_node < get_vm_area_caller < __ioremap_caller < foo[drv]
      1 alloc b 64 kmalloc_node < get_vm_area_caller < __ioremap_caller < foo[drv]`),
  ).toEqual(['address space only', undefined]);
});
