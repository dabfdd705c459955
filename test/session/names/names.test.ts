/** What rows belong to: which of their memory is looked at, when, and what becomes of the answer. */
import { expect, it, vi } from 'vitest';
import { KFREE, KMALLOC, PAGE, PAGE_ALLOC, SELF_BIT, SLAB } from '../../../src/event/kinds.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { type LookAtNames, NamesWatch, wantedRows } from '../../../src/session/names/names-watch.js';
import { askedOf, isHeld, sampleRows } from '../../../src/session/names/sample-rows.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { restorePipeline, savePipeline } from '../../../src/session/pipeline/pipeline-checkpoint.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import { emptyThing } from '../../../src/things/thing.js';
import { batchOf, internPath, SAMPLE_HOST } from '../../helpers/sample-trace.js';

const HI = 0xffff8880;

/** A trace of 1,000 objects of one call path, 3 blocks of pages of another, and an object of the tracer. */
function traced(): { pipeline: Pipeline; slab: number; page: number } {
  const pipeline = new Pipeline('live');
  const [objects, pages] = [1n, 2n].map((address) => internPath(pipeline.dictionary, [address]));
  pipeline.fact({ type: 'host', facts: { ...SAMPLE_HOST, sampleOneIn: 1, minAgeNs: 0 } });
  pipeline.events(
    batchOf([
      [1, KMALLOC | SELF_BIT, HI, 0x40, 64, 64, objects, 7, 0, 0],
      ...Array.from({ length: 1000 }, (_, i) => [2, KMALLOC, HI, 0x1000 + i * 64, 64, 64, objects, 7, 0, 0]),
      [3, PAGE_ALLOC, 0, 0x8000, 8, 0, pages, 7, 0, 0],
      [3, PAGE_ALLOC, 0xf, 0x80000000, 1, 0, pages, 7, 0, 0],
      [3, PAGE_ALLOC, 0, 0x8010, 16, 0, pages, 7, 0, 0],
    ]),
  );
  const { paths } = pipeline.core;
  const [slab, page] = [objects * 4 + SLAB, pages * 4 + PAGE];
  expect([slab, page].map((key) => paths.findRow(key) > 0)).toEqual([true, true]);
  return { pipeline, slab, page };
}

function row(stackId: number, allocator: number, path: string) {
  const things = [{ thing: { ...emptyThing('file'), path }, different: 1, count: 2, bytes: 8192 }];
  return {
    stackId: Math.floor(stackId / 4),
    allocator,
    looked: 4,
    lookedBytes: 16384,
    known: 2,
    knownBytes: 8192,
    things,
  };
}

it('looks at no more of a row than is wanted, and at all of one that has less', () => {
  const { pipeline, slab, page } = traced();
  const [objects, blocks, none] = sampleRows(pipeline.core, [
    { stackId: slab, most: 256 },
    { stackId: page, most: 256 },
    { stackId: 4004, most: 256 },
  ]);
  expect(new Set(objects.map(askedOf)).size).toBe(256);
  expect(objects.every((each) => /^object ffff8880000\w{5}$/.test(askedOf(each)) && each.bytes === 64)).toBe(true);
  // The tracer's own is left out.
  expect(sampleRows(pipeline.core, [{ stackId: slab, most: 5000 }])[0]).toHaveLength(1000);
  expect(Object.fromEntries(blocks.map((each) => [askedOf(each), each.bytes]))).toEqual({
    'page 8000': 32768,
    'page 8010': 65536,
    'page f80000000': 4096,
  });
  expect(none).toEqual([]);
});

it('knows what is held no more, and what another has come to since', () => {
  const { pipeline, slab } = traced();
  const [sample] = sampleRows(pipeline.core, [{ stackId: slab, most: 2 }]);
  const path = pipeline.core.paths.stackId[sample[0].row];
  expect(sample.map((each) => isHeld(pipeline.core, each))).toEqual([true, true]);
  const free = (each: (typeof sample)[number]) => [
    4,
    KFREE,
    each.addressHi >>> 0,
    each.addressLo >>> 0,
    0,
    0,
    0,
    7,
    0,
    0,
  ];
  pipeline.events(batchOf(sample.map(free)));
  const again = [5, KMALLOC, HI, sample[1].addressLo >>> 0, 64, 64, path, 7, 0, 0];
  pipeline.events(batchOf([again]));
  expect(sample.map((each) => isHeld(pipeline.core, each))).toEqual([false, false]);
});

