/** Origins of the report of export-report.ts: two edges, every call path a finding of its own, names from its rows. */
import type { Origins } from '../../src/rank/breakdown/origins.js';
import type { ProcessRow } from '../../src/rank/breakdown/processes.js';
import type { Report } from '../../src/rank/report/report.js';

const NOTHING: Omit<ProcessRow, 'comm' | 'pid' | 'bytes'> = {
  count: 1,
  pageBytes: 0,
  noLineBytes: 0,
  shmemBytes: 0,
  anonBytes: 0,
  cacheBytes: 0,
  slabBytes: 0,
  percpuBytes: 0,
  vmallocBytes: 0,
  backingBytes: 0,
  allocations: 1,
  newAllocations: 1,
  stacks: 1,
  oldestAgeNs: 9e9,
};

export function exportOrigins({ stacks }: Report): Origins {
  return {
    findings: stacks.map((row) => ({
      row,
      ages: [{ from: 2 ** 32, to: 2 ** 33, count: 3 }],
      sizes: [{ from: 4096, to: 8192, count: 3 }],
      holders: row.comms.map((share, i) => ({ ...share, pid: 4711 + i })),
      holderCount: row.comms.length + 1,
    })),
    findingCount: stacks.length + 2,
    edgesNs: [0, 5e9, 10e9],
    paths: stacks.map(({ stackId, bytes }, finding) => ({ stackId, finding, taken: [{ step: 1, bytes }] })),
    processes: stacks.map(({ comms, bytes }, finding) => ({
      process: { ...NOTHING, comm: comms[0]?.comm ?? '', pid: 4711, bytes },
      findings: [{ finding, bytes, taken: [{ step: 1, bytes }] }],
    })),
    processCount: stacks.length + 1,
    caches: stacks.flatMap(({ caches, bytes }) =>
      caches.map((cache) => ({
        cache,
        objects: 2,
        bytes,
        stacks: 1,
        oldestAgeNs: 9e9,
        balance: null,
        balanceIn: null,
      })),
    ),
  };
}
