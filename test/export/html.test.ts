import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { HTML_SCRIPT } from '../../src/export/html/flame-script.js';
import { DARK, LIGHT } from '../../src/export/html/flame-style.js';
import { PAGE_SCRIPT } from '../../src/export/html/page-script.js';
import { PAGE_TOOLS } from '../../src/export/html/page-tools.js';
import { encodeHtml } from '../../src/export/html.js';
import { kindColour, PLACES } from '../../src/export/parts/flame-colours.js';
import { CATEGORIES } from '../../src/rank/report/category.js';
import type { MergedRow, ReportStack } from '../../src/rank/report/report-rows.js';
import { exportOrigins } from '../helpers/export-origins.js';
import { exportReport } from '../helpers/export-report.js';
import { expectGolden } from '../helpers/golden.js';
import { realReport } from '../helpers/real-report.js';

const SCRIPTS = HTML_SCRIPT + PAGE_SCRIPT + PAGE_TOOLS;

interface GraphData {
  names: string[];
  kinds: string[];
  stacks: number[][];
}

function dataOf(html: string): GraphData {
  const match = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html);
  return JSON.parse(match?.[1] ?? '') as GraphData;
}

test('is the golden one, byte for byte', () => {
  expectGolden('export/report.html', encodeHtml(exportReport(), exportOrigins(exportReport())));
});

test('its script compiles and only ever makes text of names', () => {
  expect(() => new Script(SCRIPTS)).not.toThrow();
  expect(SCRIPTS).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|<\/|<!--/);
});

