/** What a trace carries of the accounts of cgroups. */
import type { CarriedLook } from '../../event/trace-sink.js';
import { cellNumber, tableRows } from '../../proc/look-tables.js';
import type { CgroupAccount } from '../../proc/process/cgroup-files.js';
import type { CgroupFacts } from '../../rank/report/report-cgroups.js';

/** Returns the accounts by path as the latest look that has some counted them. */
export function cgroupAccountsIn(looks: readonly CarriedLook[]): Map<string, CgroupAccount> {
  const last = looks.findLast(({ texts }) => texts.has('table/cgroups'));
  const rows = tableRows('table/cgroups', last?.texts.get('table/cgroups'));
  return new Map(
    rows.map(({ path, current, max, peak }) => [
      path,
      { current: cellNumber(current), max: cellNumber(max), peak: cellNumber(peak) },
    ]),
  );
}

/** Returns what cgroup.stat and memory.stat said at the latest look that has cgroups, by path. */
export function cgroupCountersIn(looks: readonly CarriedLook[]): CgroupFacts['counters'] {
  const having = looks.filter(({ texts }) => texts.has('table/cgroups'));
  const tables = [having.at(0), having.at(-1)].map((look) =>
    tableRows('table/cgroups', look?.texts.get('table/cgroups')),
  );
  const [first, last] = tables;
  const dyingAtStart = new Map(having.length < 2 ? [] : first.map(({ path, dying }) => [path, cellNumber(dying)]));
  return new Map(
    last.map((row) => {
      const slab = [row.slabReclaimable, row.slabUnreclaimable].map(cellNumber);
      return [
        row.path,
        {
          dying: cellNumber(row.dying),
          dyingAtStart: dyingAtStart.get(row.path) ?? null,
          shmemBytes: cellNumber(row.shmem),
          fileBytes: cellNumber(row.file),
          slabBytes: slab.includes(null) ? null : slab.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
        },
      ];
    }),
  );
}
