import { EventBatch } from '../../src/event/event-batch.js';
import { type HostFacts, unknownHost } from '../../src/event/host-facts.js';
import {
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE_ALLOC,
  PAGE_FREE,
  SELF_BIT,
} from '../../src/event/kinds.js';
import type { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceSink } from '../../src/event/trace-sink.js';
import type { LoggedEvent } from './sink-log.js';

/** Interns a call path of full addresses, leaf first. */
export function internPath(dictionary: TraceDictionary, path: bigint[]): number {
  const { stacks } = dictionary;
  const ids = path.map((address) => stacks.frames.intern(Number(address >> 32n), Number(address & 0xffffffffn)));
  return stacks.intern(Uint32Array.from(ids), ids.length);
}

/**
 * A batch of events in the form of SinkLog: time, kind, addrHi, addrLo, size, bytesReq, stackId,
 * pid, commId, cacheId.
 */
export function batchOf(events: LoggedEvent[]): EventBatch {
  const batch = new EventBatch(Math.max(1, events.length));
  events.forEach((event, row) => {
    const { timeNs, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId } = batch;
    [timeNs, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId].forEach((column, i) => {
      column[row] = event[i];
    });
  });
  batch.length = events.length;
  return batch;
}

export const SAMPLE_HOST: HostFacts = {
  ...unknownHost(),
  collector: 'bpf',
  hostname: 'box',
  kernel: '6.18.44',
  arch: 'x86_64',
  cpus: 2,
  memTotalBytes: 25769803776,
  startUnixMs: 1763719200123,
  allocators: ['page', 'slab'],
  minSizeBytes: 16,
  sampleOneIn: 4,
  sampleSeed: 0xfedcba98,
  minAgeNs: 1_500_000_000,
  maxOverhead: 0.03,
  overhead: 0.1462,
  self: 'mark',
  hooks: ['tp_btf:kmalloc', 'tp_btf:kfree'],
  notes: ['no vmalloc tracepoints on this kernel'],
};

/** Sends a small trace of three seconds with everything in it to a sink, in a fixed order. */
export function tellSample(
  sink: TraceSink,
  dictionary: TraceDictionary,
  afterEach: () => void = () => undefined,
): void {
  sink.fact({ type: 'host', facts: SAMPLE_HOST });
  const path = internPath(dictionary, [0xffffffff81000010n, 0xffffffff81000020n]);
  const comm = dictionary.comms.intern('kworker/0:1');
  const HI = 0xffff8880;
  sink.events(
    batchOf([
      [10, KMALLOC, HI, 0x1040, 64, 40, path, 12, comm, 0],
      [5, KMALLOC | SELF_BIT, HI, 0x1080, 64, 33, path, 0, 0, 0],
      [12, PAGE_ALLOC, 0, 0x123456, 8, 0, 0, 1, 0, 0],
      [14, KFREE, HI, 0x1040, 0, 0, 0, 0, 0, 0],
      [15, KMALLOC, HI, 0x1040, 64, 64, path, 12, comm, 0],
      [16, KFREE, HI, 0x9999, 0, 0, 0, 0, 0, 0],
    ]),
  );
  afterEach();
  sink.fact({
    type: 'losses',
    timeNs: 20,
    rows: [{ cause: 1, kind: KFREE, cpu: -1, count: 5, bytes: 640, countWithBytes: 5 }],
  });
  sink.fact({ type: 'counters', timeNs: 21, source: 'meminfo', text: 'MemTotal:       25165824 kB\n' });
  sink.fact({
    type: 'symbol',
    entry: { addressHi: 0xffffffff, addressLo: 0x81000010, symbol: 'kmalloc_caller', offset: 16, module: null },
  });
  sink.fact({
    type: 'symbol',
    entry: { addressHi: 0xffffffff, addressLo: 0xc0000010, symbol: 'leak_it\u001b[2J', offset: 8, module: 'leaky' },
  });
  afterEach();
  const second = internPath(dictionary, [0xffffffffc0000010n, 0xffffffff81000020n, 0x10n]);
  const cache = dictionary.caches.intern('dentry');
  sink.fact({ type: 'clock', timeNs: 1_000_000_030 });
  sink.events(
    batchOf([
      [1_000_000_100, KMEM_CACHE_ALLOC, HI, 0x2000, 192, 184, second, 77, comm, cache],
      [1_000_000_101, PAGE_FREE, 0, 0x123456, 8, 0, 0, 0, 0, 0],
      [1_000_000_102, KMEM_CACHE_FREE, HI, 0x2000, 0, 0, 0, 0, 0, 0],
      [1_000_000_103, KMEM_CACHE_ALLOC, HI, 0x2000, 192, 184, second, 77, comm, cache],
    ]),
  );
  afterEach();
  sink.fact({ type: 'losses', timeNs: 2_000_000_000, rows: [] });
  sink.fact({ type: 'clock', timeNs: 2_500_000_000 });
  sink.fact({ type: 'end', timeNs: 2_500_000_001, reason: 'duration', detail: 'after 2.5 s' });
}
