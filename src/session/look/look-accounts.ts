/** What a trace carries of the accounts of cgroups. */
import type { CarriedLook } from '../../event/trace-sink.js';
import { cellNumber, tableRows } from '../../proc/look-tables.js';
import type { CgroupAccount } from '../../proc/process/cgroup-files.js';

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
