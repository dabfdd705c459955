import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseFree, parsePaging } from '../../../src/proc/machine/usage.js';
import { PagingHistory } from '../../../src/session/pipeline/paging-history.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { restorePipeline, savePipeline } from '../../../src/session/pipeline/pipeline-checkpoint.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';

const vmstat = (faults: number): string => `pgfault ${faults}\npgfree 1\n`;
const faultsOf = (history: PagingHistory): unknown => {
  const rate = history.view().rates.find(({ name }) => name === 'faults');
  return rate === undefined ? null : [rate.now, rate.sinceStart, rate.most, rate.mostNs];
};

describe('PagingHistory', () => {
  it('has rates from the second sample on', () => {
    const history = new PagingHistory();
    history.take(1e9, 'vmstat', vmstat(1000));
    expect(faultsOf(history)).toBeNull();
    history.take(3e9, 'vmstat', vmstat(1400));
    history.take(5e9, 'vmstat', vmstat(1500));
    expect(faultsOf(history)).toEqual([50, 125, 200, 3e9]);
    expect(history.view()).toMatchObject({ beforeNs: 3e9, nowNs: 5e9 });
  });

  it('takes no second sample of one moment, none that goes back in time, no other text and no impossible time', () => {
    const history = new PagingHistory();
    history.take(1e9, 'vmstat', vmstat(1000));
    history.take(1.1e9, 'vmstat', vmstat(9000));
    history.take(0, 'vmstat', vmstat(9000));
    history.take(9e9, 'vmstat', 'MemTotal: 1 kB\n');
    history.take(9e9, 'slabinfo', vmstat(9000));
    history.take(Number.NaN, 'vmstat', vmstat(9000));
    expect(faultsOf(history)).toBeNull();
  });

  it('is the same after it was saved as JSON and restored, and what follows too', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(1e6)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.nat(12), (samples, at) => {
        const whole = new PagingHistory();
        let parts = new PagingHistory();
        let seconds = 0;
        let faults = 0;
        for (const [index, [step, more]] of samples.entries()) {
          if (index === at) {
            const saved: unknown = JSON.parse(JSON.stringify(parts.save()));
            parts = new PagingHistory();
            parts.restore(saved);
          }
          seconds += step;
          faults += more;
          for (const history of [whole, parts]) {
            history.take(seconds * 1e9, 'vmstat', vmstat(faults));
            history.take(seconds * 1e9, 'meminfo', `MemTotal: 9 kB\nMemFree: ${step} kB\n`);
          }
        }
        expect(parts.view()).toEqual(whole.view());
      }),
      { numRuns: 60 },
    );
  });

  it('stays as it is if what is restored cannot be one', () => {
    const history = new PagingHistory();
    for (const saved of [
      undefined,
      null,
      7,
      {},
      { first: null, before: null, last: null, most: [1], mostNs: [], free: null, freeNs: 0 },
    ]) {
      history.restore(saved);
      expect(history.view()).toMatchObject({ free: null, rates: [] });
    }
  });
});

test('a checkpoint of a pipeline has it; one of an earlier version has none', () => {
  const symbolLog = new SymbolLog();
  const pipeline = new Pipeline('recording', { symbolLog });
  for (const [timeNs, faults] of [
    [0, 1000],
    [5e9, 9000],
  ]) {
    pipeline.fact({ type: 'counters', timeNs, source: 'vmstat', text: vmstat(faults) });
    pipeline.fact({ type: 'counters', timeNs, source: 'meminfo', text: 'MemTotal: 9 kB\nMemFree: 4 kB\n' });
  }
  const view = pipeline.paging.view();
  expect([faultsOf(pipeline.paging), view.free?.free]).toEqual([[1600, 1600, 1600, 5e9], 4096]);
  const bytes = savePipeline(pipeline) ?? expect.unreachable();
  expect(restorePipeline(bytes, 'recording', pipeline.dictionary, symbolLog).paging.view()).toEqual(view);
  // The name of the field becomes one that nobody knows.
  const old = Buffer.from(bytes);
  old.write('"gaping"', old.indexOf('"paging"'));
  expect(restorePipeline(old, 'recording', pipeline.dictionary, symbolLog).paging.view().free).toBeNull();
});

describe('parsePaging()', () => {
  it('counts each page of reclaim once, with the lines of old and of new kernels', () => {
    const old =
      'pgfree 9\npgscan_kswapd_dma 1\npgscan_kswapd_normal 2\npgscan_direct_normal 4\npgscan_direct_throttle 99\npgsteal_kswapd_normal 3\npgsteal_direct_normal 1\nallocstall 5\n';
    expect(parsePaging(old)).toMatchObject({ scannedByKswapd: 3, scannedDirectly: 4, reclaimed: 4, stalls: 5 });
    const now =
      'pgfree 9\npgscan_kswapd 3\npgscan_direct 4\npgscan_khugepaged 1\npgscan_direct_throttle 99\npgscan_anon 5\npgscan_file 3\npgsteal_kswapd 2\npgsteal_direct 3\npgsteal_khugepaged 1\npgsteal_anon 4\npgsteal_file 2\nallocstall_normal 2\nallocstall_movable 3\npgpgin 2\n';
    expect(parsePaging(now)).toMatchObject({
      scannedByKswapd: 3,
      scannedDirectly: 5,
      reclaimed: 6,
      stalls: 5,
      pagedIn: 2048,
    });
    expect(parsePaging('pgpgin 2\n')).toBeNull();
  });
});

describe('parseFree()', () => {
  it('counts as used what is not available, before 3.14 what is neither free nor cache', () => {
    const lines = 'MemTotal: 100 kB\nMemFree: 20 kB\nBuffers: 5 kB\nCached: 10 kB\nSReclaimable: 5 kB\n';
    expect(parseFree(lines)).toMatchObject({ used: 60 * 1024, cache: 20 * 1024, available: null, swapTotal: 0 });
    expect(parseFree(`${lines}MemAvailable: 35 kB\n`)).toMatchObject({ used: 65 * 1024, available: 35 * 1024 });
    expect(parseFree('pgfree 1\n')).toBeNull();
  });
});
