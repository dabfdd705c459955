import { describe, expect, test } from 'vitest';
import { defaultSelection, type SortKey } from '../../../src/rank/report/selection.js';
import { callPathSpans } from '../../../src/view/lines/call-path.js';
import { cutLine, linePainter, lineText, lineWidth, spread } from '../../../src/view/lines/styled-line.js';
import { stacksColumns } from '../../../src/view/tabs/stacks-columns.js';
import { fixtureReport } from '../../helpers/report-fixture.js';

describe('a line', () => {
  test('is cut at its width, also between and within spans', () => {
    const line = [['abc', 'bad'], ['def'], ['ghi']] as const;
    expect([9, 8, 7, 6, 4, 3, 1, 0].map((width) => lineText(cutLine(line, width)))).toEqual([
      'abcdefghi',
      'abcdefg…',
      'abcdef…',
      'abcde…',
      'abc…',
      'ab…',
      '…',
      '',
    ]);
  });

  test('gives way on the left where two ends meet', () => {
    expect(lineText(spread([['left side']], [['right']], 20))).toBe('left side      right');
    expect(lineText(spread([['left side']], [['right']], 12))).toBe('left … right');
  });

  test('is coloured by meaning, and without colour only bold, dim and inverse are left', () => {
    const line = [['lost', 'bad'], [' x '], ['y', 'warn'], ['z', 'dim']] as const;
    expect(linePainter(true)(line, 80)).toBe('\x1b[1;31mlost\x1b[0m x \x1b[35my\x1b[0m\x1b[2mz\x1b[0m');
    expect(linePainter(false)(line, 80)).toBe('\x1b[1mlost\x1b[0m x y\x1b[2mz\x1b[0m');
    expect(linePainter(true)(line, 10, true)).toBe('\x1b[7mlost x yz \x1b[0m');
  });
});

describe('a call path', () => {
  const stacks = fixtureReport({ selection: { ...defaultSelection(100), sort: 'bytes' } }).stacks;
  const [pipe, nvme] = stacks;

  test('keeps its guilty end whatever the width', () => {
    const whole = lineText(callPathSpans(pipe.frames, pipe.firstFrame, 89));
    expect(whole).toBe('anon_pipe_write < vfs_write < ksys_write < do_syscall_64 < entry_SYSCALL_64_after_hwframe');
    const texts = [70, 40, 30, 20, 16, 10, 5].map((width) => {
      const spans = callPathSpans(pipe.frames, pipe.firstFrame, width);
      expect(lineWidth(spans)).toBeLessThanOrEqual(width);
      return lineText(spans);
    });
    expect(texts).toEqual([
      'anon_pipe_write < vfs_write < ksys_write …',
      'anon_pipe_write … ksys_write …',
      'anon_pipe_write … ksys_write …',
      'anon_pipe_write …',
      'anon_pipe_write',
      'anon_pipe…',
      'anon…',
    ]);
  });

  test('is left out of in its middle: what was asked of the kernel stays with the guilty end', () => {
    const openat = stacks.find((stack) => stack.caches[0] === 'filp');
    const spans = callPathSpans(openat?.frames ?? [], openat?.firstFrame ?? 0, 40);
    expect(lineText(spans)).toBe('alloc_empty_file … __x64_sys_openat …');
  });

  test('names a module where it is entered', () => {
    expect(lineText(callPathSpans(nvme.frames, nvme.firstFrame, 70))).toBe(
      'nvme_tcp_alloc_request [nvme_tcp] … blk_mq_run_work_fn …',
    );
    expect(lineText(callPathSpans(nvme.frames, nvme.firstFrame, 80))).toBe(
      'nvme_tcp_alloc_request [nvme_tcp] < nvme_tcp_queue_rq … blk_mq_run_work_fn …',
    );
  });

  test('of plumbing alone begins at its leaf, and an empty one says so', () => {
    expect(lineText(callPathSpans(pipe.frames.slice(0, 2), 2, 60))).toBe(
      '__alloc_frozen_pages_noprof < alloc_pages_mpol',
    );
    expect(lineText(callPathSpans([], 0, 40))).toBe('(no call path)');
  });
});

describe('columns', () => {
  test('appear with the width', () => {
    expect([40, 60, 80, 100, 120, 160, 250].map((width) => titles(width))).toEqual([
      '# HELD',
      '# HELD GROWTH/h WHO',
      '# HELD GROWTH/h TREND STATE WHO',
      '# HELD GROWTH/h TREND STATE WHO',
      '# HELD GROWTH/h TREND STATE MEMINFO WHO',
      '# HELD COUNT GROWTH/h TREND STATE MEMINFO AGE FREED WHO',
      '# HELD COUNT GROWTH/h TREND STATE MEMINFO AGE FREED OLDEST PEAK ALLOCS WHO',
    ]);
  });

  test('do not depend on the data', () => {
    expect(titles(160, 'bytes', false)).toBe(titles(160, 'bytes', true));
  });

  test('always hold the one that is sorted by, from 60 columns on', () => {
    const names = {
      bytes: 'HELD',
      count: 'COUNT',
      growth: 'GROWTH/h',
      age: 'OLDEST',
      'median-age': 'AGE',
      freed: 'FREED',
      verdict: 'STATE',
      allocs: 'ALLOCS',
      peak: 'PEAK',
      missed: 'MISSED',
    };
    for (const sort of Object.keys(names) as (keyof typeof names)[]) expect(titles(60, sort)).toContain(names[sort]);
  });
});

function titles(width: number, sort: SortKey = 'bytes', judged = true): string {
  const report = fixtureReport({ selection: { ...defaultSelection(100), sort }, judged });
  const { columns, restWidth } = stacksColumns(report, width, () => false);
  expect(columns.reduce((sum, one) => sum + one.width + 1, restWidth)).toBe(width);
  expect(restWidth).toBeGreaterThanOrEqual(20);
  return columns.map((column) => column.title).join(' ');
}
