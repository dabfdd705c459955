import { describe, expect, it } from 'vitest';
import { restoreCore, saveCore } from '../../../src/pair/checkpoint/checkpoint.js';
import { type SinceMark, sinceMark, takeMark } from '../../../src/rank/breakdown/since-mark.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

/**
 * Pairs `before` and takes a mark; then pairs `before` and `after` in a second run, which gives the
 * same ids. Returns the rows since the mark.
 */
function marked(before: string, after: string, selection: Partial<Selection> = {}): SinceMark {
  const mark = takeMark(pairText(before).core);
  return since(pairText(`${before};${after}`), mark, selection);
}

function since({ core, symbols }: PairedText, mark: ReturnType<typeof takeMark>, selection: Partial<Selection> = {}) {
  return sinceMark({ core, symbols }, { ...defaultSelection(100), ...selection }, mark);
}

function lines(result: SinceMark): string[] {
  return result.paths.map(
    ({ change, before, after, frames, allocator }) =>
      `${change} ${allocator} ${frames[0].symbol} ${before.bytes}/${before.count} -> ${after.bytes}/${after.count}`,
  );
}

describe('growth since a mark', () => {
  const BEFORE =
    '0 alloc a 64 kept; 1 alloc b 100 gone; 2 alloc c 500 less; 3 alloc d 500 less; 4 palloc 8 order 1 more';
  const AFTER = '5 free b; 6 free d; 7 palloc 16 order 0 more; 8 alloc e 32 fresh; 9 alloc f 8 brief; 10 free f';

  it('lists what is new and grown first, then what shrank, each in the order of a diff, and nothing that stayed', () => {
    const result = marked(BEFORE, AFTER);
    expect(lines(result)).toEqual([
      'grown page more 8192/2 -> 12288/3',
      'new slab fresh 0/0 -> 32/1',
      'shrunk slab less 1000/2 -> 500/1',
      'gone slab gone 100/1 -> 0/0',
    ]);
    expect(result).toMatchObject({
      markNs: 4,
      nowNs: 10,
      before: { bytes: 64 + 100 + 1000 + 8192, count: 6 },
      after: { bytes: 64 + 500 + 12288 + 32, count: 6 },
      changed: { new: 1, grown: 1, shrunk: 1, gone: 1 },
      partly: false,
    });
  });

  it('a call path that only changed its count is told by that', () => {
    const result = marked('0 alloc a 64 x; 1 alloc b 64 x', '2 free a; 3 free b; 4 alloc c 128 x');
    expect(lines(result)).toEqual(['shrunk slab x 128/2 -> 128/1']);
  });

  it('obeys what a selection says of call paths, and says when it cannot obey the rest', () => {
    expect(lines(marked(BEFORE, AFTER, { allocators: ['page'] }))).toHaveLength(1);
    expect(lines(marked(BEFORE, AFTER, { grep: 'les+' }))).toEqual(['shrunk slab less 1000/2 -> 500/1']);
    expect(lines(marked(BEFORE, AFTER, { hide: 'less|gone' }))).toHaveLength(2);
    const rules = [{ pattern: 'less', reason: 'known' }];
    expect(lines(marked(BEFORE, AFTER, { suppress: rules }))).toHaveLength(3);
    expect(lines(marked(BEFORE, AFTER, { watch: rules }))).toEqual(['shrunk slab less 1000/2 -> 500/1']);
    expect(marked(BEFORE, AFTER, { pid: 7 })).toMatchObject({ partly: true, changed: { new: 1 } });
  });

  it('hides the own memory of the tracer on both sides unless it is asked for', () => {
    const before = '0 palloc 8 order 0 self x; 1 palloc 9 order 0 x';
    const after = '2 palloc 10 order 2 self x';
    expect(lines(marked(before, after))).toEqual([]);
    expect(marked(before, after).after).toEqual({ bytes: 4096, count: 1 });
    expect(lines(marked(before, after, { includeSelf: true }))).toEqual(['grown page x 8192/2 -> 24576/6']);
  });

  it('pages that back slabs come after what grows by itself and are in no sum', () => {
    const result = marked(
      '0 alloc a 64 x',
      '1 palloc 8 order 3 new_slab < allocate_slab < x; 2 palloc 64 order 0 lone',
    );
    expect(lines(result).map((line) => line.split(' ')[2])).toEqual(['lone', 'new_slab']);
    expect(result.after).toEqual({ bytes: 64 + 4096, count: 2 });
  });

  it('a limit leaves a quarter for what shrank, the greatest of each', () => {
    const risen = Array.from({ length: 12 }, (_, i) => `${i} alloc r${i} ${i + 1} risen${i}`).join(';');
    const fallen = Array.from({ length: 12 }, (_, i) => `${i} alloc f${i} ${i + 1} fallen${i}`).join(';');
    const frees = Array.from({ length: 12 }, (_, i) => `${20 + i} free f${i}`).join(';');
    const result = marked(fallen, `${frees};${risen}`, { limit: 8 });
    expect(lines(result).map((line) => line.split(' ')[2])).toEqual([
      'risen11',
      'risen10',
      'risen9',
      'risen8',
      'risen7',
      'risen6',
      'fallen11',
      'fallen10',
    ]);
    expect(result.changed).toEqual({ new: 12, grown: 0, shrunk: 0, gone: 12 });
  });

  it('says who holds what grew: the process where one holds nearly all, and nobody for what is gone', () => {
    const result = marked(
      '0 alloc a 64 comm=sh pid=3 gone',
      `1 free a; 2 alloc b 900 comm=node pid=7 one; 3 alloc c 50 comm=ls pid=8 one;
       4 alloc d 300 comm=node pid=7 two; 5 alloc e 200 comm=ls pid=8 two`,
    );
    const holders = result.paths.map(({ frames, holder }) =>
      [frames[0].symbol, holder?.name, holder?.pid, holder?.more].join(' '),
    );
    expect(holders).toEqual(['one node 7 1', 'two node  1', 'gone   ']);
    const values = result.paths.map(({ suspicion }) => suspicion ?? 0);
    expect(values[0]).toBeGreaterThan(values[1]);
  });

  it('serves a time before the mark, where some call paths were not known yet', () => {
    const mark = takeMark(pairText(`${BEFORE};${AFTER}`).core);
    expect(lines(since(pairText('0 alloc a 64 kept; 1 alloc b 100 gone'), mark))).toEqual([
      'new slab gone 0/0 -> 100/1',
    ]);
  });

  it('is the same over a core that was restored from a checkpoint', () => {
    const whole = pairText(`${BEFORE};${AFTER}`);
    const mark = takeMark(pairText(BEFORE).core);
    const bytes = saveCore(whole.core);
    if (bytes === null) throw new Error('no checkpoint');
    const core = restoreCore(bytes, whole.core.dictionary);
    core.fact({ type: 'host', facts: whole.core.hostFacts });
    expect(since({ ...whole, core }, mark)).toEqual(since(whole, mark));
  });
});

