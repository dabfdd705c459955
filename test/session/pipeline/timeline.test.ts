import { expect, it, test } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import { FIRST_STEP_NS } from '../../../src/session/pipeline/bounded-series.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { randomDictionary, randomTrace } from '../../helpers/random-trace.js';
import { SAMPLE_HOST } from '../../helpers/sample-trace.js';

/** Sends a trace in batches of `step` rows. */
function tell(sink: TraceSink, trace: EventBatch, step: number): void {
  sink.fact({ type: 'host', facts: SAMPLE_HOST });
  const part = new EventBatch(step);
  for (let from = 0; from < trace.length; from += step) {
    part.clear();
    part.append(trace, from, Math.min(trace.length, from + step));
    sink.events(part);
  }
}

/** A trace over many points, a little out of order, like events of two CPUs. */
function stretched(seed: number): EventBatch {
  const trace = randomTrace(seed, 4000, false);
  for (let row = 0; row < trace.length; row++) {
    trace.timeNs[row] = Math.round(((row + (trace.addrLo[row] % 7)) / 4006) * 900 * FIRST_STEP_NS);
  }
  return trace;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'seed %i: the timeline does not depend on how events are cut into batches',
  (seed) => {
    const views = [1, 7, 997, 4000].map((step) => {
      const pipeline = new Pipeline('recording', { dictionary: randomDictionary() });
      tell(pipeline, stretched(seed), step);
      return pipeline.timelineView();
    });
    for (const view of views.slice(1)) expect(view).toEqual(views[0]);
    const [{ events, outstandingBytes, stepNs }] = views;
    expect(stepNs).toBe(FIRST_STEP_NS * 4);
    expect(events.reduce((a, b) => a + b)).toBe(4000);
    expect(new Set(outstandingBytes).size).toBeGreaterThan(100);
  },
);

test('losses stand where they were told, and what is no loss of an event does not count', () => {
  const pipeline = new Pipeline('recording', { dictionary: randomDictionary() });
  pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
  const row = { cause: 1, kind: 17, cpu: 0, count: 3, bytes: 0, countWithBytes: 0 };
  pipeline.fact({ type: 'clock', timeNs: 0 });
  pipeline.fact({ type: 'losses', timeNs: 2 * FIRST_STEP_NS, rows: [row, { ...row, cause: 9, count: 100 }] });
  pipeline.fact({ type: 'clock', timeNs: 4 * FIRST_STEP_NS });
  expect(pipeline.timelineView().lost).toEqual([0, 0, 3, 0, 0]);
});

test('an event at a time that cannot be is a bad event and no point', () => {
  const pipeline = new Pipeline('recording', { dictionary: randomDictionary() });
  pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
  const batch = new EventBatch(4);
  batch.length = 4;
  batch.timeNs.set([1, Number.NaN, 2 ** 60, 2]);
  batch.kind.fill(17);
  pipeline.events(batch);
  expect(pipeline.core.badEvents).toBeGreaterThanOrEqual(2);
  expect(pipeline.timelineView().events).toEqual([4]);
});
