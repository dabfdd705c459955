import { describe, expect, it } from 'vitest';
import { CURVES, pictureOf } from '../../../src/export/html/picture.js';
import { graphData } from '../../../src/export/html/report-data.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { exportOrigins } from '../../helpers/export-origins.js';
import { exportReport } from '../../helpers/export-report.js';

/** Points at 1, 2 and 3 s; the trace lasts 3.5 s. */
const CURVE = { firstNs: 1e9, stepNs: 1e9, points: 3 };

function curved(rows: Partial<ReportStack>[]): Report {
  const report = exportReport();
  const stacks = rows.map((row, i) => ({ ...report.stacks[0], stackId: i * 4, ...row }));
  return { ...report, durationNs: 3.5e9, curve: CURVE, stacks, findings: [] };
}

describe('the picture of a report', () => {
  it('has what each call path held at the edges of time: nothing at the start, what it holds now at the end', () => {
    const report = curved([{ bytes: 40, curve: [10, 20, 30] }, { bytes: 7 }]);
    const origins = { ...exportOrigins(report), edgesNs: [0, 1e9, 2e9, 3e9, 3.5e9] };
    const { paths, edgesNs } = pictureOf(report, origins);
    expect(edgesNs).toHaveLength(5);
    expect(paths.map(({ held }) => held)).toEqual([[0, 10, 20, 30, 40], []]);
    expect(pictureOf(report, null).paths[0].held).toEqual([10, 20, 30, 40]);
    expect(pictureOf(report, null).edgesNs).toEqual([1e9, 2e9, 3e9, 3.5e9]);
  });

  it('sums the curves by finding, and those of all others', () => {
    const report = curved([
      { bytes: 4, curve: [1, 2, 3] },
      { bytes: 40, curve: [10, 20, 30] },
      { bytes: 400, curve: [100, 200, 300] },
    ]);
    const origins = exportOrigins(report);
    const [first, second, third] = origins.paths;
    const paths = [first, { ...second, finding: 0 }, { ...third, finding: -1 }];
    const all = { ...origins, edgesNs: [0, 1e9, 2e9, 3e9], findings: origins.findings.slice(0, 1), paths };
    const { curves, otherCurve } = pictureOf({ ...report, durationNs: 3e9 }, all);
    expect(curves).toEqual([[0, 11, 22, 33]]);
    expect(otherCurve).toEqual([0, 100, 200, 300]);
  });

  it('leaves out findings of backing pages, and keeps the others in their places', () => {
    const report = curved([{ category: 'backing', bytes: 9 }, { bytes: 8 }]);
    const { findings, places, paths } = pictureOf(report, exportOrigins(report));
    expect(findings.map(({ bytes }) => bytes)).toEqual([8]);
    expect(places).toEqual([-1, 0]);
    expect(paths.map(({ finding }) => finding)).toEqual([0]);
  });

  it('puts curves of the first call paths into the page, and times of those that hold most', () => {
    const report = curved(Array.from({ length: CURVES + 20 }, () => ({ bytes: 40, curve: [10, 20, 30] })));
    const steps = Array.from({ length: 200 }, (_, step) => ({ step, bytes: 1 }));
    const origins = exportOrigins(report);
    const long = { ...origins, paths: origins.paths.map((path) => ({ ...path, taken: steps })) };
    const picture = pictureOf(report, { ...long, edgesNs: [0, 1e9, 2e9, 3e9, 3.5e9] });
    const { report: data } = graphData(picture, ['none']);
    expect(data?.held.filter((held) => held.length > 0)).toHaveLength(CURVES);
    expect(data?.taken.filter((taken) => taken.length > 0)).toHaveLength(30_000 / 200);
    expect(picture.rangelessPaths).toBe(20);
  });

  it('is of the rows of the report where it has no findings, and has no range without a curve', () => {
    const report = { ...exportReport(), findings: [] };
    const { findings, edgesNs, curves } = pictureOf(report, null);
    expect(findings.length).toBeGreaterThan(3);
    expect(edgesNs).toEqual([]);
    expect(curves.every((curve) => curve.length === 0)).toBe(true);
  });
});
