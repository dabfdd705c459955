import { describe, expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { PAGE, PERCPU, SLAB } from '../../../src/event/kinds.js';
import { isSampled } from '../../../src/event/sampling.js';
import { restoreCore, saveCore } from '../../../src/pair/checkpoint/checkpoint.js';
import { SampleHistory } from '../../../src/pair/losses/sample-history.js';
import { rank } from '../../../src/rank/rank.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { formatReport, type PairedText, pairText } from '../../helpers/text-trace.js';

/** Objects and pages, some pages split, on both sides of the rule. */
function held(): { paired: PairedText; kept: { objects: number; pages: number } } {
  const lines: string[] = [];
  const kept = { objects: 0, pages: 0 };
  for (let i = 0; i < 400; i++) {
    const lo = 0x1000 + i * 64;
    lines.push(`${i} alloc 0x1000${lo.toString(16).padStart(8, '0')} 64 kmalloc < foo`);
    if (isSampled(SLAB, 0x1000, lo, 4, 77)) kept.objects++;
    const pfn = i * 1024 + 8;
    lines.push(`${i} palloc ${pfn} order 3 alloc_pages < bar`, `${i} pfree ${pfn + 2} order 0`);
    if (isSampled(PAGE, 0, pfn, 4, 77)) kept.pages += 7;
  }
  const text = lines.join('\n');
  return { paired: pairText(text), kept };
}

describe('SampleHistory', () => {
  it('an allocation stands for as many as the smallest sample since then says', () => {
    const history = new SampleHistory();
    for (const [time, oneIn] of [
      [0, 1],
      [10, 4],
      [20, 16],
      [30, 4],
      [40, 1],
      [50, 4],
    ]) {
      history.move(time, oneIn);
    }
    expect([5, 15, 25, 29].map((time) => history.weightAt(time))).toEqual([16, 16, 16, 16]);
    expect([30, 35, 45, 60].map((time) => history.weightAt(time))).toEqual([4, 4, 4, 4]);
    history.move(70, 1);
    expect([25, 69, 70].map((time) => history.weightAt(time))).toEqual([16, 4, 1]);
    expect(history.moves).toHaveLength(6);
    expect(history.isWhole).toBe(false);
  });

  it('agrees with a plain look at all moves since the allocation', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const history = new SampleHistory();
      const moves: [time: number, oneIn: number][] = [];
      for (let time = 0; time < 200; time += 10) {
        const oneIn = 4 ** Math.floor(random() * 4);
        history.move(time, oneIn);
        moves.push([time, oneIn]);
      }
      for (let time = 0; time < 200; time += 5) {
        const since = moves.filter(([moved], i) => (moves[i + 1]?.[0] ?? Infinity) > time || moved >= time);
        expect(history.weightAt(time), `seed ${seed} at ${time}`).toBe(Math.max(...since.map(([, oneIn]) => oneIn)));
      }
    }
  });

  it('does not grow without bound, however often a stream moves it', () => {
    const history = new SampleHistory();
    for (let i = 0; i < 5000; i++) history.move(i, 2 ** (i % 31));
    expect(history.moves).toHaveLength(1000);
    expect(history.moveCount).toBe(4999);
    expect(history.steps.length).toBeLessThan(33);
  });
});

describe('a smaller sample', () => {
  it('forgets what is outside, as if it had never been traced, and keeps the rest with its times', () => {
    const { paired, kept } = held();
    const { core } = paired;
    const before = { events: core.eventCount, frees: core.freeEvents, orphans: core.orphanFrees };
    core.fact({ type: 'host', facts: { ...unknownHost(), sampleOneIn: 4, sampleSeed: 77 } });
    core.checkInvariants();
    expect(kept.objects).toBeGreaterThan(60);
    expect(kept.objects).toBeLessThan(140);
    const report = paired.report();
    expect(formatReport(report)).toEqual([
      `page ${kept.pages * 4096} B in ${kept.pages} of ${kept.pages + 400} allocated, 400 freed, 0 missed: alloc_pages < bar`,
      `slab ${kept.objects * 64} B in ${kept.objects} of ${kept.objects} allocated, 0 freed, 0 missed: kmalloc < foo`,
    ]);
    expect({ events: core.eventCount, frees: core.freeEvents, orphans: core.orphanFrees }).toEqual(before);
    // The remaining allocations were made when everything was traced, but each stands for four now.
    expect(report.estimate?.slab).toMatchObject({ bytes: kept.objects * 256, count: kept.objects * 4 });
    expect(report.source.sampleMoves).toEqual([{ timeNs: 399, fromOneIn: 1, toOneIn: 4, overhead: 0 }]);
  });

  it('is kept in a checkpoint, and lifetimes are not touched by it', () => {
    const { paired } = held();
    const { core } = paired;
    const lifetimes = core.paths.lifetimes.barsOf(1);
    core.fact({ type: 'host', facts: { ...unknownHost(), sampleOneIn: 4, sampleSeed: 77 } });
    expect(core.paths.lifetimes.barsOf(1)).toEqual(lifetimes);
    const saved = saveCore(core);
    if (saved === null) throw new Error('not saved');
    const restored = restoreCore(saved, core.dictionary);
    restored.fact({ type: 'host', facts: core.hostFacts });
    const source = { kind: 'recording' as const, facts: core.hostFacts };
    const reports = [core, restored].map((each) =>
      rank({ core: each, symbols: paired.symbols }, defaultSelection(10), source),
    );
    expect(reports[1]).toEqual(reports[0]);
  });

  it('that becomes larger again forgets nothing, and what is freed of the forgotten is an orphan free', () => {
    const { paired, kept } = held();
    const { core } = paired;
    core.fact({ type: 'host', facts: { ...unknownHost(), sampleOneIn: 4, sampleSeed: 77 } });
    core.fact({ type: 'host', facts: { ...unknownHost(), sampleOneIn: 1, sampleSeed: 77 } });
    expect(core.slab.size).toBe(kept.objects);
    expect(paired.report().estimate?.slab.count).toBe(kept.objects * 4);
  });

  it('of a stream that moves it all the time costs no more than what is left to forget', () => {
    const { paired } = held();
    const { core } = paired;
    for (let i = 0; i < 3000; i++) {
      core.fact({
        type: 'host',
        facts: { ...unknownHost(), sampleOneIn: 2 ** (i % 32), sampleSeed: i % 7, overhead: 1 },
      });
    }
    core.checkInvariants();
    expect(core.slab.size + core.tableOf(PERCPU).size + core.pages.blocks.size).toBe(0);
    expect(paired.report().source.sampleMoves).toHaveLength(1000);
    expect(paired.report().stacks).toEqual([]);
  });
});
