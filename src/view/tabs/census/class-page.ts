/** The page about one class of pages: its figures, and all that a census found of who holds them. */
import { formatBytes, formatChange, formatCount, formatShare } from '../../../base/format.js';
import { padText, safeText } from '../../../base/safe-text.js';
import { callerText } from '../../../census/area-text.js';
import { knownUnowned, processText } from '../../../census/holder-text.js';
import type { CensusHolder, CensusReport } from '../../../census/report.js';
import type { PageText } from '../../head/list-body.js';
import { sentenceLines } from '../../lines/holder-lines.js';
import { cutLine, type Line } from '../../lines/styled-line.js';
import { firstLookOf } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';
import { abnormalLines } from '../memory/line-page.js';
import { censusOf } from './census-rows.js';
import { classMeaning, className, termOf } from './class-names.js';
import { areasOf, isChain, owned } from './holders-of-class.js';
import { typeLines } from './type-lines.js';

/** Rows of each list. */
const MOST_ROWS = 40;
/** Chains of pointers of one holder. */
const MOST_CHAINS = 4;

/** The page of the class that is opened; null if none is, or if the census has none of it. */
export function classPage(state: ViewState): PageText | null {
  const { page, columns } = state;
  const census = censusOf(state);
  const name = page?.kind === 'class' ? page.name : null;
  const row = census?.classes.find((each) => each.class === name);
  if (census === null || row === undefined || name === null) return null;
  const title: Line = [
    ['Memory › ', 'dim'],
    [safeText(className(name)), 'strong'],
  ];
  const term = termOf(name);
  const sections = [
    figureLines(census, row, columns),
    holderTable(census, name, columns),
    ...(name === 'slab' ? (census.types ?? []).map((type) => typeLines(type, columns)) : []),
    name === 'slab' ? orphanTable(census, columns) : [],
    cgroupTable(census, name, columns),
    areaTable(census, name, columns),
    nodeTable(census, name, columns),
    term === null ? [] : abnormalLines({ terms: [term] }, firstLookOf(state), columns),
  ];
  const lines = sections.filter((section) => section.length > 0).flatMap((section) => [...section, []]);
  return { title, lines: lines.slice(0, -1) };
}

function figureLines(
  { machine, sinceSeconds }: CensusReport,
  { class: name, pages, bytes, deltaPages }: CensusReport['classes'][number],
  columns: number,
): Line[] {
  const share = formatShare(pages, machine.spannedPages);
  const change =
    sinceSeconds === null || deltaPages === null
      ? ''
      : `, ${formatChange(deltaPages * machine.pageSize)} since the first census`;
  const figures = `${formatCount(pages)} pages, ${formatBytes(bytes)}, ${share} of all pages${change}`;
  const meaning = classMeaning(name);
  return [
    ...sentenceLines(figures, columns, '  ').map((text): Line => [[text, 'strong']]),
    ...(meaning === '' ? [] : sentenceLines(meaning, columns, '  ').map((text): Line => [[text, 'dim']])),
  ];
}

function holderTable({ holders, machine }: CensusReport, name: string, columns: number): Line[] {
  if (holders === null) return [];
  const rows = holders.filter((row) => row.class === name);
  if (rows.length === 0) return [];
  const head = `${'PAGES'.padStart(10)} ${'BYTES'.padStart(8)} ${'CHANGE'.padStart(9)}  HELD BY`;
  return [
    [[padText(head, columns), 'head']],
    ...rows.slice(0, MOST_ROWS).flatMap((row) => holderLines(row, machine.pageSize, columns)),
    ...moreLine(rows.length),
  ];
}

/** What stands below a holder begins where the holder does, or on a narrow screen further left. */
function indentOf(columns: number): string {
  return ' '.repeat(columns < 100 ? 13 : 31);
}

function holderLines(row: CensusHolder, pageSize: number, columns: number): Line[] {
  const { pages, bytes, deltaPages, text, module, chains, processes, objects, behindPages } = row;
  const change = deltaPages === null ? '±0' : formatChange(deltaPages * pageSize);
  const known = chains.filter(({ holder }) => holder !== '' && holder !== text);
  const below = [
    ...processes.map((process) => {
      const held = process.pages === null ? '' : `: ${formatCount(process.pages)} pages`;
      return `${processText(process)}${held}`;
    }),
    ...restLines(row),
    ...known
      .slice(0, MOST_CHAINS)
      .map(({ holder, pages: through }) => (known.length === 1 ? holder : `${holder}: ${formatCount(through)} pages`)),
    known.length > MOST_CHAINS ? `${formatCount(known.length - MOST_CHAINS)} more ways` : '',
    objects > 0 && (known.length > 0 || isChain(row)) ? `from ${formatCount(objects)} objects` : '',
    behindPages > 0 ? `${formatCount(behindPages)} of them inferred: they lie right behind a page that is held` : '',
  ];
  return [
    cutLine(
      [
        [formatCount(pages).padStart(10), 'strong'],
        [` ${formatBytes(bytes).padStart(8)} ${change.padStart(9)}  `],
        [safeText(`${text}${module === '' ? '' : ` [${module}]`}`), 'strong'],
      ],
      columns,
    ),
    ...below
      .filter((each) => each !== '')
      .map((each): Line => cutLine([[`${indentOf(columns)}${safeText(each)}`, 'dim']], columns)),
  ];
}

