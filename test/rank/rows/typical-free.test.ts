/** Where memory is usually freed, from events to the rows of a report and the details of a call path. */
import { describe, expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { KFREE, KMALLOC } from '../../../src/event/kinds.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import { freeSentence } from '../../../src/rank/answer/free-words.js';
import { openStack, rank } from '../../../src/rank/rank.js';
import type { TypicalFree } from '../../../src/rank/report/free-sites.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { SymbolTable } from '../../../src/symbols/symbol-table.js';
import { batchOf, internPath } from '../../helpers/sample-trace.js';

const SOURCE = { kind: 'recording', facts: unknownHost() } as const;
const NAMES = ['sock_alloc', 'kfree', 'unix_release_sock', 'unix_release', 'sock_close', 'rcu_do_batch', 'do_exit'];
const [ALLOC, KFREE_AT, RELEASE_SOCK, RELEASE, CLOSE, RCU, EXIT] = NAMES.map(
  (_, i) => 0xffffffff81000000n + BigInt(i) * 16n,
);

/** 1,000 objects, of which the first `freed` are freed: nine of ten by unix_release_sock, the others by RCU. */
function traced(freed: number): { core: PairingCore; symbols: SymbolTable } {
  const core = new PairingCore(new TraceDictionary());
  const symbols = new SymbolTable();
  for (const [i, symbol] of NAMES.entries()) {
    symbols.add({ addressHi: 0xffffffff, addressLo: 0x81000000 + i * 16, symbol, offset: 0, module: null });
  }
  const { dictionary } = core;
  const alloc = internPath(dictionary, [ALLOC]);
  const sites = [
    internPath(dictionary, [KFREE_AT, RELEASE_SOCK, RELEASE, CLOSE]),
    internPath(dictionary, [KFREE_AT, RCU]),
    internPath(dictionary, [KFREE_AT, RELEASE_SOCK, RELEASE, EXIT]),
  ];
  for (let i = 0; i < 1000; i++) {
    const address = (i + 1) * 64;
    const batch = batchOf([
      [i * 1e6, KMALLOC, 1, address, 64, 64, alloc, 1, 0, 0],
      ...(i < freed
        ? [[i * 1e6 + 100_000, KFREE, 1, address, 0, 0, sites[i % 10 === 0 ? 1 : i % 10 === 1 ? 2 : 0], 1, 0, 0]]
        : []),
    ]);
    batch.cpu[0] = 1;
    batch.cpu[1] = i % 4 === 0 ? 2 : 1;
    core.events(batch);
  }
  core.fact({ type: 'clock', timeNs: 10e9 });
  return { core, symbols };
}

function typical(trace: ReturnType<typeof traced>, selection: Partial<Selection> = {}): TypicalFree | null {
  const { stacks } = rank(trace, { ...defaultSelection(10), ...selection }, SOURCE);
  return stacks[0].typicalFree;
}

describe('100 of 1,000 objects that were freed in 100 us', () => {
  const trace = traced(100);
  const row = typical(trace, { group: 'stack' });

  it('name who freed them, after how long, and say that the other 900 never were', () => {
    expect(row).toMatchObject({
      samples: 100,
      function: 'unix_release_sock',
      module: null,
      share: 0.9,
      afterGracePeriod: false,
      medianNs: { from: 2 ** 16, to: 2 ** 17 },
      withinNs: 2 ** 17,
      otherCpuShare: 0.25,
      heldLonger: 900,
    });
    expect(row === null ? '' : freeSentence(row)).toBe(
      'usually freed by unix_release_sock within 131µs; these 900 never',
    );
  });

  it('have the call paths of the frees, the most frequent first', () => {
    expect(
      row?.sites.map(({ count, share, function: name, afterGracePeriod }) => [count, share, name, afterGracePeriod]),
    ).toEqual([
      [80, 0.8, 'unix_release_sock', false],
      [10, 0.1, null, true],
      [10, 0.1, 'unix_release_sock', false],
    ]);
    expect(row?.sites[0].frames.map(({ symbol }) => symbol)).toEqual([
      'kfree',
      'unix_release_sock',
      'unix_release',
      'sock_close',
    ]);
    expect(row?.sites[0].firstFrame).toBe(1);
  });

  it('have them as a tree in the detail, which joins what begins alike', () => {
    const [{ stackId }] = rank(trace, { ...defaultSelection(10), group: 'stack' }, SOURCE).stacks;
    const detail = openStack(trace, { ...defaultSelection(10), group: 'stack' }, stackId);
    expect(detail?.freePaths).toHaveLength(3);
    expect(detail?.freeTree).toEqual([
      {
        function: 'unix_release_sock',
        module: null,
        count: 90,
        callers: [
          {
            function: 'unix_release',
            module: null,
            count: 90,
            callers: [
              { function: 'sock_close', module: null, count: 80, callers: [] },
              { function: 'do_exit', module: null, count: 10, callers: [] },
            ],
          },
        ],
      },
      {
        function: 'kfree',
        module: null,
        count: 10,
        callers: [{ function: 'rcu_do_batch', module: null, count: 10, callers: [] }],
      },
    ]);
    expect(detail?.stack.typicalFree).toEqual(row);
  });

  it.each(['finding', 'site', 'comm', 'module'] as const)('say the same of the group by %s', (group) => {
    expect(typical(trace, { group })).toMatchObject({ samples: 100, function: 'unix_release_sock', heldLonger: 900 });
  });
});

it('knows nothing of a call path without a free in the sample', () => {
  expect(typical(traced(0))).toBeNull();
});

it('counts frees before the alloc was sent with those of its events', () => {
  const trace = traced(10);
  const rows = Array.from({ length: 90 }, () => ({
    allocator: 1,
    stackId: 1,
    freeStackId: 2,
    ageNs: 1000,
    cpu: 0,
    freeCpu: 1,
  }));
  trace.core.fact({ type: 'freed', timeNs: 10e9, rows });
  expect(typical(trace)).toMatchObject({ samples: 100, withinNs: 1024, share: 0.99, heldLonger: 990 });
});

it('leaves the allocations and counts as they are', () => {
  const trace = traced(10);
  const before = rank(trace, defaultSelection(10), SOURCE).stacks[0];
  trace.core.fact({
    type: 'freed',
    timeNs: 10e9,
    rows: [{ allocator: 1, stackId: 1, freeStackId: 2, ageNs: 1, cpu: 0, freeCpu: 0 }],
  });
  const after = rank(trace, defaultSelection(10), SOURCE).stacks[0];
  expect([after.allocCount, after.freeCount, after.count]).toEqual([before.allocCount, before.freeCount, before.count]);
});