test('loads nothing from anywhere', () => {
  const html = encodeHtml(exportReport());
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';`);
  expect(html).not.toMatch(/https?:|\/\/[a-z]+\.|url\(|@import|\ssrc="|\shref="/);
});

test('a hostile name ends no script, opens no tag and has no control character', () => {
  const html = encodeHtml(exportReport());
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toMatch(/<img|<b>/);
  expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(dataOf(html).names.filter((name) => name.includes('</script><img src=x onerror=alert(1)>'))).toHaveLength(1);
});

test('its data add up to the report without backing pages; each path ends in a name, each kind has a button', async () => {
  const report = await realReport(100_000);
  const html = encodeHtml(report);
  const { names, kinds, stacks } = dataOf(html);
  const held = report.stacks.filter((stack) => stack.category !== 'backing');
  expect(sum(stacks.map(([bytes]) => bytes))).toBe(sum(held.map((stack) => stack.bytes)));
  expect(sum(stacks.map(([, count]) => count))).toBe(sum(held.map((stack) => stack.count)));
  for (const [, , kind, plumbing, ...path] of stacks) {
    expect(kinds[kind]).toBeDefined();
    expect(path.length).toBeGreaterThan(plumbing);
    for (const name of path) expect(names[name]).toBeDefined();
  }
  for (const [i] of kinds.entries()) expect(html).toContain(`id="kind${i}"`);
});

test('marks no line as a loss for a word in a name', () => {
  const report = exportReport();
  const named = { ...report, source: { ...report.source, hostname: 'LOST host' } };
  expect(encodeHtml(named).match(/<li class="loss">/g)).toHaveLength(1);
  const none = { ...named, anomalies: { ...named.anomalies, lostEvents: 0 } };
  expect(encodeHtml(none)).not.toContain('<li class="loss">');
});

test('says losses, notes, the processes and what more there is', () => {
  const html = encodeHtml(exportReport());
  for (const text of [
    '<li class="loss">events 30,000',
    'LOST 1,234 events',
    'note: kfree_rcu',
    '… 2 more call paths',
  ]) {
    expect(html).toContain(text);
  }
  expect(html).toContain('fills a pool; who holds its pieces now is not known');
});

test('an empty report is a page too', () => {
  const html = encodeHtml({ ...exportReport(), stacks: [] });
  expect(html).toContain('Nothing outstanding passes the selection.');
  expect(dataOf(html).stacks).toEqual([]);
});

test('text on every colour has a contrast of 4.5 : 1 at least', () => {
  for (const kind of [...CATEGORIES, 'page', 'unheard of', 'constructor']) {
    const { background, text } = kindColour(kind);
    expect(contrast(background, text), kind).toBeGreaterThanOrEqual(4.5);
  }
  for (const { background, text } of PLACES) expect(contrast(background, text)).toBeGreaterThanOrEqual(4.5);
  expect(new Set(PLACES.map(({ background }) => background)).size).toBe(7);
});

const sum = (rows: number[]): number => rows.reduce((total, value) => total + value, 0);

/** https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [darker, lighter] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

/** '#fff' as '#ffffff'. */
const long = (colour: string): string => (colour.length > 4 ? colour : colour.replace(/[0-9a-f]/g, '$&$&'));

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(long(colour).slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('begins with the conclusions, escaped, and follows them with bars, chart and findings', () => {
  const report = exportReport();
  const text = '<img src=x> holds 6.00 MiB';
  const [first] = report.stacks;
  const html = encodeHtml({
    ...report,
    conclusions: [{ kind: 'growing', text, detail: null, stackId: first.stackId, next: 'unfreed top <x>' }],
    curve: { firstNs: 0, stepNs: 1e9, points: 3 },
    findings: [{ ...first, curve: [0, 100, 300], noun: '</script>' }],
  });
  expect(html).toContain('<strong>GROWING</strong> &lt;img src=x&gt; holds 6.00 MiB');
  expect(html).toContain('Next: unfreed top &lt;x&gt;');
  expect(html.indexOf('class="answer')).toBeLessThan(html.indexOf('id="time"'));
  expect(html.indexOf('id="time"')).toBeLessThan(html.indexOf('data-finding="0"'));
  expect(html.match(/<\/script>/g)).toHaveLength(2);
});

test('3,000 different call paths with curves and times take 2 MB at most', () => {
  const report = exportReport();
  const [first] = report.stacks;
  const stacks = Array.from({ length: 3000 }, (_, i) => ({
    ...first,
    stackId: i,
    // The functions of a kernel that hold memory are some thousands; 20 frames are more than usual.
    frames: Array.from({ length: 20 }, (_unused, at) => ({
      ...first.frames[0],
      symbol: `function_of_the_kernel_${(i * 7 + at * at * 31) % 4000}`,
    })),
    curve: Array.from({ length: 64 }, (_unused, at) => at * 1_000_003 + i * 4096),
  }));
  const longReport = { ...report, stacks, durationNs: 64e9, curve: { firstNs: 1e9, stepNs: 1e9, points: 64 } };
  const origins = exportOrigins({ ...report, stacks: stacks.slice(0, 40) });
  const taken = Array.from({ length: 64 }, (_, step) => ({ step, bytes: 1_000_003 }));
  const findings = origins.findings.map((found) => ({ ...found, row: { ...found.row, merged: mergedOf(found.row) } }));
  const html = encodeHtml(longReport, {
    ...origins,
    findings,
    edgesNs: Array.from({ length: 65 }, (_, i) => i * 1e9),
    paths: stacks.map(({ stackId }, i) => ({ stackId, finding: i % 40, taken })),
    processes: Array.from({ length: 60 }, () => ({
      ...origins.processes[0],
      findings: Array.from({ length: 6 }, (_, finding) => ({ finding, bytes: 64_000_192, taken })),
    })),
  });
  expect(html).toContain('call paths that hold least are left out then');
  expect(html).toContain('"taken":null');
  expect(Buffer.byteLength(html)).toBeLessThan(2e6);
});

/** A finding of eight call paths like this one. */
function mergedOf(row: ReportStack): MergedRow {
  const paths = Array.from({ length: 8 }, () => row);
  return { label: 'x', stacks: 8, allocators: ['page'], others: { stacks: 7, bytes: 0, count: 0 }, paths };
}

test('colours of text have a contrast of 4.5 : 1 at least in both schemes, on the page and on panels', () => {
  for (const scheme of [LIGHT, DARK]) {
    const colours = Object.fromEntries([...scheme.matchAll(/--(\w+):(#\w+)/g)].map(([, name, value]) => [name, value]));
    for (const text of ['ink', 'dim', 'loss', 'hit'])
      for (const on of ['page', 'panel'])
        expect(contrast(colours[text], colours[on]), `${text} ${on}`).toBeGreaterThanOrEqual(4.5);
  }
});
