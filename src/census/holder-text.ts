/** A holder, a process and a type in a few words. Names inside are untrusted. */
import { formatCount } from '../base/format.js';
import type { CensusHolder, CensusProcess } from './report.js';

/** Processes that one row names. */
const MOST_PROCESSES = 3;
/** A process with fewer than this part of what the first has is not worth its name. */
const LEAST_PART = 0.05;

/** 'full pipes: 1,500 pipes of leak.py (pid 4711); kmalloc-cg-1k{anon_pipe_buf_release}'. */
export function holderText(row: CensusHolder): string {
  const { text, holder, module } = row;
  const through = holder === '' || holder === text ? '' : `; ${holder}`;
  return `${shortHolderText(row)}${through}${module === '' ? '' : ` [${module}]`}`;
}

/**
 * The same without the chain of pointers: 'full pipes: 1,500 pipes of leak.py (pid 4711)'. Of processes that have such
 * things open, but of which nobody knows whether those hold the pages, it says no more than that.
 */
export function shortHolderText(row: CensusHolder): string {
  const { text, processes } = row;
  const known = processes.filter(({ pages }) => pages !== null);
  const all = [known.length === 0 ? '' : named(known), unownedText(row)].filter((part) => part !== '').join(', ');
  if (all !== '') return `${text}: ${all}`;
  return processes.length === 0 ? text : `${text} (by whom is not known; open: ${named(processes)})`;
}

/** '4,000 pages of no open file', if that is worth a word; '' = no, or not known, or it is nothing that is opened. */
function unownedText(row: CensusHolder): string {
  const known = knownUnowned(row);
  return known > LEAST_PART * row.pages ? `${formatCount(known)} pages of no open file` : '';
}

/** Pages that are held, and by no open file; 0 where that is not known, and of what no process can have open. */
export function knownUnowned({ kind, processes, unownedPages, behindPages }: CensusHolder): number {
  if (unownedPages === null || (kind === null && processes.length === 0)) return 0;
  // Of those that only follow a held page nobody knows whose they are.
  return Math.max(0, unownedPages - behindPages);
}

function named(processes: readonly CensusProcess[]): string {
  const least = LEAST_PART * Math.max(0, ...processes.map(amount));
  return processes
    .slice(0, MOST_PROCESSES)
    .filter((task) => amount(task) >= least)
    .map(processText)
    .join(', ');
}

/** One large ring holds more than many small queues. */
function amount({ pages, count }: CensusProcess): number {
  return pages ?? count;
}

export function processText({ count, what, comm, pid }: CensusProcess): string {
  return `${formatCount(count)} ${what} of ${comm} (pid ${pid})`;
}
