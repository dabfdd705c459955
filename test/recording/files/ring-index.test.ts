import { expect, it } from 'vitest';
import { KMALLOC } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { createRing, type RecordingRing } from '../../../src/recording/files/recording-ring.js';
import { batchOf, internPath, SAMPLE_HOST } from '../../helpers/sample-trace.js';
import { scratch } from '../../helpers/scratch.js';
import { dumpDictionary, SinkLog } from '../../helpers/sink-log.js';

const place = scratch();
const PACING = { minEvents: 1, price: 0 };

/** Sends an event of a call path at a time. */
function tellEvent(ring: RecordingRing, timeNs: number, stack: number): void {
  ring.events(batchOf([[timeNs, KMALLOC, 0xffff8881, (timeNs / 1e6) * 64, 64, 50, stack, 1, 0, 0]]));
}

function symbolOf(address: number, symbol: string) {
  return { addressHi: 0xffffffff, addressLo: 0x81000000 + address, symbol, offset: 4, module: null };
}

async function read(path: string): Promise<{ log: SinkLog; dictionary: TraceDictionary }> {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const recording = await openRecording(path, log, dictionary);
  while (await recording.readNext());
  expect(recording.damageCount).toBe(0);
  return { log, dictionary };
}

it('a ring gives the ids of its trace, also of what that had learned just before a file was full', async () => {
  const path = place('ids.unfreed');
  const dictionary = new TraceDictionary();
  const ring = createRing(path, { dictionary, maxBytes: 1500, keep: 100 });
  ring.fact({ type: 'host', facts: SAMPLE_HOST });
  const stacks: number[] = [];
  for (let i = 0; i < 200; i++) {
    stacks.push(internPath(dictionary, [0xffffffff81000000n + BigInt(i * 16)]));
    dictionary.comms.intern(`worker-${i}`);
    // A file may be full here, before any event refers to these entries.
    ring.fact({ type: 'clock', timeNs: i * 1e9 });
    ring.flush();
    // In another order than they were defined, and half of them never.
    if (i % 10 === 9) for (let back = 0; back < 10; back += 2) tellEvent(ring, i * 1e9 + back * 1e6, stacks[i - back]);
  }
  ring.fact({ type: 'end', timeNs: 200e9, reason: 'stopped', detail: '' });
  ring.close();
  expect(ring.partCount).toBeGreaterThan(5);
  expect(dumpDictionary((await read(path)).dictionary)).toEqual(dumpDictionary(dictionary));
});

it('a symbol is told when it comes, though its frame is one of an earlier file', async () => {
  const path = place('symbols.unfreed');
  const dictionary = new TraceDictionary();
  const ring = createRing(path, { dictionary, maxBytes: 1000, keep: 100 });
  ring.fact({ type: 'host', facts: SAMPLE_HOST });
  const early = internPath(dictionary, [0xffffffff81000000n]);
  const late = internPath(dictionary, [0xffffffff81000010n]);
  tellEvent(ring, 1e6, early);
  while (ring.partCount < 3) {
    ring.fact({ type: 'counters', timeNs: 2e6, source: 'vmstat', text: `nr_free_pages ${ring.bytes ** 3}\n` });
    ring.flush();
  }
  ring.fact({ type: 'symbol', entry: symbolOf(0, 'early_and_named_late') });
  ring.fact({ type: 'symbol', entry: symbolOf(0x10, 'late') });
  tellEvent(ring, 50e6, late);
  ring.fact({ type: 'end', timeNs: 60e6, reason: 'stopped', detail: '' });
  ring.close();
  const { log } = await read(path);
  expect(log.calls.filter(({ call }) => call === 'symbol' || call === 'event').map((each) => each.call)).toEqual([
    'event',
    'symbol',
    'symbol',
    'event',
  ]);
});

it('a ring takes no more checkpoints when something is told later than it was', () => {
  const path = place('clamped.unfreed');
  const dictionary = new TraceDictionary();
  const ring = createRing(path, { dictionary, maxBytes: 4000, keep: 100, pacing: PACING });
  ring.fact({ type: 'host', facts: SAMPLE_HOST });
  const stack = internPath(dictionary, [0xffffffff81000000n]);
  let now = 0;
  while (ring.partCount < 3) {
    tellEvent(ring, (now += 1e9), stack);
    ring.flush();
  }
  expect(ring.wantsCheckpoint(1000, 100)).toBe(true);
  // An event of another CPU, 5 ms ago, is still within this file.
  tellEvent(ring, now - 5e6, stack);
  expect(ring.wantsCheckpoint(1000, 100)).toBe(true);
  // A survivor that comes late: its time becomes the start of the file.
  tellEvent(ring, now - 20e9, stack);
  expect(ring.wantsCheckpoint(1000, 100)).toBe(false);
  ring.close();
});

it('a ring takes no checkpoint that does not fit in its file, or that the rest does not pay for', () => {
  const dictionary = new TraceDictionary();
  const stack = internPath(dictionary, [0xffffffff81000000n]);
  const options = { dictionary, maxBytes: 10_000, keep: 100 };
  const roomy = createRing(place('roomy.unfreed'), { ...options, pacing: PACING });
  const poor = createRing(place('poor.unfreed'), { ...options, pacing: { minEvents: 1, price: 7 } });
  const none = createRing(place('none.unfreed'), options);
  for (const ring of [roomy, poor, none]) {
    ring.fact({ type: 'host', facts: SAMPLE_HOST });
    tellEvent(ring, 1e6, stack);
    ring.flush();
  }
  expect([roomy, poor, none].map((ring) => ring.wantsCheckpoint(1000, 5000))).toEqual([true, false, false]);
  expect([roomy, poor, none].map((ring) => ring.wantsCheckpoint(1000, 9900))).toEqual([false, false, false]);
  for (const ring of [roomy, poor, none]) ring.close();
});
