/** FREE_SITE and YOUNG_FREE: the call paths of some frees. */
import { describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../../src/decode/stream/stream-decoder.js';
import { KFREE, KMALLOC, PAGE_ALLOC, PAGE_FREE, SELF_BIT } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import { SinkLog } from '../../helpers/sink-log.js';
import { StreamBytes } from '../../helpers/stream-bytes.js';

const OBJECT = 0xffff888000001040n;
const ALLOC = { timeNs: 10, kind: KMALLOC, addr: OBJECT, stack: 7, pid: 12, comm: 9, cpu: 3, bytesAlloc: 64 };

function stream(): StreamBytes {
  return new StreamBytes()
    .host({ collector: 'bpf', pageSize: 4096 })
    .stack(7, [0xffffffff81000010n])
    .stack(8, [0xffffffff81000020n])
    .comm(9, 'server');
}

function decoded(bytes: StreamBytes): SinkLog {
  const log = new SinkLog();
  const decoder = new StreamDecoder(log, new TraceDictionary());
  decoder.push(bytes.bytes());
  decoder.finish();
  return log;
}

describe('a free with its call path', () => {
  const bytes = stream()
    .events(ALLOC)
    .freeSite({ stack: 8, pid: 13, comm: 9, cpu: 1 })
    .events({ timeNs: 2010, kind: KFREE, addr: OBJECT }, { timeNs: 2011, kind: KFREE, addr: OBJECT + 64n })
    .end(2012, 1, '');

  it('has it, and the task and the CPU; the frees behind it have none', () => {
    const events = decoded(bytes).calls.filter(({ call }) => call === 'event');
    expect(events).toEqual([
      { call: 'event', row: [10, KMALLOC, 0xffff8880, 0x1040, 64, 0, 1, 12, 1, 0], cpu: 4 },
      { call: 'event', row: [2010, KFREE, 0xffff8880, 0x1040, 0, 0, 2, 13, 1, 0], cpu: 2 },
      { call: 'event', row: [2011, KFREE, 0xffff8880, 0x1080, 0, 0, 0, 0, 0, 0] },
    ]);
  });

  it('changes nothing of the pairing: it is counted beside it', () => {
    const core = new PairingCore(new TraceDictionary());
    const decoder = new StreamDecoder(core, core.dictionary);
    decoder.push(bytes.bytes());
    expect([core.allocEvents, core.freeEvents, core.orphanFrees, core.badEvents]).toEqual([1, 2, 1, 0]);
    const [[key, frees]] = core.freeSites.byPath;
    expect([key, frees.samples, frees.otherCpu]).toEqual([core.paths.keyOf(1), 1, 1]);
    expect(frees.sites).toMatchObject([{ stackId: 2, count: 1, over: 0, sameCpu: 0, otherCpu: 1 }]);
    // 2,000 ns.
    expect(frees.bars.indexOf(1)).toBe(3);
  });

  it('is damage if no free follows, and if it is cut', () => {
    const alloc = decoded(stream().freeSite({ stack: 8 }).events(ALLOC).end(20, 1, ''));
    expect(alloc.eventRows).toHaveLength(1);
    expect(alloc.lossRows).toMatchObject([{ cause: 7, count: 0 }]);
    const cut = decoded(stream().message(16, new Uint8Array(8)).events({ timeNs: 1, kind: KFREE, addr: OBJECT }));
    expect(cut.eventRows).toEqual([[1, KFREE, 0xffff8880, 0x1040, 0, 0, 0, 0, 0, 0]]);
    expect(cut.lossRows).toMatchObject([{ cause: 7, count: 0 }]);
  });

  it('is of a page too', () => {
    const log = decoded(
      stream().freeSite({ stack: 8, pid: 0, cpu: 0 }).events({ timeNs: 5, kind: PAGE_FREE, addr: 0x1234n, order: 2 }),
    );
    expect(log.calls.filter(({ call }) => call === 'event')).toEqual([
      { call: 'event', row: [5, PAGE_FREE, 0, 0x1234, 4, 0, 2, 0, 0, 0], cpu: 1 },
    ]);
  });
});

describe('a free before its alloc was sent', () => {
  const page = { timeNs: 1000, kind: PAGE_ALLOC, addr: 0n, stack: 7, cpu: 0 };

  it('is a fact, with both call paths and CPUs, and the age', () => {
    const log = decoded(
      stream()
        .youngFree(5000, { ...ALLOC, kind: 66, timeNs: 4000 }, { stack: 8, cpu: 3 })
        .youngFree(6000, page, { stack: 8, cpu: 1 })
        .clock(7000)
        .end(7001, 1, ''),
    );
    const facts = log.calls.filter(({ call }) => call === 'freed');
    expect(facts).toEqual([
      {
        call: 'freed',
        timeNs: 6000,
        rows: [
          { allocator: 1, stackId: 1, freeStackId: 2, ageNs: 1000, cpu: 4, freeCpu: 4 },
          { allocator: 0, stackId: 1, freeStackId: 2, ageNs: 5000, cpu: 1, freeCpu: 2 },
        ],
      },
    ]);
  });

  it('is left out if the tracer itself freed it, or where it was freed is not known; a cut one is damage', () => {
    const log = decoded(
      stream()
        .youngFree(5000, { ...page, kind: PAGE_ALLOC | SELF_BIT }, { stack: 8 })
        .youngFree(6000, page, { stack: 99 })
        .message(17, new Uint8Array(40))
        .end(7001, 1, ''),
    );
    expect(log.calls.map(({ call }) => call)).toEqual(['host', 'losses', 'end']);
  });

  it('is counted for the call path, of which there is no row', () => {
    const core = new PairingCore(new TraceDictionary());
    const decoder = new StreamDecoder(core, core.dictionary);
    decoder.push(stream().youngFree(6000, page, { stack: 8, cpu: 0 }).end(7001, 1, '').bytes());
    expect(core.paths.size).toBe(0);
    expect([...core.freeSites.byPath.keys()]).toEqual([4]);
    expect(core.freeSites.byPath.get(4)).toMatchObject({ samples: 1, sameCpu: 1, sites: [{ stackId: 2, count: 1 }] });
  });
});
