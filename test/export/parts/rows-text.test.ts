import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { encodeCsv } from '../../../src/export/csv.js';
import { encodeFindings } from '../../../src/export/findings-text.js';
import { encodeJson } from '../../../src/export/json.js';
import { encodeMarkdown } from '../../../src/export/markdown.js';
import { countText, labelText, moreText, othersText, ruleLines } from '../../../src/export/parts/rows-text.js';
import { summaryLines } from '../../../src/export/parts/summary.js';
import { parseReport } from '../../../src/export/report-json.js';
import { encodeText } from '../../../src/export/text.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { MergedRow, ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection, GROUP_KEYS, type GroupKey } from '../../../src/rank/report/selection.js';
import { emptyThing } from '../../../src/things/thing.js';
import { exportReport } from '../../helpers/export-report.js';
import { replayed } from '../../helpers/replayed.js';

const MERGED: MergedRow = {
  label: 'wifi',
  stacks: 4,
  allocators: ['page'],
  others: { stacks: 3, bytes: 49152, count: 12 },
};

function rowOf(merged: Partial<MergedRow> | null, changes: Partial<ReportStack> = {}): ReportStack {
  return { ...exportReport().stacks[0], merged: merged === null ? null : { ...MERGED, ...merged }, ...changes };
}

function reportBy(group: GroupKey, changes: Partial<Report> = {}): Report {
  const report = exportReport();
  return { ...report, selection: { ...report.selection, group }, ...changes };
}

it('a count is in pages, in objects, or in both', () => {
  expect(countText(rowOf(null, { count: 1 }))).toBe('1 page');
  expect(countText(rowOf(null, { count: 1234, allocator: 'slab' }))).toBe('1,234 objects');
  expect(countText(rowOf({ allocators: ['page', 'vmalloc'] }, { count: 2 }))).toBe('2 pages');
  expect(countText(rowOf({ allocators: ['page', 'slab'] }, { count: 2 }))).toBe('2 pages and objects');
});

it('a row says what it stands for, unless its call path does, and closes with what is not shown', () => {
  expect(labelText(rowOf({}), reportBy('module'))).toBe('module wifi');
  expect(labelText(rowOf({}), reportBy('path'))).toBeNull();
  expect(labelText(rowOf(null), reportBy('stack'))).toBeNull();
  expect(othersText(rowOf({}))).toBe('and 48.0 KiB more from 3 other call paths');
  expect(othersText(rowOf({ others: { stacks: 1, bytes: 0, count: 1 } }))).toBe('and 0 B more from 1 other call path');
  expect(othersText(rowOf({ others: { stacks: 0, bytes: 0, count: 0 } }))).toBeNull();
});

it('a ranking closes with the rows that are not shown', () => {
  const stacks = [rowOf({}, { bytes: 1024 })];
  const matching = { stacks: 9, rows: 3, bytes: 3072, count: 9 };
  expect(moreText(reportBy('stack', { stacks, matching }))).toBe('… 2 more call paths, 2.00 KiB');
  expect(moreText(reportBy('site', { stacks, matching: { ...matching, rows: 2 } }))).toBe('… 1 more row, 2.00 KiB');
  expect(moreText(reportBy('site', { stacks, matching: { ...matching, rows: 1 } }))).toBeNull();
});

it('rules are summed up, and told one by one where they match', () => {
  const rule = { pattern: 'mas_*', reason: 'maple tree', stacks: 2, bytes: 2048, count: 8 };
  const idle = { pattern: 'x', reason: 'y', stacks: 0, bytes: 0, count: 0 };
  const report = reportBy('stack', { suppressed: [idle, rule, { ...rule, stacks: 1 }], watched: [idle] });
  expect(ruleLines(report)).toEqual([
    'hidden by 2 rules: 4.00 KiB in 3 call paths; 1 rule hid nothing',
    '  2.00 KiB in 2 call paths: mas_*  # maple tree',
    '  2.00 KiB in 1 call path: mas_*  # maple tree',
    'watched by 0 rules, nothing else is ranked: 0 B in 0 call paths; 1 rule found nothing',
  ]);
  expect(summaryLines(report)).toEqual(expect.arrayContaining(ruleLines(report)));
});

it('labels, patterns and reasons are untrusted text like all names', () => {
  const hostile = '\u001b[2J=1+1\u202e\n### x';
  const rule = { pattern: hostile, reason: hostile, stacks: 1, bytes: 1, count: 1 };
  const report = reportBy('module', { stacks: [rowOf({ label: hostile }, { watched: hostile })], suppressed: [rule] });
  const texts = [encodeText(report, { columns: 500, frames: true }), encodeMarkdown(report), encodeCsv(report)];
  for (const text of texts) {
    expect(text).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toMatch(/^### x/m);
  }
});

it('reports whose rows belong to something satisfy the schema, and say so', async () => {
  const schema = new URL('../../../src/export/report.schema.json', import.meta.url);
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(schema, 'utf8')) as object,
  );
  const pipeline = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
  const selection = defaultSelection(1000);
  const [first] = pipeline.report(selection).stacks;
  const row = pipeline.core.paths.findRow(first.stackId);
  const { stackId, allocator } = {
    stackId: pipeline.core.paths.stackId[row],
    allocator: pipeline.core.paths.allocator[row],
  };
  const thing = { ...emptyThing('file'), path: '/dev/shm/\u001b[2Jx', fs: 'tmpfs', mount: '/dev/shm' };
  const things = [{ thing, different: 1, count: 3, bytes: 12288 }];
  const looked = { looked: 4, lookedBytes: 16384, known: 3, knownBytes: 12288 };
  pipeline.fact({ type: 'names', timeNs: 5, rows: [{ stackId, allocator, ...looked, things }] });
  const report = pipeline.report(selection);
  const document = JSON.parse(encodeJson(report)) as Report;
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(document.stacks[0].names).toMatchObject({ looked: 4, things: [{ thing: { kind: 'file' }, count: 3 }] });
  expect(validate({ ...document, stacks: [{ ...document.stacks[0], names: { looked: 'x' } }] })).toBe(false);
  const sentence =
    /belongs to 75% \/dev\/shm\/\S*x \(tmpfs on \/dev\/shm\), of 4 looked at, 16.0 KiB, of 1 nothing is known/;
  expect(encodeText(report, { columns: 500, frames: true })).toMatch(sentence);
  expect(encodeFindings({ ...report, stacks: report.findings }, { columns: 500, frames: false, quiet: false })).toMatch(
    sentence,
  );
  // A diff compares no names.
  expect(parseReport(encodeJson(report)).ok?.stacks[0].names).toBeUndefined();
});

it('grouped reports, and those with rules, satisfy the schema', async () => {
  const schema = new URL('../../../src/export/report.schema.json', import.meta.url);
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(schema, 'utf8')) as object,
  );
  const pipeline = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
  const rules = { watch: [{ pattern: '*', reason: 'all' }], suppress: [{ pattern: 'mas_*', reason: 'maple tree' }] };
  for (const group of GROUP_KEYS) {
    const report = JSON.parse(encodeJson(pipeline.report({ ...defaultSelection(1000), ...rules, group }))) as Report;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.stacks.every((stack) => (stack.merged === null) === (group === 'stack'))).toBe(true);
    expect(report.stacks[0].watched).toBe('all');
    expect(report.suppressed[0].stacks).toBeGreaterThan(0);
  }
});
