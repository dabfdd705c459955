import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { textWidth } from '../../src/base/safe-text.js';
import { encodeCsv } from '../../src/export/csv.js';
import { encodeFolded } from '../../src/export/folded.js';
import { encodeJson } from '../../src/export/json.js';
import { encodeText } from '../../src/export/text.js';
import type { Report } from '../../src/rank/report/report.js';
import { readDump } from '../helpers/dump-text.js';
import { exportReport } from '../helpers/export-report.js';
import { expectGolden } from '../helpers/golden.js';
import { realReport } from '../helpers/real-report.js';

const SCHEMA = new URL('../../src/export/report.schema.json', import.meta.url);

/** The same report with other names in its first row, because names come from the traced machine. */
function withNames(report: Report, names: { symbol?: string; comm?: string; cache?: string }): Report {
  const copy = structuredClone(report);
  const [stack] = copy.stacks;
  if (names.symbol !== undefined) stack.frames[0].symbol = names.symbol;
  if (names.comm !== undefined) stack.comms[0].comm = names.comm;
  if (names.cache !== undefined) stack.caches = [names.cache];
  return copy;
}

test('JSON satisfies its schema, and a renamed or missing name does not', async () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );
  const report = JSON.parse(encodeJson(await realReport(1000))) as Report;
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  expect(report.stacks.length).toBeGreaterThan(100);
  const { durationNs: _, ...without } = report;
  expect(validate(without)).toBe(false);
  report.stacks[0].frames[0].address = '0x1';
  expect(validate(report)).toBe(false);
});

test('JSON of a dump satisfies the schema too, and all formats say that it was held before', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );
  const report = readDump(' my_dma_ring+0x18c/0x1000 [my_nic]\nnr_base_pages: 20824\n').report();
  expect(validate(JSON.parse(encodeJson(report))), JSON.stringify(validate.errors)).toBe(true);
  expect(encodeFolded(report)).toBe('my_dma_ring_[my_nic];[before] 85295104\n[held before the trace] 0\n');
  expect(encodeCsv(report)).toContain(',before,,,,,,,,,\r\n');
});

test('JSON, CSV and folded are the golden ones, byte for byte', () => {
  expectGolden('export/report.json', encodeJson(exportReport()));
  expectGolden('export/report.csv', encodeCsv(exportReport()));
  expectGolden('export/report.folded', encodeFolded(exportReport()));
});

test('a folded call path of an interrupt begins there', () => {
  expect(encodeFolded(exportReport())).toContain(
    '[interrupt];net_rx_action;nvme_tcp_alloc_request_[nvme_tcp];__kmalloc_noprof 1048576\n',
  );
});

test('folded lines are root first, end in bytes, and add up to the outstanding total', async () => {
  const report = await realReport(100_000);
  const lines = encodeFolded(report).trimEnd().split('\n');
  expect(new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' ')))).size).toBe(lines.length);
  let total = 0;
  for (const line of lines) {
    expect(line).toMatch(/^\S+( \S+)* \d+$/);
    total += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  expect(total).toBe(report.matching.bytes);
  expect(lines[0]).toMatch(
    /^entry_SYSCALL_64_after_hwframe;do_syscall_64;.*;vfs_write;anon_pipe_write;.*__alloc_frozen_pages_noprof(;\[[a-z-]+\])? \d+$/,
  );
});

test('a name with the format’s own characters cannot forge a folded line', async () => {
  const report = withNames(await realReport(1), { symbol: 'a;b\nforged 999\u001b[2J' });
  expect(encodeFolded(report).split('\n')).toHaveLength(2);
  expect(encodeFolded(report)).toMatch(/;a_b_forged 999_\[2J(;\[[a-z-]+\])? \d+\n$/);
});

test('a folded file tells verdicts at the leaf, and losses in a line of no bytes', () => {
  const text = encodeFolded(exportReport());
  expect(text).toContain(';__alloc_frozen_pages_noprof;[growing] 6291456\n');
  expect(text).toMatch(/\n\[LOST 1,234 events \(4\.0%\): a lost free looks like held memory\] 0\n$/);
  expect(encodeFolded({ ...exportReport(), anomalies: { ...exportReport().anomalies, lostEvents: 0 } })).not.toMatch(
    'LOST',
  );
});

test('CSV has a header, a line a call path, and no field that a spreadsheet would run', async () => {
  const report = withNames(await realReport(3), { comm: '=HYPERLINK("x")', cache: '@SUM(1,2)\r\n' });
  const lines = encodeCsv(report).split('\r\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^rank,allocator,kind,category,verdict,bytes,count,/);
  expect(lines[1]).toContain(`"'=HYPERLINK(""x"")`);
  expect(lines[1]).toContain(`"'@SUM(1,2)  "`);
});

test('CSV says where memory is usually freed, as JSON does', () => {
  const report = exportReport();
  const { typicalFree } = report.stacks[0];
  if (typicalFree === null) throw new Error('the first row has one');
  report.stacks[1].typicalFree = { ...typicalFree, function: 'drain', module: 'nvme_tcp', heldLonger: 0 };
  report.stacks[2].typicalFree = { ...typicalFree, function: null };
  const [head, ...rows] = encodeCsv(report)
    .split('\r\n')
    .map((line) => line.split(',').slice(-8, -3));
  expect(head).toEqual(
    ['function', 'share', 'samples', 'within_ns', 'held_longer'].map((name) => `typical_free_${name}`),
  );
  expect(rows.slice(0, 4)).toEqual([
    ['free_pipe_info', '0.9', '640', '2097152', '900'],
    ['drain [nvme_tcp]', '0.9', '640', '2097152', '0'],
    ['', '0.9', '640', '2097152', '900'],
    ['', '', '', '', ''],
  ]);
});

test('text fits the width asked for and shows losses before the numbers they may have changed', async () => {
  const report = await realReport(5);
  for (const line of encodeText(report, { columns: 80, frames: false }).split('\n')) {
    expect(textWidth(line)).toBeLessThanOrEqual(80);
  }
  const lossy = structuredClone(report);
  lossy.anomalies.lostEvents = 1234;
  lossy.losses = [{ cause: 'ring-full', kind: 'mm_page_free', cpu: 0, count: 1234, bytes: 1234 * 4096 }];
  lossy.outstanding.page.lostFreeBytes = 1234 * 4096;
  const text = encodeText(lossy, { columns: 200, frames: false });
  expect(text).toContain('LOST 1,234 (3.97 %: ring-full)');
  expect(text).toContain('page 18.8 MiB (up to 4.82 MiB may be lost frees)');
});

test('text never lets an escape code through', async () => {
  const report = withNames(await realReport(1), {
    symbol: '\u001b]0;x\u0007',
    comm: '\u001b[2J\u009b1m',
    cache: 'a\rb',
  });
  expect(encodeText(report, { columns: 200, frames: true })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test.each([40, 60, 80])('text of %i columns lacks no figure of wide text: only call paths are cut', (columns) => {
  const lossy = exportReport();
  lossy.outstanding.page.lostFreeBytes = 123_456;
  // Names wider than a line are cut, too.
  for (const { comms } of lossy.stacks) for (const share of comms) share.comm = 'hold-pipes';
  const lines = (width: number): string[] => encodeText(lossy, { columns: width, frames: false }).split('\n');
  const narrow = lines(columns);
  for (const line of narrow) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  const words = narrow.join(' ').replaceAll(/\s+/g, ' ');
  for (const line of lines(10_000)) {
    const isPath = line.startsWith('       ') && line.includes(' < ');
    if (!isPath) expect(words).toContain(line.trim().replaceAll(/\s+/g, ' '));
  }
});
