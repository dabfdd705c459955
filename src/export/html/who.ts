/** Who holds the memory: processes and slab caches. */
import { formatAge, formatBytes, formatCount } from '../../base/format.js';
import type { ProcessRow } from '../../rank/breakdown/processes.js';
import type { CacheRow } from '../../rank/breakdown/slab-caches.js';
import { isOfProcesses } from '../../rank/report/category.js';
import { markupText } from '../parts/markup.js';
import { heldHead } from './findings.js';
import type { Picture } from './picture.js';

/** Caches listed. */
const CACHES = 15;

export function whoText({ report, origins }: Picture): string {
  if (origins === null) return '';
  // Sorted by bytes: those that only took backing pages, which are counted elsewhere, come last.
  const rows = origins.processes.map(({ process }) => process).filter(({ bytes }) => bytes > 0);
  const all = rows.length < origins.processes.length ? rows.length : origins.processCount;
  const columns = isOfProcesses(report.source.allocators) ? OWN_COLUMNS : COLUMNS;
  return `<div class="holders">${processTable(rows, columns, all, heldHead(report))}${cacheTable(origins.caches)}</div>`;
}

/** Columns that a narrower view leaves out: they are of all that a process holds. */
type WhoColumn = readonly [name: string, bytes: (row: ProcessRow) => number];
const COLUMNS: readonly WhoColumn[] = [
  ['NOT IN MEMINFO', (row) => row.noLineBytes],
  ['SHMEM', (row) => row.shmemBytes],
  ['ANON', (row) => row.anonBytes],
  ['SLAB', (row) => row.slabBytes],
  ['FILES', (row) => row.cacheBytes],
];
/** The same of a trace of processes. */
const OWN_COLUMNS: readonly WhoColumn[] = [
  ['HEAP', (row) => row.heapBytes ?? 0],
  ['MAPPED', (row) => row.mappedBytes ?? 0],
  ['RESERVED', (row) => row.reservedBytes ?? 0],
];

function processTable(rows: readonly ProcessRow[], columns: readonly WhoColumn[], all: number, head: string): string {
  if (rows.length === 0) return '';
  const heads = columns.map(([name]) => `<th scope="col" class="number whole">${name}</th>`).join('');
  const more = all - rows.length;
  return (
    '<section id="who"><h2>Processes</h2><p class="dim" id="who-note"></p><div class="scroll"><table class="who"><thead><tr><th scope="col">PROCESS</th>' +
    '<th scope="col" class="number">PID</th><th scope="col" class="number" id="who-head">' +
    `${head}</th>` +
    `${heads}<th scope="col" class="number whole">OLDEST</th></tr></thead><tbody>` +
    `${rows.map((row, place) => processText(row, columns, place)).join('')}</tbody></table></div>` +
    `${more > 0 ? `<p class="dim">${formatCount(more)} more process${more === 1 ? '' : 'es'}</p>` : ''}</section>`
  );
}

function processText(row: ProcessRow, columns: readonly WhoColumn[], place: number): string {
  const cells = columns.map(([, bytes]) => `<td class="number whole">${bytesText(bytes(row))}</td>`).join('');
  return (
    `<tr data-process="${place}"><td>${markupText(row.comm === '' ? '?' : row.comm)}</td><td class="number">${row.pid}</td>` +
    `<td class="number held">${bytesText(row.bytes)}</td>${cells}<td class="number whole">${formatAge(row.oldestAgeNs)}</td></tr>`
  );
}

function bytesText(bytes: number): string {
  return bytes === 0 ? '-' : formatBytes(bytes);
}

function cacheTable(all: readonly CacheRow[]): string {
  const rows = all.slice(0, CACHES);
  if (rows.length === 0) return '';
  const heads = ['HELD', 'OBJECTS', 'EACH', 'PATHS', 'OLDEST', 'IN USE', 'GREW'];
  const more = all.length - rows.length;
  return (
    '<section id="caches"><h2>Slab caches</h2><p class="dim">Of the whole trace. IN USE and GREW are of /proc/slabinfo.</p>' +
    '<div class="scroll"><table class="who"><thead><tr><th scope="col">CACHE</th>' +
    `${heads.map((name) => `<th scope="col" class="number">${name}</th>`).join('')}<th scope="col">STATE</th></tr></thead><tbody>` +
    `${rows.map(cacheText).join('')}</tbody></table></div>` +
    `${more > 0 ? `<p class="dim">${formatCount(more)} more cache${more === 1 ? '' : 's'}</p>` : ''}</section>`
  );
}

function cacheText({ cache, bytes, objects, stacks, oldestAgeNs, balance }: CacheRow): string {
  const grew = balance === null ? 0 : balance.active - balance.activeAtStart;
  const figures = [
    formatBytes(bytes),
    formatCount(objects),
    formatBytes(bytes / Math.max(1, objects)),
    formatCount(stacks),
    formatAge(oldestAgeNs),
    balance === null ? '-' : formatCount(balance.active),
    balance === null ? '-' : `${grew > 0 ? '+' : ''}${formatCount(grew)}`,
  ];
  const state =
    balance === null
      ? 'not known'
      : balance.state === 'contradicted'
        ? `contradicted by ${formatCount(Math.abs(balance.excess))}`
        : balance.state;
  return (
    `<tr><td>${markupText(cache)}</td>${figures.map((text) => `<td class="number">${text}</td>`).join('')}` +
    `<td>${state}</td></tr>`
  );
}
