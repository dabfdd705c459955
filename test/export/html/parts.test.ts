/** Parts of the page as text: bars, charts with their tables, findings, processes and caches. */
import { describe, expect, it } from 'vitest';
import type { HeldMeaning } from '../../../src/coverage/meaning.js';
import { heldChart } from '../../../src/export/html/charts.js';
import { findingsTable } from '../../../src/export/html/findings.js';
import { changeChart, memoryBars } from '../../../src/export/html/memory.js';
import { pictureOf } from '../../../src/export/html/picture.js';
import { stillFlame } from '../../../src/export/html/still-flame.js';
import { whoText } from '../../../src/export/html/who.js';
import type { Report } from '../../../src/rank/report/report.js';
import { exportOrigins } from '../../helpers/export-origins.js';
import { exportReport } from '../../helpers/export-report.js';

const curved: Report = {
  ...exportReport(),
  durationNs: 10e9,
  curve: { firstNs: 5e9, stepNs: 5e9, points: 2 },
  stacks: exportReport().stacks.map((stack) => ({ ...stack, curve: [stack.bytes / 2, stack.bytes] })),
};
const picture = pictureOf(curved, exportOrigins(curved));

/** The visible text of markup. */
const textOf = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

const findingsText = (report: Report): string => textOf(findingsTable(pictureOf(report, null)));

describe('memory', () => {
  it('is two bars of one scale, with the change of each part and the gap last', () => {
    const html = memoryBars(curved);
    const bars = html.match(/<div class="parts".*?<\/div>/g) ?? [];
    expect(bars).toHaveLength(2);
    expect([...bars[1].matchAll(/title="(.*?)"/g)].map(([, title]) => title)).toEqual([
      'free 8.25 GiB',
      'processes 23.5 GiB',
      'not in meminfo 256 MiB',
    ]);
    expect(textOf(html)).toContain('not in meminfo 256 MiB +128 MiB');
    expect(memoryBars({ ...curved, memory: null })).toBe('');
  });

  it('has its change over time as lines, the gap first, and as a table', () => {
    const html = changeChart(curved);
    expect(html).toContain('aria-label="Change since the start: not in meminfo +128 MiB, processes -256 MiB."');
    expect(html.match(/<polyline/g)).toHaveLength(2);
    expect(textOf(html)).toContain('1.00s ±0 B ±0 B 9.00s +128 MiB -256 MiB');
    expect(changeChart({ ...curved, memory: null })).toBe('');
  });
});

describe('the chart of what is held', () => {
  it('stacks six findings and the others, and says the same in words and figures', () => {
    const html = heldChart(picture);
    expect(html.match(/<polygon class="f/g)).toHaveLength(Math.min(7, picture.findings.length));
    expect(html).toMatch(
      /aria-label="Held by finding, at most [\d.]+ MiB; at the end: 1 pipe buffers of leak 4711 6\.00 MiB, /,
    );
    expect(textOf(html)).toContain('10.0s 6.00 MiB');
    expect(heldChart(pictureOf({ ...curved, curve: null }, null))).toBe('');
  });

  it('keeps its labels apart and within the chart', () => {
    const tops = [...heldChart(picture).matchAll(/<span style="top:(-?\d+)px">/g)].map(([, top]) => Number(top));
    const sorted = tops.toSorted((a, b) => a - b);
    for (const [i, top] of sorted.entries()) if (i > 0) expect(top - sorted[i - 1]).toBeGreaterThanOrEqual(18);
    expect(sorted[0]).toBeGreaterThanOrEqual(0);
    expect(sorted[sorted.length - 1]).toBeLessThanOrEqual(220 - 18);
  });
});

describe('findings', () => {
  it('have the words of the screen, and the unit of all rates of the trace', () => {
    const growth = { bytesPerHour: 2 ** 20 * 3600, lowBytesPerHour: 0, highBytesPerHour: 1, confidence: 1, sinceNs: 0 };
    const [first, ...others] = curved.stacks;
    const report = { ...curved, stacks: [{ ...first, verdict: 'growing' as const, growth }, ...others] };
    const text = textOf(findingsTable(pictureOf(report, exportOrigins(report))));
    expect(text).toContain('# HELD GROWTH/s CURVE STATE MEMINFO WHO WHAT');
    expect(text).toMatch(/1 6\.00 MiB \+1\.00 MiB growing none leak 4711 pipe buffers/);
    expect(text).not.toMatch(/unaccounted/);
  });

  it('open to call paths, why, ages, sizes and holders', () => {
    const text = textOf(findingsTable(picture));
    for (const part of [
      'Call paths 6.00 MiB 1,536 pages: anon_pipe_write &lt; vfs_write',
      'Why leak 4711: written into pipes that nobody reads; lsof -n -p 4711',
      'freed 1,536 of 3,072 that these call paths took',
      'Ages 4.29s to 8.59s 3',
      'Sizes 4.00 KiB or more 3',
      'Holders hold-pipes 4711 4.00 MiB 67%',
      '2 more rows hold 8.00 KiB.',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('do not say held where frees were not traced', () => {
    const { outstanding } = curved;
    const of = (meaning: HeldMeaning): Report => ({
      ...curved,
      outstanding: {
        ...outstanding,
        page: { ...outstanding.page, meaning },
        slab: { ...outstanding.slab, meaning },
        percpu: { ...outstanding.percpu, meaning },
      },
    });
    expect(findingsText(of('allocated'))).toContain('# SEEN GROWTH');
    expect(findingsText(of('at-most'))).toContain('# HELD AT MOST GROWTH');
  });

  it('are a still flame graph, the first one', () => {
    const html = stillFlame(picture, () => 3);
    expect(textOf(html)).toContain('Finding 1: pipe buffers of leak 4711, 6.00 MiB all entry_SYSCALL_64_after_hwframe');
    expect(html).toContain('<div class="k3" style="left:0.00%;top:0px;width:100.00%"');
    expect(stillFlame(pictureOf({ ...curved, stacks: [] }, null), () => 0)).toBe('');
  });
});

describe('who', () => {
  it('lists processes, without those that only took backing pages, and caches', () => {
    const origins = exportOrigins(curved);
    const [first, second] = origins.processes;
    const processes = [first, { ...second, process: { ...second.process, bytes: 0 } }];
    const html = whoText({ ...picture, origins: { ...origins, processes } });
    expect(html.match(/data-process/g)).toHaveLength(1);
    expect(textOf(html)).toContain(
      'PROCESS PID HELD NOT IN MEMINFO SHMEM ANON SLAB FILES OLDEST hold-pipes 4711 6.00 MiB',
    );
    expect(textOf(html)).toContain('CACHE HELD OBJECTS EACH PATHS OLDEST IN USE GREW STATE');
    expect(whoText(pictureOf(curved, null))).toBe('');
  });
});
