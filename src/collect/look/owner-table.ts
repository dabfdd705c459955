/** 'table/owners': page_owner and allocinfo, where the kernel keeps them. */
import { type OwnerRow, parseAllocinfo, parsePageOwnerStacks } from '../../proc/machine/owners.js';
import { readWhole, statOf } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';

const TEXT_LIMIT = 32 << 20;
const ROW_LIMIT = 1000;
const STACKS = '/sys/kernel/debug/page_owner_stacks/show_stacks';

/** Writes no table if this kernel keeps neither. */
export async function tellOwners(look: LookBuilder, pageSize: number): Promise<void> {
  const rows: OwnerRow[] = [];
  const allocinfo = readWhole('/proc/allocinfo', TEXT_LIMIT);
  if (allocinfo.text !== null) rows.push(...(parseAllocinfo(allocinfo.text, ROW_LIMIT) ?? []));
  else if (allocinfo.why !== 'not in this kernel') look.miss('proc/allocinfo', allocinfo.why);
  await look.pause();
  const stacks = look.root ? readWhole(STACKS, TEXT_LIMIT).text : null;
  if (stacks !== null) rows.push(...parsePageOwnerStacks(stacks, pageSize, ROW_LIMIT));
  else if (look.root && statOf('/sys/kernel/debug/page_owner') !== null) {
    // Before 6.9 there is one entry a page: gigabytes, minutes, and no lock that ends soon.
    look.miss('sys/kernel/debug/page_owner', 'one entry a page: `unfreed import` reads a copy of it');
  }
  if (rows.length > 0) {
    look.table(
      'table/owners',
      rows.map((each) => [each.source, each.bytes, each.count, each.module, each.frames]),
    );
  }
}
