import { describe, expect, it } from 'vitest';
import { byProcessName } from '../../../src/rank/breakdown/process-names.js';
import type { ProcessRow } from '../../../src/rank/breakdown/processes.js';
import { everyProcess, withResidents } from '../../../src/session/screen/resident-rows.js';
import { processesOf } from '../../../src/triage/gather-tables.js';
import { lookAt, processRow } from '../../helpers/look.js';
import { process } from '../../view/fixtures/lists.js';

const { texts } = lookAt({
  tables: {
    'table/processes': [
      processRow(7, 'java', { anon: 500, file: 50, swap: 5, threads: 9 }),
      processRow(8, 'java', { anon: 100 }),
      processRow(9, 'idle', {}),
    ],
  },
});
const PROCESSES = processesOf(texts) ?? [];
const held = (comm: string, pid: number, bytes: number): ProcessRow => ({ ...process(comm, pid, bytes), pid });
const NONE: ReadonlySet<number> = new Set();

describe('withResidents()', () => {
  it('adds what ps shows, not to one that has ended, nor to one that is not listed', () => {
    const rows = withResidents(
      [held('java', 7, 10), held('gone', 8, 20), held('new', 77, 30)],
      PROCESSES,
      new Set([8]),
    );
    expect(rows.map(({ resident }) => resident?.rss)).toEqual([550, undefined, undefined]);
    expect(rows[0].resident).toMatchObject({ virtual: 550, swap: 5, threads: 9 });
  });

  it('is summed by name', () => {
    const rows = withResidents([held('java', 7, 10), held('java', 8, 20)], PROCESSES, NONE);
    expect(byProcessName(rows)[0].resident).toMatchObject({ rss: 650, threads: 10 });
  });
});

describe('everyProcess()', () => {
  it('has each process once, the largest first, with what its threads hold whatever they are called', () => {
    const rows = withResidents(
      [held('java', 7, 10), held('GC thread', 7, 5), held('ended', 8, 99)],
      PROCESSES,
      new Set([8]),
    );
    const all = everyProcess(PROCESSES, rows);
    expect(all.map(({ pid, comm, bytes, resident }) => [pid, comm, bytes, resident?.rss])).toEqual([
      [7, 'java', 15, 550],
      [8, 'java', 0, 100],
      [9, 'idle', 0, 0],
    ]);
  });
});
