/**
 * One free in a hundred (and in ten) is dropped on purpose: the bounds of the totals must contain
 * the truth.
 */
import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { FREE_BIT, KERNEL_ALLOCATORS, KIND_MASK } from '../../../src/event/kinds.js';
import { LOSS_RING_FULL } from '../../../src/event/losses.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import type { Report } from '../../../src/rank/report/report.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const FILE = new URL('../../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;

/**
 * Drops a share of the frees before the pipeline, and sends it, for each batch, the number dropped
 * of each kind as losses.
 */
function droppingFrees(pipeline: Pipeline, share: number, seed: number): { sink: TraceSink; dropped: () => number } {
  const random = seededRandom(seed);
  let dropped = 0;
  const events = (batch: EventBatch): void => {
    const kept = new EventBatch(batch.length);
    const lost = new Map<number, number>();
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kind[row] & KIND_MASK;
      if ((kind & FREE_BIT) !== 0 && random() < share) lost.set(kind, (lost.get(kind) ?? 0) + 1);
      else kept.append(batch, row, row + 1);
    }
    pipeline.events(kept);
    const timeNs = batch.length === 0 ? 0 : batch.timeNs[batch.length - 1];
    const rows = [...lost].map(([kind, count]) => ({
      cause: LOSS_RING_FULL,
      kind,
      cpu: 0,
      count,
      bytes: 0,
      countWithBytes: 0,
    }));
    for (const row of rows) dropped += row.count;
    if (rows.length > 0) pipeline.fact({ type: 'losses', timeNs, rows });
  };
  const sink: TraceSink = {
    events,
    fact: (fact) => pipeline.fact(fact),
  };
  return { sink, dropped: () => dropped };
}

async function reportWithout(share: number, seed: number): Promise<{ report: Report; dropped: number }> {
  const pipeline = new Pipeline('recording');
  const { sink, dropped } = droppingFrees(pipeline, share, seed);
  const recording = await openRecording(FILE, sink, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return { report: pipeline.report({ ...defaultSelection(100_000), includeSelf: true }), dropped: dropped() };
}

describe.each([
  { share: 0.01, seed: 1 },
  { share: 0.01, seed: 2 },
  { share: 0.01, seed: 3 },
  { share: 0.1, seed: 4 },
])('$share of the frees dropped, seed $seed', ({ share, seed }) => {
  it('leaves bounds that contain the truth, and marks every call path that shows too much', async () => {
    const { report: truth } = await reportWithout(0, seed);
    const { report, dropped } = await reportWithout(share, seed);
    expect(report.anomalies.lostEvents).toBe(dropped);

    for (const name of KERNEL_ALLOCATORS) {
      const { bytes, lostFreeBytes } = report.outstanding[name];
      expect(truth.outstanding[name].bytes, name).toBeLessThanOrEqual(bytes);
      expect(truth.outstanding[name].bytes, name).toBeGreaterThanOrEqual(bytes - lostFreeBytes);
    }

    const held = new Map(truth.stacks.map((stack) => [stack.stackId, stack.bytes]));
    let wrong = 0;
    for (const stack of report.stacks) {
      const really = held.get(stack.stackId) ?? 0;
      expect(really).toBeLessThanOrEqual(stack.bytes);
      expect(really).toBeGreaterThanOrEqual(stack.bytes - stack.lostFreeBytes);
      if (really === stack.bytes) continue;
      wrong++;
      expect(stack.lostFreeBytes).toBeGreaterThan(0);
    }
    // Some rows must be wrong, or the test proves nothing.
    expect(wrong).toBeGreaterThan(0);
  });
});
