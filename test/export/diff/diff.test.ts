import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import { encodeDiffCsv } from '../../../src/export/diff/diff-csv.js';
import { encodeDiffFolded } from '../../../src/export/diff/diff-folded.js';
import { encodeDiffHtml } from '../../../src/export/diff/diff-html.js';
import { encodeDiffJson } from '../../../src/export/diff/diff-json.js';
import { encodeDiffMarkdown } from '../../../src/export/diff/diff-markdown.js';
import { encodeDiffSvg } from '../../../src/export/diff/diff-svg.js';
import { encodeDiffText } from '../../../src/export/diff/diff-text.js';
import { SHADES, TEXT } from '../../../src/export/parts/flame-colours.js';
import type { DiffReport } from '../../../src/rank/report/diff-report.js';
import { exportDiff } from '../../helpers/export-diff.js';
import { HOSTILE_SYMBOL } from '../../helpers/export-report.js';
import { expectGolden } from '../../helpers/golden.js';
import { outsideFences } from '../../helpers/markdown.js';
import { elementsOf } from '../../helpers/well-formed.js';

const SCHEMA = new URL('../../../src/export/diff/diff.schema.json', import.meta.url);
const WIDE = { columns: 10_000, frames: false, quiet: false, processes: 10 };
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/;

test('JSON satisfies its schema, and a renamed or missing name does not', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );
  const diff = JSON.parse(encodeDiffJson(exportDiff())) as DiffReport;
  expect(validate(diff), JSON.stringify(validate.errors)).toBe(true);
  expect(diff).toEqual(exportDiff());
  for (const name of Object.keys(diff)) expect(validate({ ...diff, [name]: undefined }), name).toBe(false);
  for (const name of Object.keys(diff.stacks[0])) {
    expect(validate({ ...diff, stacks: [{ ...diff.stacks[0], [name]: undefined }] }), name).toBe(false);
  }
  for (const name of Object.keys(diff.processes[0])) {
    expect(validate({ ...diff, processes: [{ ...diff.processes[0], [name]: undefined }] }), name).toBe(false);
  }
});

test('text, CSV, folded, Markdown and SVG are the golden ones, byte for byte', () => {
  expectGolden('export/diff.txt', encodeDiffText(exportDiff(), WIDE));
  expectGolden('export/diff.csv', encodeDiffCsv(exportDiff()));
  expectGolden('export/diff.folded', encodeDiffFolded(exportDiff()));
  expectGolden('export/diff.md', encodeDiffMarkdown(exportDiff()));
  expectGolden('export/diff.svg', encodeDiffSvg(exportDiff()));
});

test('every form has every change, and says that events were lost on both sides', () => {
  const diff = exportDiff();
  expect(diff.stacks.map((stack) => stack.change)).toEqual(['grown', 'new', 'shrunk', 'gone']);
  const forms = {
    text: encodeDiffText(diff, WIDE),
    html: encodeDiffHtml(diff),
    svg: encodeDiffSvg(diff),
    markdown: encodeDiffMarkdown(diff),
    folded: encodeDiffFolded(diff),
  };
  for (const [name, text] of Object.entries(forms)) expect(text.match(/LOST 1,234/g)?.length, name).toBeGreaterThan(1);
  expect(encodeDiffCsv(diff)).toMatch(/^stack,1,grown,.*,1234,1234,,,,,,,,,\r$/m);
  for (const text of Object.values(forms).slice(0, 4)) expect(text).toContain('lost frees: anything from');
});

test('where only a sample was traced, every form with numbers says what the difference stands for', () => {
  const diff = exportDiff();
  diff.stacks[0].estimate = { differenceBytes: 50_331_648, lowBytes: -1024, highBytes: 104_857_600 };
  diff.outstanding.page.estimate = { differenceBytes: 2048, lowBytes: 1024, highBytes: 4096 };
  const row = 'estimated +48.0 MiB (-1.00 KiB to +100 MiB)';
  const total = 'estimated +2.00 KiB (+1.00 KiB to +4.00 KiB)';
  const text = encodeDiffText(diff, WIDE);
  expect(text).toMatch(/^ {2}1 \+48\.0 MiB /m);
  expect(text).toContain(`\n      ${row}\n`);
  expect(text).toContain(`; page ±0 B (${total}; lost frees: anything from `);
  for (const form of [encodeDiffMarkdown(diff), encodeDiffHtml(diff)]) {
    expect(form).toContain(row);
    expect(form).toContain(total);
  }
  const csv = encodeDiffCsv(diff);
  expect(csv).toMatch(/^stack,1,.*,50331648,-1024,104857600,,,,,,\r$/m);
  expect(csv).toMatch(/^total,,,page,.*,2048,1024,4096,,,,,,\r$/m);
});

test('text begins with both traces, then the sentences, each behind its word; -q is these alone', () => {
  const lines = encodeDiffText(exportDiff(), { ...WIDE, columns: 100 }).split('\n');
  expect(lines[0]).toBe('build-7<b>, Linux 6.18.44-test: monday.unfreed, 5.00s, then tuesday.unfreed, 10.0s');
  const heads = lines.slice(1, lines.indexOf('')).map((line) => line.slice(0, 9).trim());
  expect(heads.filter((head) => head !== '')).toEqual(['DOUBT', 'GREW', 'SHRANK', 'held']);
  const quiet = encodeDiffText(exportDiff(), { ...WIDE, columns: 100, quiet: true })
    .trimEnd()
    .split('\n');
  expect(quiet).toEqual(lines.slice(0, heads.indexOf('held') + 1));
});

