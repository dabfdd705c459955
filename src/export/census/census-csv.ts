/** The census as CSV (RFC 4180): one line a row of any table, told apart by the first column. */
import { callerText } from '../../census/area-text.js';
import { processText } from '../../census/holder-text.js';
import type { CensusReport } from '../../census/report.js';
import { csvField } from '../parts/markup.js';
import { orphanBytes } from './census-tables.js';

/** New columns go to the end. */
const COLUMNS = [
  'table',
  'class',
  'name',
  'text',
  'module',
  'pages',
  'bytes',
  'objects',
  'change',
  'change_unit',
  'removed',
  'processes',
  'unowned_pages',
  'change_bytes',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>> & { table: string };

/**
 * Returns the header and all rows; what a row does not have is empty. A cgroup has a row for all that it is charged for,
 * with its change, and as owner one for each class. `change_bytes` is that of all tables in one unit.
 */
export function censusCsv(report: CensusReport): string {
  const rows = [...rowsOf(report)].map((row) => COLUMNS.map((column) => csvField(row[column] ?? null)));
  return [COLUMNS, ...rows].map((fields) => `${fields.join(',')}\r\n`).join('');
}

function* rowsOf(report: CensusReport): Generator<Row> {
  const { classes, nodes, owners, areas, holders, types, orphans, machine } = report;
  const { pageSize } = machine;
  for (const { class: of, text, pages, bytes, deltaPages } of classes) {
    yield { table: 'class', class: of, text, pages, bytes, ...changeOf(deltaPages, 'pages', pageSize) };
  }
  for (const { class: of, node, pages, bytes } of nodes) {
    yield { table: 'node', class: of, name: String(node), pages, bytes };
  }
  for (const { path: name, dying, pages, bytes, objects, deltaBytes } of owners) {
    yield { table: 'cgroup', name, pages, bytes, objects, removed: Number(dying), ...changeOf(deltaBytes, 'bytes', 1) };
  }
  for (const { path: name, dying, parts } of owners) {
    for (const { class: of, cache: text, pages, bytes, objects } of parts) {
      yield { table: 'owner', class: of, name, text, pages, bytes, objects, removed: Number(dying) };
    }
  }
  for (const row of areas) {
    const { kind, caller: name, module, pages, bytes, areas: objects, deltaPages } = row;
    const text = callerText(row, report);
    const change = changeOf(deltaPages, 'pages', pageSize);
    yield { table: 'area', class: kind, name, text, module, pages, bytes, objects, ...change };
  }
  for (const { class: of, holder: name, text, module, pages, bytes, objects, ...row } of holders ?? []) {
    yield {
      table: 'holder',
      class: of,
      name,
      text,
      module,
      pages,
      bytes,
      objects,
      processes: row.processes.map(processText).join('; '),
      unowned_pages: row.unownedPages,
      ...changeOf(row.deltaPages, 'pages', pageSize),
    };
  }
  for (const { cache, sizeBytes, rows } of types ?? []) {
    for (const { holder: name, text, module, bytes, objects, deltaObjects } of rows) {
      const change = changeOf(deltaObjects, 'objects', sizeBytes);
      yield { table: 'type', class: cache, name, text, module, bytes, objects, ...change };
    }
  }
  for (const row of orphans?.rows ?? []) {
    const { kind, name, pages, objects } = row;
    yield { table: 'orphan', class: kind, name, pages, bytes: orphanBytes(row, pageSize), objects };
  }
}

/** `each`: bytes of one. */
function changeOf(change: number | null, unit: string, each: number): Partial<Row> {
  return change === null ? {} : { change, change_unit: unit, change_bytes: change * each };
}
