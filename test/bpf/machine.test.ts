import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('machine.c', ['memory/machine.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

const zone = (node: number, name: string, first: number, spanned: number): string =>
  `Node ${node}, zone ${name.padStart(8)}\n  pages free     7\n        spanned  ${spanned}\n        present  ${spanned - 1}\n` +
  `        managed  ${spanned - 2}\n      nr_free_pages 7\n      nr_free_pages_blocks 5\n  pagesets\n    cpu: 0\n              count: 3\n  start_pfn:           ${first}\n`;

function read(zoneinfo: string, iomem: string, ...pfns: string[]): string[] {
  writeFileSync(program.file('zoneinfo'), zoneinfo);
  writeFileSync(program.file('iomem'), iomem);
  return program.lines([program.file('zoneinfo'), program.file('iomem'), ...pfns]);
}

it('zones that span something, of all nodes; where RAM and the image lie', () => {
  const iomem =
    '00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n00100000-00ffffff : System RAM\n' +
    '  00200000-00300fff : Kernel code\n  00400000-004000ff : Kernel bss\n01000000-01ffffff : PCI Bus 0000:00\n';
  const zones =
    zone(0, 'DMA', 1, 4095) + zone(0, 'Normal', 4096, 0) + zone(0, 'Movable', 0, 0) + zone(1, 'Normal', 4096, 512);
  expect(read(zones, iomem, '0', '1', '9e', '9f', '100', 'fff', '1000')).toEqual([
    'zone 0 DMA 1+4095 present 4094 managed 4093',
    'zone 1 Normal 4096+512 present 511 managed 510',
    'end 4608, free 28',
    // The last page of a range that is not whole is none.
    'ram 1-9f',
    'ram 100-1000',
    'image 200-301',
    'image 400-401',
    '0 not ram',
    '1 ram',
    '9e ram',
    '9f not ram',
    '100 ram',
    'fff ram',
    '1000 not ram',
  ]);
});

it('an iomem that hides its addresses has no RAM: so nothing may be read', () => {
  const hidden = '00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n';
  expect(read(zone(0, 'DMA', 1, 4095), hidden, '0', '1')).toEqual([
    'zone 0 DMA 1+4095 present 4094 managed 4093',
    'end 4096, free 7',
    '0 not ram',
    '1 not ram',
  ]);
});

it('more zones than there is room for: the result says so', () => {
  const zones = Array.from({ length: 65 }, (_, node) => zone(node, 'Normal', node * 100 + 1, 100)).join('');
  const lines = read(zones, '');
  expect(lines[0]).toBe('missing pages: the zones of /proc/zoneinfo behind the first 64');
  expect(lines).toHaveLength(66);
  expect(read('', '')).toEqual(['end 0, free 0']);
  expect(read('Node x, zone\n  spanned -1\nNode 0, zone      DMA\n  spanned\n', 'System RAM\n-\n')).toEqual([
    'end 0, free 0',
  ]);
});
