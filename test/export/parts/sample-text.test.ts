import { describe, expect, it } from 'vitest';
import { encodeCsv } from '../../../src/export/csv.js';
import { encodeFolded } from '../../../src/export/folded.js';
import { encodeHtml } from '../../../src/export/html.js';
import { encodeMarkdown } from '../../../src/export/markdown.js';
import { modeLines } from '../../../src/export/parts/sample-text.js';
import { summaryLines } from '../../../src/export/parts/summary.js';
import { encodePprof } from '../../../src/export/pprof.js';
import { encodeSpeedscope } from '../../../src/export/speedscope.js';
import { encodeSvg } from '../../../src/export/svg.js';
import { encodeText } from '../../../src/export/text.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { SampleEstimate } from '../../../src/rank/report/report-sample.js';
import { exportReport } from '../../helpers/export-report.js';

const MIB = 2 ** 20;

function estimate(seen: number, count: number): SampleEstimate {
  const bytes = seen * 16;
  return {
    bytes,
    lowBytes: bytes / 2,
    highBytes: bytes * 2,
    count: count * 16,
    lowCount: count * 8,
    highCount: count * 32,
  };
}

function sampled(): Report {
  const report = exportReport();
  const none = estimate(0, 0);
  return {
    ...report,
    source: { ...report.source, sampleOneIn: 16 },
    estimate: { page: estimate(4 * MIB, 1024), slab: estimate(MIB, 500), percpu: none, vmalloc: none },
    stacks: report.stacks.slice(0, 1).map((stack) => ({ ...stack, estimate: estimate(stack.bytes, stack.count) })),
  };
}

describe('a sample', () => {
  it('is said in every export: by estimates, or that bytes are what was seen', () => {
    const report = sampled();
    const csv = encodeCsv(report).split('\r\n');
    expect(csv[0]).toMatch(/,lost_events,estimate_bytes,estimate_low_bytes,estimate_high_bytes,meaning,cgroup,/);
    expect(csv[1]).toMatch(/,1234,100663296,50331648,201326592,outstanding,,/);
    expect(encodeFolded(report)).toMatch(/\n\[sampled: 1 address in 16, bytes are what was seen\] 0\n$/);
    for (const text of [encodeHtml(report), encodeSvg(report), encodeSpeedscope(report)]) {
      expect(text).toContain('sampled: 1 address in 16; outstanding is what was seen');
    }
    expect(Buffer.from(encodePprof(report)).toString('latin1')).toContain('sampled: 1 address in 16');
  });

  it('is named with its estimates and their intervals, and what was seen stays beside them', () => {
    const report = sampled();
    expect(modeLines(report)).toEqual([
      'sampled: 1 address in 16; outstanding is what was seen, estimates stand for all (95 % interval)',
      'estimated page 64.0 MiB (32.0 MiB to 128 MiB)  slab 16.0 MiB (8.00 MiB to 32.0 MiB)',
    ]);
    const [stack] = report.stacks;
    const row = encodeText(report, { columns: 400, frames: false })
      .split('\n')
      .find((line) => /^ +1 /.test(line));
    expect(row).toMatch(/^ {2}1 .* to .* seen .*, [\d,]+ of some [\d,]+ /);
    expect(row).not.toContain(`${stack.count} page`);
    expect(encodeMarkdown(report)).toMatch(/^### 1\. some .* \(.* to .*\), seen /m);
    for (const line of modeLines(report)) expect(summaryLines(report)).toContain(line);
  });

  it('that was changed to stay within a limit says so', () => {
    const report = sampled();
    const move = { timeNs: 4e9, fromOneIn: 1, toOneIn: 4, overhead: 0.146 };
    const moved = (sampleMoves: Report['source']['sampleMoves'], sampleOneIn: number): string =>
      modeLines({ ...report, source: { ...report.source, sampleOneIn, sampleMoves, maxOverhead: 0.03 } })[0];
    expect(moved([move], 4)).toContain('1 address in 4, changed once to stay within 3.0 % of all CPU time;');
    expect(moved([move, { ...move, fromOneIn: 4, toOneIn: 1 }], 1)).toContain(
      'all addresses now, fewer before, changed 2 times to stay within 3.0 %',
    );
  });
});

it('survivors only: how many pairs stayed in the kernel, and all that is not as it should be', () => {
  const report = exportReport();
  const source = { ...report.source, minAgeNs: 1e9 };
  const young = { pairs: 12_345_678, bytes: 3 * 2 ** 30, missedFrees: 0, sentAtOnce: 0, left: 0 };
  expect(modeLines({ ...report, source, young })).toEqual([
    'survivors only: 12,345,678 pairs younger than 1.00s (3.00 GiB) were matched in the kernel; allocs, frees and ' +
      'lifetimes are of the rest',
  ]);
  expect(
    modeLines({ ...report, source, young: { ...young, missedFrees: 7, sentAtOnce: 8, left: 9 } }).slice(1),
  ).toEqual([
    'of those that waited, 7 were freed unseen',
    '8 allocs found no room to wait and came at once: give a larger --max-young',
    '9 allocs were younger than 1.00s at the end and are not shown',
  ]);
  expect(modeLines(report)).toEqual([]);
});
