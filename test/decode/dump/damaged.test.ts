/** Dumps that are damaged anywhere: nothing throws, and what is held stays whole numbers that agree. */
import { expect, it } from 'vitest';
import { DumpDecoder } from '../../../src/decode/dump/dump-decoder.js';
import { DUMP_FORMATS } from '../../../src/decode/dump/dump-format.js';
import { ADDRESS_SPACES } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const TEXT = `Page allocated via order 2, mask 0x140cca(GFP_KERNEL|__GFP_COMP), pid 812, tgid 810 (ng(i)nx), ts 5000000000 ns, free_ts 4 ns
PFN 0x1000 type Movable Block 8 type Movable Flags 0x17ffffc0080034(uptodate|lru|active|swapbacked|node=0|zone=2)
 prep_new_page+0xa6/0x100
 nic_ring+0x10/0x80 [my_nic]
Charged to memcg system.slice

300 times, 2400 pages, PID 3, TGID 2, task_comm_name: a: b, allocated by SLAB :
 [<ffffffff811ad53b>] my_alloc+0x33b/0x5b0

 my_dma_ring+0x18c/0x1000 [my_nic]
handle: 42
nr_base_pages: 20824

Memory allocations (profiling is currently turned on):
    45409728   236509 fs/dcache.c:1681 func:__d_alloc accurate:no
    38.4 MiB     5505 mm/slub.c:3075 [x] func:alloc_slab_page
`;

it.each(Array.from({ length: 12 }, (_, seed) => seed + 1))('seed %i', (seed) => {
  const random = seededRandom(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  for (let round = 0; round < 60; round++) {
    const bytes = Array.from(new TextEncoder().encode(TEXT.repeat(2)));
    for (let change = upTo(30); change > 0; change--) {
      const at = upTo(bytes.length);
      const kind = upTo(4);
      if (kind === 0) bytes[at] = upTo(256);
      else if (kind === 1) bytes.splice(at, upTo(40));
      else if (kind === 2) bytes.splice(at, 0, ...new TextEncoder().encode('99999999999'.slice(upTo(10))));
      else bytes.splice(at, 0, ...bytes.slice(upTo(bytes.length), upTo(bytes.length)));
    }
    bytes.length = upTo(4) === 0 ? upTo(bytes.length) : bytes.length;
    for (const format of DUMP_FORMATS) {
      const dictionary = new TraceDictionary();
      const core = new PairingCore(dictionary);
      const decoder = new DumpDecoder(core, dictionary, { format });
      const step = 1 + upTo(bytes.length);
      for (let at = 0; at < bytes.length; at += step) decoder.push(Uint8Array.from(bytes.slice(at, at + step)));
      decoder.finish();
      core.checkInvariants();
      expect(core.badEvents).toBe(0);
      expect(core.endReason).toBe('stopped');
      for (const allocator of ADDRESS_SPACES.keys()) {
        expect(Number.isSafeInteger(core.paths.totalLive(allocator))).toBe(true);
      }
    }
  }
});
