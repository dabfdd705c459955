import { expect, it } from 'vitest';
import { parseProcesses } from '../../src/proc/processes.js';

it('the text about processes is read line by line', () => {
  const lines = parseProcesses('1000 gone\n1002-1009 gone\n1000 back\n812 53000\n9 0\n');
  expect(lines.gone).toEqual([
    [1000, 1000],
    [1002, 1009],
  ]);
  expect(lines.back).toEqual([1000]);
  expect([...lines.mapped]).toEqual([
    [812, 53000],
    [9, 0],
  ]);
});

it('what is no such line, and what no process can be, is skipped', () => {
  const text =
    '5-3 gone\n4194304 gone\n1-4194304 gone\n7 lost\n1-2 back\n1-2 40\nx gone\n8 gone more\n 9 gone\n\n6 gone';
  expect(parseProcesses(text)).toEqual({ gone: [[6, 6]], back: [], mapped: new Map() });
  expect(parseProcesses(`${'9'.repeat(1e6)}\n`.repeat(4))).toEqual({ gone: [], back: [], mapped: new Map() });
});
