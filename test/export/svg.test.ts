import { expect, test } from 'vitest';
import { encodeSvg } from '../../src/export/svg.js';
import { exportReport } from '../helpers/export-report.js';
import { expectGolden } from '../helpers/golden.js';
import { realReport } from '../helpers/real-report.js';
import { elementsOf } from '../helpers/well-formed.js';

const boxWidths = (svg: string): number[] =>
  [...svg.matchAll(/<g><title>[^<]*<\/title><rect class="k\d+" x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map((match) =>
    Number(match[1]),
  );

test('is the golden one, byte for byte', () => {
  expectGolden('export/report.svg', encodeSvg(exportReport()));
});

test('is well-formed whatever names there are, and has nothing that runs or loads', () => {
  const svg = encodeSvg(exportReport());
  expect(new Set(elementsOf(svg))).toEqual(new Set(['svg', 'title', 'desc', 'style', 'rect', 'text', 'g']));
  expect(svg).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;;␛[2J');
  expect(svg).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|href/);
});

test('says losses, notes and what it leaves out', () => {
  const svg = encodeSvg(exportReport());
  for (const text of ['LOST 1,234 events', 'note: kfree_rcu', 'not drawn: 1.06 MiB of backing pages']) {
    expect(svg).toContain(text);
  }
});

test('the root is as wide as the picture and holds all bytes but those of backing pages', async () => {
  const report = await realReport(100_000);
  const svg = encodeSvg(report);
  const backing = report.stacks.filter((stack) => stack.category === 'backing');
  const drawn = report.matching.bytes - backing.reduce((sum, stack) => sum + stack.bytes, 0);
  expect(svg).toContain(`<title>all: ${(drawn / 2 ** 20).toFixed(2)} MiB (100%), count `);
  expect(Math.max(...boxWidths(svg))).toBe(1179.5);
});

test('prunes boxes narrower than half a pixel and says how many', () => {
  const report = exportReport();
  report.stacks[2].bytes = 2000;
  expect(encodeSvg(report)).not.toContain('evil_mod');
  expect(encodeSvg(report)).toMatch(/[1-9] box(?:es)? narrower than 0\.5 px/);
  expect(Math.min(...boxWidths(encodeSvg(report)))).toBeGreaterThanOrEqual(0.4);
});

test('an empty report is a picture too, and backing pages are drawn when there is nothing else', () => {
  const report = exportReport();
  expect(elementsOf(encodeSvg({ ...report, stacks: [] }))).not.toContain('g');
  expect(encodeSvg({ ...report, stacks: [] })).toContain('Nothing outstanding passes the selection.');
  expect(encodeSvg({ ...report, stacks: [report.stacks[5]] })).toContain('allocate_slab: 1.06 MiB (100%)');
});
