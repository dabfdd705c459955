import { describe, expect, it, test } from 'vitest';
import { ACCOUNT_TERMS } from '../../../../src/proc/memory-account.js';
import type { Report } from '../../../../src/rank/report/report.js';
import { defaultSelection } from '../../../../src/rank/report/selection.js';
import { Pipeline } from '../../../../src/session/pipeline/pipeline.js';
import {
  type ChangeRow,
  foldedRows,
  type MemoryChanges,
  memoryChanges,
  SHOWN_TERMS,
} from '../../../../src/view/tabs/memory/change-rows.js';
import { SAMPLE_HOST } from '../../../helpers/sample-trace.js';
import { seededRandom } from '../../../helpers/seeded-random.js';
import { grownReport, MIB } from '../../fixtures/grown.js';

const TOTAL_KIB = 4_000_000;
const NAMES =
  'Buffers Cached Shmem SwapCached AnonPages Slab SReclaimable KReclaimable VmallocUsed KernelStack PageTables ' +
  'SecPageTables Percpu Hugetlb Zswap GPUActive GPUReclaim Bounce WritebackTmp HardwareCorrupted Active Inactive';

/** Two samples of the counters; the lines add up to `full` times the total at most. */
function randomReport(seed: number, full: number, totals: readonly [number, number]): Report {
  const random = seededRandom(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const pipeline = new Pipeline('recording');
  pipeline.fact({ type: 'host', facts: SAMPLE_HOST });
  for (const [at, total] of totals.entries()) {
    const timeNs = at * 1e9;
    const names = NAMES.split(' ');
    const lines = names.map((name) => `${name}: ${below(random() < 0.2 ? 1 : (full * total) / names.length)} kB`);
    pipeline.fact({
      type: 'counters',
      timeNs,
      source: 'zoneinfo',
      text: `managed ${total / 4}\nnr_free_pages 900\ncount ${below(9000)}\nnr_zspages ${below(300)}\n`,
    });
    const text = `MemTotal: ${total} kB\nMemFree: ${below(total / 9)} kB\n${lines.join('\n')}\n`;
    pipeline.fact({ type: 'counters', timeNs, source: 'meminfo', text });
  }
  return pipeline.report(defaultSelection(10));
}

function changesOf(report: Report): MemoryChanges {
  const changes = memoryChanges(report);
  if (changes === null) throw new Error('no changes');
  return changes;
}

const sumOf = (rows: readonly ChangeRow[]): number => rows.reduce((sum, { changeBytes }) => sum + changeBytes, 0);
const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);

describe('the changes of all lines add up to that of free memory', () => {
  it.each(seeds)('where MemTotal stays and there is a gap, seed %i', (seed) => {
    const changes = changesOf(randomReport(seed, 0.8, [TOTAL_KIB, TOTAL_KIB]));
    expect(changes.rest).toEqual([]);
    expect(sumOf(changes.lines)).toBe(-changes.free.changeBytes);
    for (const most of [3, 5, 8, 40]) {
      const rows = foldedRows(changes, most);
      expect(rows.length).toBeLessThanOrEqual(most);
      expect(rows[0].name).toBe('not in meminfo');
      expect(sumOf(rows)).toBe(-changes.free.changeBytes);
      expect(rows.reduce((lines, row) => lines + row.lines, 0)).toBe(changes.lines.length);
    }
  });

  it.each(seeds)('and to that of MemTotal, and of what the counters show twice, seed %i', (seed) => {
    const changes = changesOf(randomReport(seed, 2.5, [TOTAL_KIB, TOTAL_KIB + (seed % 2) * 131_072]));
    expect(sumOf(changes.lines) + changes.free.changeBytes).toBe(sumOf(changes.rest));
    expect(changes.rest.some(({ name }) => name === 'MemTotal')).toBe(seed % 2 === 1);
    const rows = foldedRows(changes, 9);
    expect(rows.length).toBeLessThanOrEqual(9);
    expect(rows.slice(rows.length - changes.rest.length)).toEqual(changes.rest);
  });

  it('counters show some memory twice in some of these', () => {
    const reports = seeds.map((seed) => changesOf(randomReport(seed, 2.5, [TOTAL_KIB, TOTAL_KIB])));
    expect(reports.some(({ rest }) => rest.some(({ name }) => name === 'counted twice'))).toBe(true);
  });
});

test('every term of the account is in one line', () => {
  expect(SHOWN_TERMS.toSorted()).toEqual([...ACCOUNT_TERMS].toSorted());
});

test('without a sample of the counters there are none', () => {
  expect(memoryChanges({ ...grownReport(), meminfo: null })).toBeNull();
});

/** Names of the rows of the grown report. */
function folded(most: number): string[] {
  return foldedRows(changesOf(grownReport()), most).map(({ name }) => name);
}

describe('lines in one row', () => {
  test('are those without a change to be seen, whatever their place', () => {
    expect(folded(20)).toEqual([
      'not in meminfo',
      'Shmem',
      'Cached less Shmem',
      'AnonPages',
      'PageTables',
      'Slab',
      '4 more lines',
    ]);
  });

  test('and those that changed least where there is no room; the others keep their order', () => {
    expect(folded(5)).toEqual(['not in meminfo', 'Shmem', 'Cached less Shmem', 'AnonPages', '6 more lines']);
    expect(folded(2)).toEqual(['not in meminfo', '9 more lines']);
  });

  test('a single one keeps its name', () => {
    const changes = changesOf(grownReport());
    const lines = changes.lines.filter(({ name }) => !['Buffers', 'KernelStack', 'Percpu'].includes(name));
    expect(foldedRows({ ...changes, lines }, 20).at(-1)?.name).toBe('VmallocUsed');
  });
});

/** Ranks of the findings beside a line. */
function inLine(report: Report, name: string): number[] | undefined {
  const line = changesOf(report).lines.find((each) => each.name === name);
  return line?.findings.map(({ rank }) => rank);
}

describe('findings', () => {
  test('stand beside the line that counts most of their memory, if they hold an eighth of its change', () => {
    const report = grownReport();
    expect(inLine(report, 'not in meminfo')).toEqual([1]);
    expect(inLine(report, 'Shmem')).toEqual([2]);
    expect(inLine(report, 'AnonPages')).toEqual([3]);
    expect(inLine(report, 'PageTables')).toEqual([4]);
    // 384 KiB of page cache say nothing of 14.4 MiB, nor 79.5 KiB of slab of 768.
    expect(inLine(report, 'Cached less Shmem')).toEqual([]);
    expect(inLine(report, 'Slab')).toEqual([]);
  });

  test('explain of each line that grew at most what it grew by', () => {
    const { explainedBytes } = changesOf(grownReport());
    expect((explainedBytes ?? 0) / MIB).toBeCloseTo(22.1 + 44.8 + 384 / 1024 + 768 / 1024, 1);
  });

  test('explain nothing where free memory grew, or frees are missing, or only a sample was traced', () => {
    const report = grownReport();
    const { meminfo, outstanding } = report;
    if (meminfo === null) throw new Error('no meminfo');
    const terms = meminfo.terms.map((term) =>
      term.name === 'MemFree' ? { ...term, atStartBytes: term.bytes - 2 * MIB } : term,
    );
    expect(changesOf({ ...report, meminfo: { ...meminfo, terms } }).explainedBytes).toBeNull();
    const page = { ...outstanding.page, meaning: 'allocated' as const, bytes: 1 };
    expect(changesOf({ ...report, outstanding: { ...outstanding, page } }).explainedBytes).toBeNull();
    expect(changesOf({ ...report, estimate: {} as never }).explainedBytes).toBeNull();
  });
});
