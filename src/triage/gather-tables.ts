/**
 * Tables of a look as facts. A row without what identifies it (a path, a name, a pid) is skipped; an
 * empty number is 0 where the facts have no null.
 */
import { cellNumber, type LookRow, type LookTable, tableRows } from '../proc/look-tables.js';
import type * as facts from './facts.js';

type Texts = ReadonlyMap<string, string>;

/** Returns a fact for each row of a table, as `make` makes it, without nulls; null if there is no such table. */
function factsOf<T extends LookTable, F>(
  texts: Texts,
  table: T,
  make: (cell: (name: keyof LookRow<T>) => string, number: (name: keyof LookRow<T>) => number) => F | null,
): F[] | null {
  const text = texts.get(table);
  if (text === undefined) return null;
  const made: F[] = [];
  for (const row of tableRows(table, text)) {
    const fact = make(
      (name) => row[name],
      (name) => Math.max(0, cellNumber(row[name]) ?? 0),
    );
    if (fact !== null) made.push(fact);
  }
  return made;
}

export function processesOf(texts: Texts): facts.ProcessFacts[] | null {
  return factsOf(texts, 'table/processes', (cell, number) =>
    cellNumber(cell('pid')) === null
      ? null
      : {
          pid: number('pid'),
          parent: number('parent'),
          name: cell('name'),
          startSeconds: cellNumber(cell('startSeconds')),
          threads: number('threads'),
          virtual: number('virtual'),
          rssAnon: number('rssAnon'),
          rssFile: number('rssFile'),
          rssShmem: number('rssShmem'),
          swap: number('swap'),
          pageTables: number('pageTables'),
          open:
            cellNumber(cell('openFiles')) === null
              ? null
              : {
                  files: number('openFiles'),
                  pipes: number('pipes'),
                  sockets: number('sockets'),
                  uring: number('uring'),
                  dmabuf: number('dmabuf'),
                  vfio: number('vfio'),
                  gpu: number('gpu'),
                  bpfMaps: number('bpfMaps'),
                  rdma: number('rdma'),
                },
          cgroup: cell('cgroup'),
        },
  );
}

export function mappingsOf(texts: Texts): facts.MappingFacts[] | null {
  return factsOf(texts, 'table/mappings', (cell, number) =>
    cellNumber(cell('pid')) === null
      ? null
      : {
          pid: number('pid'),
          rss: number('rss'),
          pss: number('pss'),
          pssAnon: number('pssAnon'),
          pssFile: number('pssFile'),
          pssShmem: number('pssShmem'),
          vmas: number('vmas'),
          heap: number('heap'),
          arenas: number('arenas'),
          arenaBytes: number('arenaBytes'),
          stackSize: number('stackSize'),
          stackCount: number('stackCount'),
        },
  );
}

export function cgroupsOf(texts: Texts): facts.CgroupFacts[] | null {
  return factsOf(texts, 'table/cgroups', (cell, number) =>
    cell('path') === ''
      ? null
      : {
          path: cell('path'),
          version: number('version'),
          current: number('current'),
          max: cellNumber(cell('max')),
          swap: number('swap'),
          anon: number('anon'),
          file: number('file'),
          shmem: number('shmem'),
          inactiveFile: number('inactiveFile'),
          kernel: number('kernel'),
          slabReclaimable: number('slabReclaimable'),
          slabUnreclaimable: number('slabUnreclaimable'),
          percpu: number('percpu'),
          sock: number('sock'),
          kernelStack: number('kernelStack'),
          pageTables: number('pageTables'),
          vmalloc: number('vmalloc'),
          dying: cellNumber(cell('dying')),
          oomKills: number('oomKills'),
          maxEvents: number('maxEvents'),
          refaults: number('refaults'),
          processes: number('processes'),
        },
  );
}

export function mountsOf(texts: Texts): facts.MountFacts[] | null {
  return factsOf(texts, 'table/mounts', (cell, number) =>
    cell('path') === ''
      ? null
      : {
          path: cell('path'),
          type: cell('type'),
          device: cell('device'),
          pid: number('pid'),
          used: number('used'),
          size: number('size'),
          files: number('files'),
          deleted: number('deleted'),
          processName: cell('processName'),
        },
  );
}

export function shmemOf(texts: Texts): facts.ShmemFacts[] | null {
  return factsOf(texts, 'table/shmem', (cell, number) =>
    cell('kind') === ''
      ? null
      : {
          kind: cell('kind'),
          name: cell('name'),
          pid: number('pid'),
          processName: cell('processName'),
          bytes: number('bytes'),
        },
  );
}

export function socketsOf(texts: Texts): facts.SocketFacts[] | null {
  return factsOf(texts, 'table/sockets', (cell, number) =>
    cell('family') === ''
      ? null
      : {
          family: cell('family'),
          state: cell('state'),
          pid: number('pid'),
          processName: cell('processName'),
          count: number('count'),
          receiveQueue: number('receiveQueue'),
          sendQueue: number('sendQueue'),
          ringBytes: number('ringBytes'),
        },
  );
}

export function ringsOf(texts: Texts): facts.RingFacts[] | null {
  return factsOf(texts, 'table/rings', (cell, number) =>
    cell('device') === ''
      ? null
      : {
          device: cell('device'),
          driver: cell('driver'),
          queues: number('queues'),
          descriptors: number('descriptors'),
          bytes: number('bytes'),
        },
  );
}

export function bpfOf(texts: Texts): facts.BpfFacts[] | null {
  return factsOf(texts, 'table/bpf', (cell, number) =>
    cell('kind') === ''
      ? null
      : {
          kind: cell('kind'),
          id: number('id'),
          type: cell('type'),
          name: cell('name'),
          bytes: number('bytes'),
          pid: number('pid'),
          processName: cell('processName'),
        },
  );
}

export function ownersOf(texts: Texts): facts.OwnerFacts[] | null {
  return factsOf(texts, 'table/owners', (cell, number) =>
    cell('source') === ''
      ? null
      : {
          source: cell('source'),
          bytes: number('bytes'),
          count: number('count'),
          module: cell('module'),
          frames: cell('frames'),
        },
  );
}

export function historyOf(texts: Texts): facts.HistoryPoint[] | null {
  return factsOf(texts, 'table/history', (cell, number) =>
    cellNumber(cell('timeMs')) === null || cellNumber(cell('bytes')) === null
      ? null
      : { timeMs: number('timeMs'), item: cell('item'), bytes: number('bytes') },
  );
}

export function sockstatOf(texts: Texts): ReadonlyMap<string, number> | null {
  const rows = factsOf(texts, 'table/sockstat', (cell, number) => [cell('name'), number('value')] as const);
  return rows === null ? null : new Map(rows);
}

export function limitRows(texts: Texts): facts.LimitFacts[] | null {
  return factsOf(texts, 'table/limits', (cell, number) =>
    cell('name') === '' || cellNumber(cell('max')) === null
      ? null
      : {
          name: cell('name'),
          used: cellNumber(cell('used')),
          max: number('max'),
          unit: cell('unit'),
          holder: cell('holder'),
        },
  );
}

export function censusRows(texts: Texts): facts.CensusFacts[] | null {
  return factsOf(texts, 'table/census', (cell, number) =>
    cell('cache') === '' || cellNumber(cell('counted')) === null
      ? null
      : { cache: cell('cache'), counted: number('counted'), what: cell('what') },
  );
}
