import { expect, it } from 'vitest';
import type { ProcessEvent } from '../../../src/event/process-facts.js';
import { ProcessTable } from '../../../src/pair/processes/process-table.js';

const SHELL: ProcessEvent = {
  number: 1,
  pid: 4711,
  startNs: 5,
  parent: 0,
  why: 'first',
  stays: false,
  exe: '/bin/sh',
  cmdline: 'sh',
};

it('knows who processes are, when they began and how they ended', () => {
  const table = new ProcessTable();
  table.take(0, SHELL);
  table.take(10, { ...SHELL, number: 2, pid: 4712, parent: 1, why: 'fork' });
  table.take(11, { ...SHELL, number: 3, pid: 4712, parent: 2, why: 'exec', exe: '/bin/ls', cmdline: 'ls' });
  table.take(20, { ...SHELL, number: 3, pid: 4712, why: 'exit', exe: '', cmdline: '', startNs: 0 });
  table.take(30, { ...SHELL, why: 'exit', stays: true, exe: '', cmdline: '' });
  expect(
    table
      .all()
      .map(({ number, why, beganNs, endedNs, ended, stays, exe }) => [
        number,
        why,
        beganNs,
        endedNs,
        ended,
        stays,
        exe,
      ]),
  ).toEqual([
    [1, 'first', 0, 30, 'exit', true, '/bin/sh'],
    [2, 'fork', 10, 11, 'exec', false, '/bin/sh'],
    [3, 'exec', 11, 20, 'exit', false, '/bin/ls'],
  ]);
  expect([table.parentOf(3)?.number, table.parentOf(2)?.number, table.parentOf(1), table.parentOf(9)]).toEqual([
    2,
    1,
    null,
    null,
  ]);
  expect(ProcessTable.restore(JSON.parse(JSON.stringify(table.save())))?.save()).toEqual(table.save());
});

it('takes the end of a process whose beginning was lost, and a number that is used again', () => {
  const table = new ProcessTable();
  table.take(5, { ...SHELL, why: 'exit' });
  expect(table.get(1)).toMatchObject({ why: 'exit', endedNs: 5 });
  table.take(9, { ...SHELL, pid: 9 });
  expect(table.get(1)).toMatchObject({ why: 'first', pid: 9, endedNs: null });
  expect(table.size).toBe(1);
});

it('is bounded: numbers, and characters of all texts together', () => {
  const table = new ProcessTable();
  for (const number of [0, -1, 65_536, 1.5, Number.NaN]) expect(table.take(0, { ...SHELL, number })).toBe(false);
  const long = 'x'.repeat(4096);
  for (let number = 1; number <= 5000; number++) table.take(0, { ...SHELL, number, exe: long, cmdline: long });
  const kept = table.all().reduce((sum, { exe, cmdline }) => sum + exe.length + cmdline.length, 0);
  expect(kept).toBe(2 ** 24);
  expect(table.size).toBe(5000);
  // The text of a process that is replaced makes room.
  for (let number = 1; number <= 5000; number++) table.take(1, { ...SHELL, number });
  expect(table.all().every(({ exe }) => exe === '/bin/sh')).toBe(true);
});

it.each([null, {}, [null], [{ number: 1 }], [{ ...SHELL, beganNs: 0, endedNs: 4, ended: null }]])(
  'is not restored from %j',
  (saved) => {
    expect(ProcessTable.restore(saved)).toBeNull();
  },
);
