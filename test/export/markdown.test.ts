import { expect, test } from 'vitest';
import { encodeMarkdown } from '../../src/export/markdown.js';
import { exportReport } from '../helpers/export-report.js';
import { expectGolden } from '../helpers/golden.js';
import { outsideFences } from '../helpers/markdown.js';

test('is the golden one, byte for byte', () => {
  expectGolden('export/report.md', encodeMarkdown(exportReport()));
});

test('names stand in fenced blocks only, which no name can end', () => {
  const outside = outsideFences(encodeMarkdown(exportReport()));
  expect(outside.join('\n')).not.toMatch(/evil|everyone|javascript|<|kmalloc-1k|build-7|escape/);
  expect(outside.filter((line) => line.startsWith('#'))).toHaveLength(8);
});

test('has the machine, losses, totals, all frames of each call path, and says what is left out', () => {
  const text = encodeMarkdown({ ...exportReport(), stacks: exportReport().stacks.slice(0, 2) });
  for (const part of [
    'build-7<b>, Linux 6.18.44-test x86_64, bpf collector, 10.0s, recording, began 2026-09-21T14:13:20Z',
    '**Events were lost**',
    'lost: ring-full mm_page_free 1,200, up to 4.69 MiB',
    '### 1. 6.00 MiB (74%), 1,536 pages, page, unaccounted, growing',
    '  --- in an interrupt of:\n',
    'note: fills a pool; who holds its pieces now is not known',
    '… 7 more call paths, 1.14 MiB',
  ]) {
    expect(text).toContain(part);
  }
  expect(text.match(/^ {2}0x[0-9a-f]{16} \S+\+0x[0-9a-f]+/gm)).toHaveLength(17);
});
