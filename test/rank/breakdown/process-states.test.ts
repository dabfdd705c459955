import { expect, test } from 'vitest';
import { byProcessName } from '../../../src/rank/breakdown/process-names.js';
import { withStates } from '../../../src/rank/breakdown/process-states.js';
import { type ProcessRow, processesOf } from '../../../src/rank/breakdown/processes.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { pairText } from '../../helpers/text-trace.js';

/** For 20 s, 80 KiB/s of `leak`: three quarters of it by node 7. sh 8 has taken much of it, all at the start. */
function leak(): string {
  const lines: [number, string][] = [
    [1, 'alloc s 3000000 comm=sh pid=8 kmalloc < leak < sys_leak'],
    [2, 'alloc o 65536 comm=node pid=9 kmalloc < once < sys_once'],
    [3, 'alloc p 50000 comm=node pid=7 kmalloc < once < sys_once'],
  ];
  for (let i = 1; i <= 200; i++) {
    const by = i % 4 === 0 ? 'comm=ls pid=3' : 'comm=node pid=7';
    lines.push([i * 1e8, `alloc 0x${(0x100000 + i * 4096).toString(16)} 8192 ${by} kmalloc < leak < sys_leak`]);
  }
  return [...lines.map(([ns, text]) => `${ns} ${text}`), '20100000000 clock'].join('\n');
}

const { core, symbols } = pairText(leak());
const SELECTION = defaultSelection(10);

function rows(): ProcessRow[] {
  return withStates({ core, symbols }, SELECTION, processesOf({ core, symbols }, SELECTION));
}

const kib = (growth: number | null | undefined): number | null =>
  growth == null ? null : Math.round(growth / 3600 / 1024);

test('a process has the part of a growth that it has of what came lately', () => {
  const found = rows().map(({ comm, pid, state }) => [comm, pid, kib(state?.growth), state?.verdict]);
  expect(found).toEqual([
    ['sh', 8, null, 'steady'],
    ['node', 7, 60, 'growing'],
    ['ls', 3, 20, 'growing'],
    ['node', 9, null, 'one-time'],
  ]);
});

test('its call paths come greatest first, by their ids in a report', () => {
  const [leaking, once] = ['leak', 'once'].map((name) => idOf(name));
  const paths = Object.fromEntries(rows().map(({ comm, pid, state }) => [`${comm} ${pid}`, state?.paths]));
  expect(paths).toEqual({ 'sh 8': [leaking], 'node 7': [leaking, once], 'ls 3': [leaking], 'node 9': [once] });
});

function idOf(name: string): number | undefined {
  const { report } = pairText(leak());
  return report({ group: 'stack' }).stacks.find(({ frames }) => frames.some(({ symbol }) => symbol === name))?.stackId;
}

test('processes of one name grow together', () => {
  const node = byProcessName(rows()).find(({ comm }) => comm === 'node');
  expect([kib(node?.state?.growth), node?.state?.verdict, node?.state?.paths.length]).toEqual([60, 'growing', 2]);
});
