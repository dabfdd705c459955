import { expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import { KMALLOC } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { Cutter } from '../../../src/recording/rewrite/cutter.js';
import { SinkLog } from '../../helpers/sink-log.js';

function tell(cutter: Cutter, ...timesNs: number[]): void {
  const batch = new EventBatch(timesNs.length);
  for (const timeNs of timesNs) {
    batch.timeNs[batch.length] = timeNs;
    batch.kind[batch.length++] = KMALLOC;
  }
  cutter.events(batch);
}

it.each([
  { minAgeNs: 0, doneNs: 6.1e9 },
  { minAgeNs: 2e9, doneNs: 10.1e9 },
])('a cut of survivors of $minAgeNs ns waits for those that are told late, twice their age at most', (given) => {
  const cutter = new Cutter(new TraceDictionary(), { fromNs: 1e9, toNs: 5e9 });
  const log = new SinkLog();
  cutter.connect(log);
  cutter.fact({ type: 'host', facts: { ...unknownHost(), minAgeNs: given.minAgeNs } });
  tell(cutter, 0.9e9, 2e9, given.doneNs - 0.2e9);
  expect(cutter.isDone).toBe(false);
  // Allocated within the span, sent now.
  tell(cutter, 4.9e9, given.doneNs);
  expect(cutter.isDone).toBe(true);
  expect(log.eventRows.map(([timeNs]) => timeNs)).toEqual([1e9, 3.9e9]);
});
