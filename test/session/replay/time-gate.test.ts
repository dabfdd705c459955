import { expect, test } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import { TimeGate } from '../../../src/session/replay/time-gate.js';

/** A sink that logs a word for each call and event. */
function writtenDown(): { sink: TraceSink; words: string[] } {
  const words: string[] = [];
  const sink: TraceSink = {
    events: (batch) => {
      for (let row = 0; row < batch.length; row++) words.push(`${batch.timeNs[row]}:${batch.addrLo[row]}`);
    },
    fact: (fact) => {
      if (fact.type === 'symbol') words.push(`symbol:${fact.entry.symbol}`);
      else words.push('timeNs' in fact ? `${fact.type}@${fact.timeNs}` : fact.type);
    },
  };
  return { sink, words };
}

function batchOf(...times: number[]): EventBatch {
  const batch = new EventBatch(8);
  for (const time of times) {
    batch.timeNs[batch.length] = time;
    batch.addrLo[batch.length] = batch.length;
    batch.length++;
  }
  return batch;
}

test('without a limit everything passes at once, in order', () => {
  const { sink, words } = writtenDown();
  const gate = new TimeGate(sink);
  gate.fact({ type: 'host', facts: unknownHost() });
  gate.events(batchOf(1, 5));
  gate.fact({ type: 'clock', timeNs: 9 });
  gate.fact({ type: 'end', timeNs: 9, reason: 'stopped', detail: '' });
  expect(words).toEqual(['host', '1:0', '5:1', 'clock@9', 'end@9']);
  expect(gate.holding).toBe(false);
});

test('a batch is cut at the limit and goes on when the limit moves', () => {
  const { sink, words } = writtenDown();
  const gate = new TimeGate(sink);
  gate.limitNs = 4;
  const batch = batchOf(1, 3, 5, 7);
  gate.events(batch);
  // The producer reuses its batch, so waiting events must be a copy.
  batch.timeNs.fill(0);
  batch.addrLo.fill(99);
  gate.fact({ type: 'symbol', entry: { addressHi: 0, addressLo: 1, symbol: 'f', offset: 0, module: null } });
  gate.fact({ type: 'clock', timeNs: 6 });
  expect(words).toEqual(['1:0', '3:1']);
  expect(gate.holding).toBe(true);

  gate.limitNs = 5;
  gate.release();
  expect(words).toEqual(['1:0', '3:1', '5:2']);

  gate.limitNs = 100;
  gate.release();
  expect(words).toEqual(['1:0', '3:1', '5:2', '7:3', 'symbol:f', 'clock@6']);
  expect(gate.holding).toBe(false);
});

test('what comes after something that waits, waits too, whatever its time', () => {
  const { sink, words } = writtenDown();
  const gate = new TimeGate(sink);
  gate.limitNs = 10;
  gate.events(batchOf(11));
  gate.events(batchOf(9));
  gate.fact({ type: 'losses', timeNs: 1, rows: [] });
  expect(words).toEqual([]);
  gate.limitNs = 11;
  gate.release();
  expect(words).toEqual(['11:0', '9:0', 'losses@1']);
});