/** What makes the pages of the processes complete. */
function restLines(row: CensusHolder): string[] {
  const { kind, pages, processes, unownedPages } = row;
  // Of what no process can have open nothing is said.
  if (unownedPages === null || (kind === null && processes.length === 0)) return [];
  const unowned = knownUnowned(row);
  const more = processes.reduce((rest, process) => rest - (process.pages ?? 0), pages - unownedPages);
  return [
    more > 0 ? `open files of others: ${formatCount(more)} pages` : '',
    unowned > 0 ? `no open file: ${formatCount(unowned)} pages` : '',
  ];
}

function cgroupTable(census: CensusReport, name: string, columns: number): Line[] {
  const removed = owned(census, name, true).map((row) => ({ ...row, state: 'removed' }));
  const all = [...removed, ...owned(census, name, false).map((row) => ({ ...row, state: '' }))];
  if (all.length === 0) return [];
  const head = `${'BYTES'.padStart(10)}  ${'STATE'.padEnd(7)}  CHARGED TO`;
  return [
    [[padText(head, columns), 'head']],
    ...all.slice(0, MOST_ROWS).map(({ path, bytes, objects, what, state }): Line => {
      const most = what === '' ? '' : `, ${formatCount(objects)} objects, most of ${what}`;
      return cutLine(
        [
          [formatBytes(bytes).padStart(10), 'strong'],
          [`  ${state.padEnd(7)}  `, 'warn'],
          [safeText(path)],
          [safeText(most), 'dim'],
        ],
        columns,
      );
    }),
    ...moreLine(all.length),
    ...unchargedLine(census, name, all, columns),
  ];
}

/** What makes the bytes of the cgroups complete. Of slab they are those of objects, which fill no page. */
function unchargedLine(
  census: CensusReport,
  name: string,
  charged: readonly { bytes: number }[],
  columns: number,
): Line[] {
  const all = census.classes.find((row) => row.class === name)?.bytes ?? 0;
  const rest = charged.reduce((sum, { bytes }) => sum - bytes, all);
  if (name === 'slab' || rest <= 0) return [];
  return [
    cutLine(
      [
        [formatBytes(rest).padStart(10), 'dim'],
        [`${' '.repeat(11)}to no cgroup that is listed`, 'dim'],
      ],
      columns,
    ),
  ];
}

function areaTable(census: CensusReport, name: string, columns: number): Line[] {
  const rows = areasOf(census, name);
  if (rows.length === 0) return [];
  const head = `${'PAGES'.padStart(10)} ${'BYTES'.padStart(8)} ${'AREAS'.padStart(9)}  CALLER`;
  return [
    [[padText(head, columns), 'head']],
    ...rows.slice(0, MOST_ROWS).map((row): Line => {
      const { pages, bytes, areas } = row;
      const lead = `${formatCount(pages).padStart(10)} ${formatBytes(bytes).padStart(8)} ${formatCount(areas).padStart(9)}  `;
      return cutLine([[lead], [safeText(callerText(row, census)), 'strong']], columns);
    }),
    ...moreLine(rows.length),
  ];
}

function orphanTable({ orphans }: CensusReport, columns: number): Line[] {
  const rows = (orphans?.rows ?? []).filter(({ kind }) => kind === 'slab');
  if (orphans === null || rows.length === 0) return [];
  const head = `${'OBJECTS'.padStart(10)} ${'BYTES'.padStart(8)}  NOTHING WAS FOUND THAT REFERS TO THEM, IN ${formatCount(orphans.scans)} LOOKS`;
  return [
    [[padText(head, columns), 'head']],
    ...rows.slice(0, MOST_ROWS).map(({ name, objects, sizeBytes, bpf }): Line => {
      const lead = `${formatCount(objects).padStart(10)} ${formatBytes(objects * sizeBytes).padStart(8)}  `;
      const note = bpf ? ' (of BPF: comes and goes with tracers)' : '';
      return cutLine([[lead, 'strong'], [safeText(name)], [note, 'dim']], columns);
    }),
    ...moreLine(rows.length),
  ];
}

function nodeTable({ nodes }: CensusReport, name: string, columns: number): Line[] {
  const rows = nodes.filter((row) => row.class === name);
  if (rows.length === 0) return [];
  return [
    [[padText(`${'PAGES'.padStart(10)} ${'BYTES'.padStart(8)}  NODE`, columns), 'head']],
    ...rows.map(
      ({ node, pages, bytes }): Line => [
        [`${formatCount(pages).padStart(10)} ${formatBytes(bytes).padStart(8)}  ${node}`],
      ],
    ),
  ];
}

function moreLine(all: number): Line[] {
  return all > MOST_ROWS ? [[[`${' '.repeat(10)} ${formatCount(all - MOST_ROWS)} more`, 'dim']]] : [];
}
