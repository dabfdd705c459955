/** /proc/slabinfo of this machine, which only root may read: without a trace and without BPF. */
import { findPrivilege, readAsRoot } from '../../collect/privilege.js';
import { parseSlabRows } from '../../proc/machine/slab-rows.js';
import type { SlabTexts } from '../../rank/breakdown/cache-table.js';
import { pageSize } from './page-size.js';

/** Returns slabinfo as root sees it, by sudo without a password if need be; null where it cannot be read. */
export async function slabsHere(): Promise<SlabTexts | null> {
  const privilege = await findPrivilege();
  const bytes = privilege === null ? null : await readAsRoot(privilege, '/proc/slabinfo').catch(() => null);
  const last = bytes === null ? null : parseSlabRows(new TextDecoder().decode(bytes));
  return last === null || last.length === 0 ? null : { first: null, last, pageSize: pageSize() };
}
