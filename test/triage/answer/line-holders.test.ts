import { describe, expect, it } from 'vitest';
import type { Look } from '../../../src/proc/look.js';
import { triageOf } from '../../../src/session/look/triage-looks.js';
import { lookAt, processRow } from '../../helpers/look.js';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** 'name bytes' of the holders of a term. */
function holdersOf(look: Look, term: string): string[] {
  const found = triageOf([look]).lines.find((line) => line.term === term);
  return (found?.holders ?? []).map(({ kind, name, bytes }) => `${kind} ${name} ${bytes}`);
}

const PROCESSES = [
  processRow(7, 'java', { anon: GIB, pageTables: 3 * MIB, threads: 200 }),
  processRow(9, 'sh', { anon: MIB, pageTables: MIB / 16 }),
];

describe('who holds a line of meminfo, also where nothing is abnormal', () => {
  const look = lookAt({
    tables: {
      'table/processes': PROCESSES,
      'table/mounts': [['/dev/shm', 'tmpfs', '0:20', 1, 64 * MIB, GIB, 3, 0]],
      'table/shmem': [['memfd', 'x', 7, 'java', 16 * MIB]],
    },
  });

  it('names processes, mounts and segments, the largest first', () => {
    expect(triageOf([look]).findings.map(({ severity }) => severity)).toEqual(['fine']);
    expect(holdersOf(look, 'AnonPages')).toEqual([`process 7 java ${GIB}`, `process 9 sh ${MIB}`]);
    expect(holdersOf(look, 'PageTables')).toEqual([`process 7 java ${3 * MIB}`, `process 9 sh ${MIB / 16}`]);
    expect(holdersOf(look, 'Shmem')).toEqual([`mount /dev/shm ${64 * MIB}`, `segment memfd of 7 java ${16 * MIB}`]);
    expect(holdersOf(look, 'KernelStack')).toEqual([
      `process 7 java: 200 threads ${200 * 16384}`,
      `process 9 sh: 1 thread 16384`,
    ]);
  });

  it('leaves out a line of which nothing was read', () => {
    const terms = triageOf([look]).lines.map(({ term }) => term);
    expect(terms).not.toContain('Slab');
    expect(triageOf([lookAt()]).lines).toEqual([]);
  });

  it('says nothing where the counters are not those of the kernel', () => {
    const texts = new Map(look.texts);
    texts.set('table/machine', (texts.get('table/machine') ?? '').replace('\tkernel\n', '\tlxcfs\n'));
    expect(triageOf([{ ...look, texts }]).lines).toEqual([]);
  });
});

const cgroup = (path: string, file: number, shmem = 0): (string | number | null)[] => {
  const row = [path, 2, file, null, 0, 0, file, shmem];
  return [...row, ...Array.from({ length: 14 }, () => 0)];
};

it('compares the lowest cgroups alone for files, for each contains those below it', () => {
  const look = lookAt({
    tables: {
      'table/cgroups': [cgroup('/', 4 * GIB), cgroup('/a', 3 * GIB), cgroup('/a/b', 2 * GIB, GIB), cgroup('/c', MIB)],
    },
  });
  expect(holdersOf(look, 'Cached without Shmem')).toEqual([`cgroup /a/b ${GIB}`, `cgroup /c ${MIB}`]);
});
