/** Data for the views besides Stacks in tests without a trace, with names of the caller's choice. */
import type { ViewData, ViewRequest } from '../../src/session/view-data.js';

/** A row for each of `names`; null for views that need more than names. */
export function fixtureView(request: ViewRequest, names: readonly string[]): ViewData | null {
  const bytesOf = (index: number): number => (names.length - index) * 65_536;
  const total = { rows: names.length, bytes: names.reduce((sum, _, index) => sum + bytesOf(index), 0) };
  switch (request.kind) {
    case 'tree':
      return {
        kind: 'tree',
        tree: {
          direction: request.direction,
          bytes: total.bytes,
          count: names.length,
          stacks: names.length,
          backingBytes: 0,
          nodes: names.map((name, index) => ({
            key: index + 1,
            depth: index % 4,
            kind: 'frame',
            symbol: name,
            module: index % 2 === 0 ? null : name,
            bytes: bytesOf(index),
            count: 16,
            stacks: 1,
            growth: index === 0 ? 3.6e9 : null,
            ownBytes: 0,
            children: 1,
            open: index % 4 < 3,
          })),
        },
      };
    case 'processes':
      return {
        kind: 'processes',
        by: request.by,
        sort: request.sort,
        rows: names.map((comm, index) => ({
          comm,
          pid: 4711 + index,
          pids: 1,
          bytes: bytesOf(index),
          count: 16,
          pageBytes: bytesOf(index),
          noLineBytes: 0,
          shmemBytes: 0,
          anonBytes: bytesOf(index),
          cacheBytes: 0,
          slabBytes: 0,
          percpuBytes: 0,
          vmallocBytes: 0,
          backingBytes: 0,
          allocations: 16,
          newAllocations: 0,
          stacks: 2,
          oldestAgeNs: 5e9,
        })),
        total,
      };
    case 'caches':
      return {
        kind: 'caches',
        sort: request.sort,
        rows: names.map((cache, index) => ({
          cache,
          objects: 16,
          bytes: bytesOf(index),
          stacks: 2,
          oldestAgeNs: 5e9,
          balance: null,
          balanceIn: null,
          slab: null,
          heldIn: null,
        })),
        total,
      };
    default:
      return null;
  }
}