test('text in 100 columns has every column of the tab Diff, and keeps to its width', () => {
  const lines = encodeDiffText(exportDiff(), { ...WIDE, columns: 100 }).split('\n');
  for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(100);
  expect(lines).toContain('  #    CHANGE   GROWTH/s   BEFORE      NOW STATE     MEMINFO     WHO             WHAT');
  const row = lines.findIndex((line) => line.startsWith('  1 +3.00 MiB '));
  expect(lines[row]).toBe(
    '  1 +3.00 MiB          - 3.00 MiB 6.00 MiB growing   none        hold-pipes +1   pipe buffers',
  );
  expect(lines[row + 1]).toMatch(/^ +\+768 pages +±0 B\/s {2}anon_pipe_write < vfs_write/);
});

test('text in a narrow terminal keeps to it: who and what stay, the call path is cut', () => {
  for (const columns of [40, 60, 80]) {
    const lines = encodeDiffText(exportDiff(), { columns, frames: false, quiet: false, processes: 1 }).split('\n');
    for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    const row = lines.findIndex((line) => line.startsWith('  1 +3.00 MiB '));
    expect(lines[row]).toMatch(columns === 40 ? / hold-pipes \+1 +pipe/ : / hold-pipes \+1 +pipe buffers$/);
    const path = lines.find((line) => line.includes('+768 pages')) ?? '';
    expect(path).toMatch(/…$/);
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain('lost frees: anything from -4.69 MiB to +4.69 MiB');
    expect(lines).toContain('… 2 more processes that changed');
  }
  const frames = encodeDiffText(exportDiff(), { ...WIDE, frames: true });
  expect(frames).toContain('\n       vfs_write+0x398\n');
});

test('no name that a machine gives is markup, a formula, a control character or another line', () => {
  const diff = exportDiff((after) => {
    Object.assign(after.source, { hostname: '</ul>\n=x', kernel: '\u001b[2J', notes: [HOSTILE_SYMBOL] });
    after.losses[0].cause = '\u001b]0;x\u0007';
  });
  const text = encodeDiffText(diff, { ...WIDE, frames: true });
  const html = encodeDiffHtml(diff);
  const svg = encodeDiffSvg(diff);
  for (const form of [text, html, svg, encodeDiffMarkdown(diff), encodeDiffFolded(diff), encodeDiffJson(diff)]) {
    expect(form).not.toMatch(CONTROLS);
  }
  expect(html).not.toMatch(/<img|<\/ul>\S/);
  expect(html.match(/<\/?script/g)).toHaveLength(4);
  const plain = exportDiff((after) => void Object.assign(after.source, { hostname: 'x', kernel: 'y', notes: ['z'] }));
  expect(elementsOf(svg)).toEqual(elementsOf(encodeDiffSvg(plain)));
  expect(outsideFences(encodeDiffMarkdown(diff)).join('\n')).not.toMatch(/alert|everyone|tuesday/);
  expect(encodeDiffFolded(diff).trimEnd().split('\n')).toHaveLength(6);
  for (const line of encodeDiffFolded(diff).trimEnd().split('\n')) expect(line).toMatch(/ \d+ \d+$/);
  const csv = encodeDiffCsv(diff);
  expect(csv.replaceAll('\r\n', '')).not.toMatch(CONTROLS);
  expect(csv).toContain(`"'=cmd|`);
});

test('an HTML file’s data are both sides of each call path but backing pages', () => {
  const diff = exportDiff();
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(encodeDiffHtml(diff))?.[1];
  const data = JSON.parse(json ?? '') as { stacks: number[][]; diff: [number, number][]; kinds: string[] };
  expect(data.diff).toEqual([
    [3_145_728, 6_291_456],
    [0, 65_536],
    [2_097_152, 1_048_576],
    [8192, 0],
  ]);
  expect(data.stacks.map(([bytes, , kind]) => [bytes, data.kinds[kind]])).toEqual([
    [6_291_456, 'grown'],
    [65_536, 'new'],
    [2_097_152, 'shrunk'],
    [8192, 'gone'],
  ]);
});

test('a diff without a change is drawn as one', () => {
  const diff = { ...exportDiff(), stacks: [], processes: [] };
  expect(encodeDiffText(diff, WIDE)).toContain('No call path that passes the selection has changed.');
  expect(encodeDiffSvg(diff)).toContain('No call path that passes the selection has changed.');
  expect(encodeDiffHtml(diff)).toContain('No call path that passes the selection has changed.');
  expect(encodeDiffFolded(diff).split('\n')).toHaveLength(3);
});

test('text on every shade can be read in both schemes', () => {
  for (const [light, dark] of SHADES) {
    expect(contrast(TEXT.light, light)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(TEXT.dark, dark)).toBeGreaterThanOrEqual(4.5);
  }
});

/** WCAG 2.1, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
