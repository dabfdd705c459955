import { describe, expect, it } from 'vitest';
import { TaskTable } from '../../../src/event/tables/task-table.js';

describe('TaskTable', () => {
  it('gives one id to one name in one cgroup, and tells names and cgroups apart', () => {
    const table = new TaskTable(100);
    const [a, b, c] = [table.intern('sh', 1), table.intern('sh', 2), table.intern('sh')];
    expect(table.intern('sh', 2)).toBe(b);
    expect([a, b, c].map((id) => table.name(id))).toEqual(['sh', 'sh', 'sh']);
    expect([a, b, c].map((id) => table.cgroup(id))).toEqual([1, 2, 0]);
    expect(new Set([a, b, c].map((id) => table.nameId(id))).size).toBe(1);
    expect(table.nameOf(table.nameId(a))).toBe('sh');
    expect([table.name(0), table.cgroup(0), table.nameId(0)]).toEqual(['', 0, 0]);
  });

  it('keeps its bound: what comes when it is full shares the id of its family, and leaves none without an id', () => {
    const table = new TaskTable(1000);
    for (let i = 0; i < 5000; i++) expect(table.intern(`job-${i}`, 1 + (i % 700))).toBeGreaterThan(0);
    expect(table.size).toBeLessThanOrEqual(1000);
    expect(table.name(table.intern('job-99999', 7))).toBe('job-#');
    for (let i = 0; i < 5000; i++) table.intern(String.fromCodePoint(0x4e00 + i), 3);
    expect(table.size).toBeLessThanOrEqual(1000);
    const late = table.intern('something-else', 5);
    expect(table.name(late)).toBe('(other names)');
    expect(table.cgroup(late)).toBe(0);
  });
});
