import { describe, expect, it } from 'vitest';
import {
  ADDRESS_SPACES,
  ALLOCATOR_COUNT,
  ALLOCATOR_NAMES,
  ALLOCATOR_OF_KIND,
  BEFORE_BIT,
  byAllocator,
  FREE_BIT,
  HEAP,
  isInPages,
  isOfProcess,
  KERNEL_ALLOCATORS,
  KIND_MASK,
  kindName,
  MAPPED,
  PAGE,
  PERCPU,
  RESERVED,
  SLAB,
  VMALLOC,
  valuesOf,
} from '../../src/event/kinds.js';

describe('the table of address spaces', () => {
  it('has each space at the place of its wire number', () => {
    expect(ALLOCATOR_NAMES).toEqual(['page', 'slab', 'percpu', 'vmalloc', 'heap', 'map', 'reserved']);
    const numbers = [PAGE, SLAB, PERCPU, VMALLOC, HEAP, MAPPED, RESERVED];
    expect(numbers.map((allocator) => ADDRESS_SPACES[allocator].name)).toEqual(ALLOCATOR_NAMES);
    expect(ALLOCATOR_COUNT).toBe(7);
    expect(KERNEL_ALLOCATORS).toEqual(['page', 'slab', 'percpu', 'vmalloc']);
    expect(ALLOCATOR_NAMES.filter((_, allocator) => isOfProcess(allocator))).toEqual(['heap', 'map', 'reserved']);
  });

  it('gives every kind of the wire its space and its tracepoint', () => {
    const rows: [number, number, string][] = [];
    // A row from before the trace has BEFORE_BIT; no event has it.
    for (let kind = BEFORE_BIT; kind <= KIND_MASK; kind++) expect(ALLOCATOR_OF_KIND[kind]).toBe(255);
    for (let kind = 0; kind < BEFORE_BIT; kind++) {
      const name = kindName(kind);
      expect(name === null).toBe(ALLOCATOR_OF_KIND[kind] === 255);
      if (name !== null) rows.push([kind, ALLOCATOR_OF_KIND[kind], name]);
    }
    expect(rows).toEqual([
      [1, SLAB, 'kmalloc'],
      [2, SLAB, 'kmem_cache_alloc'],
      [3, PAGE, 'mm_page_alloc'],
      [4, PERCPU, 'percpu_alloc_percpu'],
      [5, VMALLOC, 'alloc_vmap_area'],
      [6, HEAP, 'heap_alloc'],
      [7, MAPPED, 'map'],
      [10, RESERVED, 'reserve'],
      [17, SLAB, 'kfree'],
      [18, SLAB, 'kmem_cache_free'],
      [19, PAGE, 'mm_page_free'],
      [20, PERCPU, 'percpu_free_percpu'],
      [21, VMALLOC, 'free_vmap_area_noflush'],
      [22, HEAP, 'heap_free'],
      [23, MAPPED, 'unmap'],
      [24, PAGE, 'page_moved_from'],
      [25, PAGE, 'page_moved_to'],
      [26, MAPPED, 'range_moved_from'],
      [27, MAPPED, 'range_moved_to'],
      [28, MAPPED, 'became_reserved'],
      [29, RESERVED, 'became_usable'],
      [30, HEAP, 'heap_free_unless'],
      [31, HEAP, 'heap_undo'],
    ]);
  });

  it.each(ADDRESS_SPACES)('$name can be allocated and freed', ({ kinds }) => {
    expect(new Set(kinds.map(([kind]) => kind & FREE_BIT))).toEqual(new Set([0, FREE_BIT]));
  });

  it('says which sizes are pages', () => {
    expect(ALLOCATOR_NAMES.filter((_, allocator) => isInPages(allocator))).toEqual([
      'page',
      'vmalloc',
      'map',
      'reserved',
    ]);
    expect(isInPages(255)).toBe(false);
  });

  it('lists spaces of processes only where a trace has them', () => {
    const kernel = { page: 0, slab: 1, percpu: 2, vmalloc: 3 };
    expect(byAllocator((_, allocator) => allocator)).toEqual(kernel);
    const both = byAllocator((_, allocator) => allocator, ['heap', 'reserved']);
    expect(both).toEqual({ ...kernel, heap: 4, reserved: 6 });
    expect(valuesOf(both, ['reserved', 'map', 'slab'])).toEqual([
      ['reserved', 6],
      ['slab', 1],
    ]);
  });
});
