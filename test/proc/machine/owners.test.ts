import { describe, expect, it } from 'vitest';
import { parseBpftool } from '../../../src/proc/machine/bpftool.js';
import { parseAllocinfo, parsePageOwnerStacks } from '../../../src/proc/machine/owners.js';

describe('owners of pages', () => {
  it('are call sites of allocinfo, largest first', () => {
    const text = `allocinfo - version: 2.0
#     <size>  <calls> <tag info>
           0        0 init/main.c:1314 func:do_initcalls
        4096        1 mm/slub.c:1826 func:alloc_slab_page accurate:no
     1048576      256 drivers/x.c:9 [mod] func:grab 
`;
    expect(parseAllocinfo(text, 10)).toEqual([
      { source: 'allocinfo', bytes: 1_048_576, count: 256, module: 'mod', frames: 'grab (drivers/x.c:9)' },
      { source: 'allocinfo', bytes: 4096, count: 1, module: '', frames: 'alloc_slab_page (mm/slub.c:1826)' },
    ]);
    expect(parseAllocinfo(text, 1)).toHaveLength(1);
    expect(parseAllocinfo('MemTotal: 1 kB\n', 10)).toBeNull();
  });

  it('are stacks of page_owner', () => {
    const text = ` __alloc_pages+0x12/0x34
 grab+0x1/0x2 [mod]
 ksys_read+0x1/0x2
nr_base_pages: 16

 __alloc_pages+0x12/0x34
stack_count: 20

nr_base_pages: 5
`;
    expect(parsePageOwnerStacks(text, 4096, 10)).toEqual([
      { source: 'page_owner', bytes: 20 * 4096, count: 20, module: '', frames: '__alloc_pages' },
      {
        source: 'page_owner',
        bytes: 16 * 4096,
        count: 16,
        module: 'mod',
        frames: '__alloc_pages < grab [mod] < ksys_read',
      },
    ]);
  });
});

describe('parseBpftool()', () => {
  it('returns maps with a process that has them open', () => {
    const output = JSON.stringify([
      { id: 3, type: 'array', name: 'planted', bytes_memlock: 33_554_744, pids: [{ pid: 7, comm: 'agent' }] },
      { id: 4, type: 'hash', bytes_memlock: 4096 },
      { name: 'no id' },
      null,
    ]);
    expect(parseBpftool(output, 'map')).toEqual([
      { kind: 'map', id: 3, type: 'array', name: 'planted', bytes: 33_554_744, pid: 7, processName: 'agent' },
      { kind: 'map', id: 4, type: 'hash', name: '', bytes: 4096, pid: 0, processName: '' },
    ]);
  });

  it.each(['', '{', '{"error":"x"}', '[1,"a"]'])('returns none of %j', (output) => {
    expect(parseBpftool(output, 'program')).toEqual([]);
  });
});
