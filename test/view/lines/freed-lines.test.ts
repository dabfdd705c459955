/** Where the memory of a call path is freed, as lines of its detail. */
import { expect, test } from 'vitest';
import type { FreeNode } from '../../../src/rank/report/free-sites.js';
import type { StackDetail } from '../../../src/rank/report/report-rows.js';
import { freedLines } from '../../../src/view/lines/freed-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureDetail, fixtureReport } from '../../helpers/report-fixture.js';

function detail(row = 0): StackDetail {
  const report = fixtureReport();
  const found = fixtureDetail(report, 100 + row) ?? fixtureDetail(report, report.stacks[row].stackId);
  if (found === null) throw new Error('the fixture has no such row');
  return found;
}

function node(name: string, count: number, callers: FreeNode[] = []): FreeNode {
  return { function: name, module: null, count, callers };
}

function lines(of: StackDetail, width = 100): string[] {
  return freedLines(of, width).map((line) => lineText(line).trimEnd());
}

test('who frees it, how soon and where, then the call paths', () => {
  expect(lines(detail())).toEqual([
    'FREED BY, of 500 frees seen, 9 of 10 within 4.19ms',
    expect.stringMatching(/^ +80% \S+ nvmet_req_release \[nvmet\] {2}median 1\.05ms to 2\.10ms, 75% on another CPU$/),
    expect.stringMatching(/^ +20% \S+ +RCU after a grace period {2}median 1\.05ms to 2\.10ms$/),
    '      80% nvmet_req_release [nvmet] < process_one_work < worker_thread',
    '      20% rcu_do_batch < rcu_core',
  ]);
});

test('a tree joins what begins alike, and branches where callers differ', () => {
  const freeTree = [node('put', 500, [node('close', 400, [node('sys_close', 400)]), node('exit', 100)])];
  expect(lines({ ...detail(), freeTree }).slice(3)).toEqual([
    '     100% put',
    '        80% close < sys_close',
    '        20% exit',
  ]);
});

test('nothing where no free was seen', () => {
  const found = detail();
  expect(freedLines({ ...found, stack: { ...found.stack, typicalFree: null } }, 80)).toEqual([]);
});

test('hostile names and deep paths stay within the width', () => {
  for (const name of HOSTILE_NAMES) {
    let deep = node(name, 500);
    for (let i = 0; i < 100; i++) deep = node(name, 500, [deep]);
    for (const width of [20, 40, 80, 160]) {
      for (const line of freedLines({ ...detail(), freeTree: [deep] }, width)) {
        expect(lineWidth(line)).toBeLessThanOrEqual(width);
        expect(lineText(line)).not.toMatch(/[\u0000-\u001f\u202e]/);
      }
    }
  }
});
