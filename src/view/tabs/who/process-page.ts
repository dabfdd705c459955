/** The page over one process: what ps shows of it, and its mappings as pmap -x does, those with most resident memory first. */
import { formatBytes, formatCount } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import { timeLines, timeRoom } from '../../../rank/answer/process-lines.js';
import { timeTable } from '../../../rank/answer/process-table.js';
import { explainedText, heapText, mostChanged } from '../../../rank/answer/process-words.js';
import type { ProcessNameRow } from '../../../rank/breakdown/process-names.js';
import { isOfProcesses } from '../../../rank/report/category.js';
import type { MappingsNow, ViewData } from '../../../session/view-data.js';
import type { PageText } from '../../head/list-body.js';
import { sentenceLines } from '../../lines/holder-lines.js';
import type { Line } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';
import { readText } from '../memory/read-text.js';

type Processes = Extract<ViewData, { kind: 'processes' }>;
type Mapping = NonNullable<MappingsNow['mappings']>['largest'][number];

const ADDRESS_WIDTH = 16;
const CELL_WIDTH = 9;
/** From this width on the address and what is swapped out are shown. */
const ALL_FROM = 100;

/** Returns null if no process is opened. */
export function processPage(state: ViewState): PageText | null {
  const { page, data, columns } = state;
  if (page?.kind !== 'process') return null;
  const answer = data?.kind === 'processes' ? data : null;
  const row = answer?.rows.find(({ pid }) => pid === page.pid);
  const title: Line = [
    ['Who › ', 'dim'],
    [`${safeText(page.name)} ${page.pid}`, 'strong'],
  ];
  const sections = [
    figureLines(row, answer, { columns, isProcessTrace: isOfProcesses(state.report?.source.allocators ?? []) }),
    overTimeLines(state, page.pid),
    mappingLines(page.pid, answer, columns),
  ].filter((lines) => lines.length > 0);
  return { title, lines: sections.flatMap((section) => [...section, []]).slice(0, -1) };
}

function figureLines(
  row: ProcessNameRow | undefined,
  answer: Processes | null,
  { columns, isProcessTrace }: { columns: number; isProcessTrace: boolean },
): Line[] {
  const resident = row?.resident;
  if (row === undefined || resident === undefined) return [[['it is not there any more', 'dim']]];
  const { rss, virtual, anon, file, shmem, swap, pageTables, threads } = resident;
  const sentences = [
    `RSS ${formatBytes(rss)}: anonymous ${formatBytes(anon)}, files ${formatBytes(file)}, shared memory ${formatBytes(shmem)}`,
    `VSZ ${formatBytes(virtual)}, swapped out ${formatBytes(swap)}${threads === 0 ? '' : `, page tables ${formatBytes(pageTables)}, ${formatCount(threads)} ${threads === 1 ? 'thread' : 'threads'}`}`,
    isProcessTrace
      ? `the trace follows ${formatBytes(row.bytes)} of it (Enter: its call paths)`
      : row.bytes === 0
        ? 'holds nothing that was allocated since the trace began'
        : `holds ${formatBytes(row.bytes)} that was allocated since the trace began (Enter: its call paths)`,
    answer?.read == null ? '' : readText(answer.read),
  ];
  return sentences
    .filter((sentence) => sentence !== '')
    .flatMap((sentence) => sentenceLines(sentence, columns, '  '))
    .map((text): Line => [[text]]);
}

/** Size, resident size and faults over time, as the trace has them; beside it as many other processes as there is room for. */
function overTimeLines({ report, columns }: ViewState, pid: number): Line[] {
  const traced = report?.processes ?? [];
  const own = traced.filter((process) => process.pid === pid);
  if (report === null || own.length === 0) return [];
  const others = mostChanged(traced.filter((process) => process.pid !== pid));
  const table = timeTable({ processes: [...own, ...others], durationNs: report.durationNs }, timeRoom(columns), false);
  const sentences = own.flatMap((process) => [explainedText(process), heapText(process)]).filter((text) => text !== '');
  return [
    ...sentences.flatMap((sentence) => sentenceLines(sentence, columns, '  ')).map((text): Line => [[text]]),
    ...(table === null
      ? []
      : timeLines(table).map((text, i): Line => [[cutToWidth(text, columns), i < 2 ? 'head' : 'plain']])),
  ];
}

function mappingLines(pid: number, answer: Processes | null, columns: number): Line[] {
  const read = answer?.mappings;
  if (read === null || read === undefined || read.pid !== pid) return [[['reading its mappings', 'dim']]];
  const { mappings, why } = read;
  if (mappings === null) return [[[cutToWidth(safeText(`mappings are not known: ${why}`), columns), 'dim']]];
  const { count, size, rss, dirty, swap, largest } = mappings;
  const sums = `${formatCount(count)} mappings: size ${formatBytes(size)}, RSS ${formatBytes(rss)}, dirty ${formatBytes(dirty)}, swapped out ${formatBytes(swap)}; ${readText(read)}`;
  const rest = count - largest.length;
  return [
    ...sentenceLines(sums, columns, '  ').map((text): Line => [[text, 'strong']]),
    ...(why === '' ? [] : sentenceLines(why, columns, '  ').map((text): Line => [[text, 'warn']])),
    headLine(columns),
    ...largest.map((mapping) => mappingLine(mapping, columns)),
    ...(rest > 0 ? [[[`${formatCount(rest)} more, which have less`, 'dim']] satisfies Line] : []),
  ];
}

function headLine(columns: number): Line {
  const address = columns < ALL_FROM ? '' : `${'ADDRESS'.padStart(ADDRESS_WIDTH)} `;
  const swap = columns < ALL_FROM ? '' : 'SWAP'.padStart(CELL_WIDTH);
  const cells = ['SIZE', 'RSS', 'DIRTY'].map((title) => title.padStart(CELL_WIDTH)).join('');
  return [[padText(`${address}${cells}${swap} MODE MAPPING`, columns), 'head']];
}

function mappingLine({ start, size, rss, dirty, swap, rights, path }: Mapping, columns: number): Line {
  const isWide = columns >= ALL_FROM;
  const address = isWide ? `${start.padStart(ADDRESS_WIDTH)} ` : '';
  const cells = [size, rss, dirty, ...(isWide ? [swap] : [])]
    .map((bytes) => padTextLeft(bytes === 0 ? '-' : formatBytes(bytes), CELL_WIDTH))
    .join('');
  const figures = `${cells} ${rights} `;
  const room = columns - address.length - figures.length;
  return [
    [address, 'dim'],
    [figures],
    [cutToWidth(safeText(path === '' ? 'anonymous' : path), Math.max(0, room)), path === '' ? 'dim' : 'plain'],
  ];
}
