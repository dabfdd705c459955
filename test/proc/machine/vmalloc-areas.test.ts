import { describe, expect, it } from 'vitest';
import { parseVmallocinfo, vmallocBytes } from '../../../src/proc/machine/vmalloc-areas.js';

const TEXT = `0x00000000ade57c9b-0x00000000b55b9742   20480 irq_init_percpu_irqstack+0xca/0x100 vmap
0x00000000b55b9742-0x0000000055a635c3    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0x00000000000a0000 ioremap
0x00000000610d83a6-0x000000005c954a87   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4
0x0000000059a7d447-0x00000000163955fa   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=3 N1=1
0x00000000ffffffff-0x00000000fffffffe 2629632 htab_map_alloc+0x1/0x2 pages=641 vmalloc vpages N0=641
0x00000000ffffffff-0x00000000fffffffe    8192 nv_alloc+0x12/0x90 [nvidia] pages=2 vmap
0x00000000ffffffff-0x00000000fffffffe    8192 mmap_it+0x12/0x90 [x y] pages=1 vmalloc user N0=1
0x00000000ffffffff-0x00000000fffffffe   16384 dma_common_pages_remap+0x1/0x2 dma-coherent
0x00000000ffffffff-0x00000000fffffffe 2097152 pcpu_get_vm_areas+0x0/0x2 vmalloc
0x00000000ffffffff-0x00000000fffffffe 4294967296 vm_map_ram
0x00000000ffffffff-0x00000000fffffffe   20480 unpurged vm_area
no area
`;

describe('parseVmallocinfo()', () => {
  it('sums areas by caller and kind; only vmalloc owns its pages', () => {
    const areas = parseVmallocinfo(TEXT, 4096) ?? [];
    expect(areas.slice(0, 3)).toEqual([
      { caller: 'htab_map_alloc', kind: 'vmalloc', count: 1, bytes: 2_629_632, pagesBytes: 641 * 4096 },
      { caller: 'kernel_clone', kind: 'vmalloc', count: 2, bytes: 40_960, pagesBytes: 8 * 4096 },
      // A module's name has no blank: the line is damaged.
      { caller: 'mmap_it', kind: 'vmalloc', count: 1, bytes: 8192, pagesBytes: 4096 },
    ]);
    expect(areas).toContainEqual({ caller: 'nv_alloc [nvidia]', kind: 'vmap', count: 1, bytes: 8192, pagesBytes: 0 });
    expect(areas.map(({ caller, kind }) => `${caller} ${kind}`)).toEqual(
      expect.arrayContaining([
        'acpi_os_map_iomem ioremap',
        'dma_common_pages_remap dma-coherent',
        'pcpu_get_vm_areas vmalloc',
        'vm_map_ram vm_area',
        'unpurged vm_area',
      ]),
    );
    expect(vmallocBytes(areas)).toBe(650 * 4096);
  });

  it('counts in the pages of the machine', () => {
    expect(parseVmallocinfo(TEXT, 65_536)?.[0].pagesBytes).toBe(641 * 65_536);
  });

  it('keeps 4,096 callers, and the others as one', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `0x1-0x2 8192 f${index}+0x1/0x2 pages=1 vmalloc\n`);
    const areas = parseVmallocinfo(lines.join(''), 4096) ?? [];
    expect(areas).toHaveLength(4097);
    expect(areas.find(({ caller }) => caller === 'other callers')?.count).toBe(904);
    expect(vmallocBytes(areas)).toBe(5000 * 4096);
  });

  it('returns null for another text', () => {
    expect(parseVmallocinfo('slabinfo - version: 2.1\n', 4096)).toBeNull();
    expect(parseVmallocinfo('', 4096)).toBeNull();
  });
});
