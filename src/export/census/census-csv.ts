/** The census as CSV (RFC 4180): one line a row of any table, told apart by the first column. */
import { processText } from '../../census/holder-text.js';
import type { CensusReport } from '../../census/report.js';
import { csvField } from '../parts/markup.js';
import { orphanBytes } from './census-tables.js';

const HEADER = [
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
];
type Field = string | number | null;

/** Returns the header and all rows; what a row does not have is empty. New columns go to the end. */
export function censusCsv(report: CensusReport): string {
  return [HEADER, ...rowsOf(report)].map((row) => `${row.map((field) => csvField(field)).join(',')}\r\n`).join('');
}

function* rowsOf({
  classes,
  nodes,
  owners,
  areas,
  holders,
  types,
  orphans,
  machine,
}: CensusReport): Generator<Field[]> {
  for (const row of classes) {
    yield line('class', row.class, '', row.text, '', row.pages, row.bytes, null, row.deltaPages, 'pages');
  }
  for (const row of nodes)
    yield line('node', row.class, String(row.node), '', '', row.pages, row.bytes, null, null, '');
  for (const row of owners) {
    for (const part of row.parts) {
      const fields = line(
        'owner',
        part.class,
        row.path,
        part.cache,
        '',
        part.pages,
        part.bytes,
        part.objects,
        null,
        '',
      );
      fields[10] = row.dying ? 1 : 0;
      yield fields;
    }
  }
  for (const row of areas) {
    yield line('area', row.kind, row.caller, '', row.module, row.pages, row.bytes, row.areas, row.deltaPages, 'pages');
  }
  for (const row of holders ?? []) {
    const fields = line(
      'holder',
      row.class,
      row.holder,
      row.text,
      row.module,
      row.pages,
      row.bytes,
      row.objects,
      row.deltaPages,
      'pages',
    );
    fields[11] = row.processes.map(processText).join('; ');
    fields[12] = row.unownedPages;
    yield fields;
  }
  for (const cache of types ?? []) {
    for (const row of cache.rows) {
      yield line(
        'type',
        cache.cache,
        row.holder,
        row.text,
        row.module,
        null,
        row.bytes,
        row.objects,
        row.deltaObjects,
        'objects',
      );
    }
  }
  for (const row of orphans?.rows ?? []) {
    yield line(
      'orphan',
      row.kind,
      row.name,
      '',
      '',
      row.pages,
      orphanBytes(row, machine.pageSize),
      row.objects,
      null,
      '',
    );
  }
}

function line(
  table: string,
  className: string,
  name: string,
  text: string,
  module: string,
  pages: number | null,
  bytes: number | null,
  objects: number | null,
  change: number | null,
  unit: string,
): Field[] {
  return [
    table,
    className,
    name,
    text,
    module,
    pages,
    bytes,
    objects,
    change,
    change === null ? '' : unit,
    null,
    '',
    null,
  ];
}