it('shows the last that was told of a row in its report and its detail, and keeps it in a checkpoint', () => {
  const { pipeline, slab, page } = traced();
  pipeline.fact({ type: 'names', timeNs: 5, rows: [row(slab, SLAB, '/old'), row(page, PAGE, '/pages')] });
  pipeline.fact({ type: 'names', timeNs: 9, rows: [row(slab, SLAB, '/new')] });
  const read = (from: Pipeline) => {
    const { stacks, findings } = from.report(defaultSelection(10));
    const [inRows, inFindings] = [stacks, findings].map((rows) =>
      Object.fromEntries(rows.map(({ stackId, names }) => [stackId, `${names?.timeNs} ${names?.things[0].text}`])),
    );
    const opened = from.detail(defaultSelection(10), slab);
    return { inRows, inFindings, opened: opened?.stack.names?.things[0].thing.path };
  };
  const shown = { [page]: '5 /pages', [slab]: '9 /new' };
  const seen = read(pipeline);
  expect(seen).toEqual({ inRows: shown, inFindings: shown, opened: '/new' });
  const saved = savePipeline(pipeline);
  if (saved === null) throw new Error('no checkpoint');
  expect(read(restorePipeline(saved, 'live', pipeline.dictionary, new SymbolLog()))).toEqual(seen);
});

it('keeps the rows told last, however many come', () => {
  const { pipeline, slab } = traced();
  pipeline.fact({ type: 'names', timeNs: 5, rows: [row(slab, SLAB, '/x')] });
  for (let id = 100; id < 300; id++) pipeline.fact({ type: 'names', timeNs: id, rows: [row(id * 4, SLAB, '/y')] });
  expect(pipeline.names.size).toBe(64);
  expect(pipeline.names.of(pipeline.core, slab)).toBeNull();
});

/** A watch over a trace whose looks end when they are told to. */
function watched(known: number[] = []) {
  const { pipeline, slab, page } = traced();
  const report = pipeline.report(defaultSelection(10));
  const look = vi.fn<LookAtNames>(() => Promise.resolve(new Set(known)));
  const watch = new NamesWatch(look);
  const want = async (nowMs: number, opened: number | null = null): Promise<number[] | null> => {
    look.mockClear();
    watch.want(report, report.stacks.find(({ stackId }) => stackId === opened) ?? null, nowMs);
    await Promise.resolve();
    await Promise.resolve();
    return look.mock.calls.length === 0
      ? null
      : look.mock.calls[0][0].map(({ stackId }) => stackId).toSorted((a, b) => a - b);
  };
  return { report, look, watch, want, slab, page };
}

it('looks at the rows of the list now and then, and seldom at those of which nothing is known', async () => {
  const { want, slab, page } = watched([4]);
  expect(slab).toBe(5);
  expect(await want(0)).toEqual([slab, page].toSorted((a, b) => a - b));
  expect(await want(9_000)).toBeNull();
  expect(await want(10_000)).toBeNull();
  expect(await want(60_000)).toEqual([slab, page].toSorted((a, b) => a - b));
});

it('looks at an opened row sooner, and at more of it', async () => {
  const { want, look, slab } = watched([5, 8]);
  await want(0);
  expect(await want(2_000, slab)).toBeNull();
  expect(await want(3_000, slab)).toEqual([slab]);
  expect(look.mock.calls[0][0][0].most).toBe(256);
  expect(await want(3_500, slab)).toBeNull();
  expect(await want(6_000, slab)).toEqual([slab]);
});

it('does not look where it was refused, nor once it is stopped, and not twice at a time', async () => {
  const refused = watched();
  refused.look.mockImplementation(() => Promise.reject(new Error('lockdown')));
  expect(await refused.want(0)).not.toBeNull();
  expect(await refused.want(1e6)).toBeNull();

  const slow = watched();
  slow.look.mockImplementation(() => new Promise(() => undefined));
  expect(await slow.want(0)).not.toBeNull();
  const signal = slow.look.mock.calls[0][1];
  expect(await slow.want(1e6)).toBeNull();
  expect(signal.aborted).toBe(false);
  slow.watch.stop();
  expect(signal.aborted).toBe(true);
});

it('asks nothing of memory that no file, socket or map can be', () => {
  const { report } = watched();
  const [first] = report.stacks;
  const rows = (changes: object) => wantedRows({ stacks: [{ ...first, ...changes }], findings: [] });
  // An address of a process would be read as one of the kernel's.
  for (const allocator of ['heap', 'map', 'reserved']) expect(rows({ allocator })).toEqual([]);
  expect(rows({ category: 'shmem' })).toHaveLength(1);
  for (const category of ['anon', 'page tables', 'kernel stack', 'backing']) expect(rows({ category })).toEqual([]);
  expect(rows({ baseline: true })).toEqual([]);
  expect(rows({ bytes: 0 })).toEqual([]);
  const frames = [{ ...first.frames[0], module: 'e1000e' }];
  expect(rows({ frames, firstFrame: 0 })).toMatchObject([{ module: 'e1000e' }]);
});