it.each(Array.from({ length: 50 }, (_, seed) => seed))('seed %i: after - before is the sum of all changes', (seed) => {
  const random = seededRandom(seed);
  const events: string[] = [];
  const live: number[] = [];
  for (let i = 0; i < 120; i++) {
    if (random() < 0.4 && live.length > 0) {
      const [address] = live.splice(Math.floor(random() * live.length), 1);
      events.push(`${i} free 0x${address.toString(16)}`);
    } else {
      const address = 0x1000 + i * 64;
      live.push(address);
      events.push(
        `${i} alloc 0x${address.toString(16)} ${1 + Math.floor(random() * 500)} f${Math.floor(random() * 9)}`,
      );
    }
  }
  const cut = Math.floor(random() * events.length);
  const mark = takeMark(pairText(events.slice(0, cut).join(';')).core);
  const result = since(pairText(events.join(';')), mark);
  const sum = { bytes: 0, count: 0 };
  for (const { before, after } of result.paths) {
    sum.bytes += after.bytes - before.bytes;
    sum.count += after.count - before.count;
  }
  expect(sum).toEqual({
    bytes: result.after.bytes - result.before.bytes,
    count: result.after.count - result.before.count,
  });
  // Nothing has happened since a mark taken now.
  const whole = pairText(events.join(';'));
  expect(since(whole, takeMark(whole.core)).paths).toEqual([]);
});
