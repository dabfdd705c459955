/** The censuses of a trace: what its looks carry, and what was taken while it is shown. */
import { describe, expect, it } from 'vitest';
import type { CensusReport } from '../../../src/census/report.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import type { CarriedLook } from '../../../src/event/trace-sink.js';
import { keptLook } from '../../../src/proc/kept-look.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { carriedCensus, lookWithCensus, shortCensus } from '../../../src/session/census/carried-census.js';
import { KeptCensuses } from '../../../src/session/census/kept-censuses.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { lookAt } from '../../helpers/look.js';
import { firstCensus, shownCensus } from '../../view/fixtures/census.js';

const FIRST = firstCensus();
/** 18 s later. */
const LAST: CensusReport = shownCensus();
const END = Number.POSITIVE_INFINITY;
const FIRST_MS = FIRST.timeMs ?? 0;

/** A look at a machine with an abnormal gap, at a time. */
function abnormalLook(timeMs: number, census: CensusReport | null = null): CarriedLook {
  const look = lookAt({ gap: 5, timeMs });
  return keptLook(census === null ? look : lookWithCensus(look, census));
}

function lookTold(pipeline: Pipeline, look: CarriedLook): void {
  pipeline.fact({ type: 'look', timeNs: 0, look });
}

describe('KeptCensuses', () => {
  it('gives the last with its changes since the first, in whatever order they come', () => {
    const kept = new KeptCensuses();
    expect(kept.reportAt(END)).toBeNull();
    kept.take(LAST);
    expect(kept.reportAt(END)?.sinceSeconds).toBe(LAST.sinceSeconds);
    kept.take(FIRST);
    kept.take(FIRST);
    expect(kept.reportAt(END)).toMatchObject({ timeMs: LAST.timeMs, sinceSeconds: 18 });
    expect(kept.reportAt(END)?.classes.find((row) => row.class === 'slab')?.deltaPages).toBe(300);
    expect(kept.reportAt(END)).toBe(kept.reportAt(END));
  });

  it('keeps what the objects of a cache are when a later census looked at another', () => {
    const kept = new KeptCensuses();
    kept.take(FIRST);
    kept.take({ ...LAST, types: [{ cache: 'dentry', sizeBytes: 192, live: 1, total: 2, rows: [] }] });
    expect(kept.typesAt(END).map(({ cache }) => cache)).toEqual(['kmalloc-256', 'dentry']);
    kept.take({ ...LAST, timeMs: (LAST.timeMs ?? 0) + 1 });
    expect(kept.typesAt(END)[0].rows[0]).toMatchObject({ objects: 3300, deltaObjects: 300 });
  });
});

describe('a trace', () => {
  it('has the censuses that its looks carry, in reports too', () => {
    const pipeline = new Pipeline('recording');
    lookTold(pipeline, abnormalLook(FIRST_MS, FIRST));
    expect(pipeline.report(defaultSelection(1)).census).toMatchObject({ timeMs: FIRST_MS, sinceSeconds: null });
    lookTold(pipeline, abnormalLook(FIRST_MS + 18_000, LAST));
    expect(pipeline.report(defaultSelection(1)).census).toMatchObject({ sinceSeconds: 18 });
    expect(new Pipeline('recording').report(defaultSelection(1)).census).toBeNull();
  });

  it('a census that is taken beside the first look names its holders', () => {
    const pipeline = new Pipeline('live');
    const named = (): boolean => JSON.stringify(pipeline.report(defaultSelection(1)).triage).includes('suricata');
    lookTold(pipeline, abnormalLook(FIRST_MS - 5000));
    expect(named()).toBe(false);
    pipeline.takeCensus(FIRST);
    expect(named()).toBe(true);
    expect(carriedCensus(pipeline.judgedLooks[0])?.timeMs).toBe(FIRST_MS);
    expect(carriedCensus(pipeline.looks[0])).toBeNull();
  });

  it('also where the look comes after it', () => {
    const pipeline = new Pipeline('live');
    pipeline.takeCensus(FIRST);
    lookTold(pipeline, abnormalLook(FIRST_MS - 5000));
    expect(carriedCensus(pipeline.judgedLooks[0])).not.toBeNull();
  });

  it('also where a later look carries it, so that a recording of it says the same', () => {
    const pipeline = new Pipeline('recording');
    lookTold(pipeline, abnormalLook(FIRST_MS - 5000));
    lookTold(pipeline, abnormalLook(FIRST_MS, FIRST));
    expect(carriedCensus(pipeline.judgedLooks[0])).not.toBeNull();
  });

  it('but a later one says nothing of the first look', () => {
    const late = new Pipeline('live');
    lookTold(late, abnormalLook(FIRST_MS - 120_000));
    late.takeCensus(FIRST);
    expect(carriedCensus(late.judgedLooks[0])).toBeNull();
    expect(late.census).toBe(FIRST);
    const carried = new Pipeline('recording');
    lookTold(carried, abnormalLook(FIRST_MS - 120_000));
    lookTold(carried, abnormalLook(FIRST_MS, FIRST));
    expect(carriedCensus(carried.judgedLooks[0])).toBeNull();
  });

  it.each([
    ['recording', [null, null, 18]],
    ['live', [18, 18, 18]],
  ] as const)(
    '%s: the census of a time is the last one up to it; of a live trace, and at the end, of all',
    (kind, since) => {
      const pipeline = new Pipeline(kind);
      const at = (timeNs: number): number | null | undefined => {
        pipeline.fact({ type: 'clock', timeNs });
        return pipeline.census?.sinceSeconds;
      };
      pipeline.fact({ type: 'host', facts: { ...unknownHost(), startUnixMs: FIRST_MS - 1000 } });
      pipeline.takeLooks([abnormalLook(FIRST_MS, FIRST), abnormalLook(FIRST_MS + 18_000, LAST)]);
      expect(pipeline.census === null).toBe(kind === 'recording');
      expect([at(1e9), at(18.9e9), at(19e9)]).toEqual(since);
      expect(pipeline.cacheTypes[0].rows[0].deltaObjects).toBe(300);
    },
  );

  it('at its end has also the census that was taken as it ended', () => {
    const pipeline = new Pipeline('recording');
    pipeline.fact({ type: 'host', facts: { ...unknownHost(), startUnixMs: FIRST_MS - 1000 } });
    lookTold(pipeline, abnormalLook(FIRST_MS, FIRST));
    pipeline.fact({ type: 'end', timeNs: 0.9e9, reason: 'stopped', detail: '' });
    expect(pipeline.census?.timeMs).toBe(FIRST_MS);
  });
});

it('a census of a machine with 50,000 cgroups is short enough for the screen, and adds up', () => {
  const [owner] = FIRST.owners;
  const owners = Array.from({ length: 50_000 }, (_, id) => ({ ...owner, id, path: `/pods/${'x'.repeat(100)}${id}` }));
  const short = shortCensus({ ...FIRST, owners });
  expect(JSON.stringify(short).length).toBeLessThan(140_000);
  expect(short.classes).toEqual(FIRST.classes);
  expect(short.owners.length).toBeGreaterThan(10);
});
