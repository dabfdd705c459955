/** Who owns pages, of the dumps of a bundle: page_owner by call path, allocinfo by line of code. */
import { tableText } from '../../proc/look-tables.js';
import { parseAllocinfo, parsePageOwner } from '../../proc/machine/owners.js';
import type { NamedTexts } from './members.js';

const ROW_LIMIT = 1000;

/** Returns the text of table/owners; null if the bundle has neither. */
export function ownerTable(texts: NamedTexts, pageSize: number): string | null {
  const paths = texts.get('report/page_owner');
  const sites = texts.get('proc/allocinfo');
  const rows = [
    ...((paths === undefined ? null : parsePageOwner(paths, pageSize, ROW_LIMIT)) ?? []),
    ...((sites === undefined ? null : parseAllocinfo(sites, ROW_LIMIT)) ?? []),
  ];
  if (rows.length === 0) return null;
  return tableText(
    'table/owners',
    rows.map((each) => [each.source, each.bytes, each.count, each.module, each.frames]),
  );
}
