/**
 * The collector's text about the processes that took pages (bpf/trace/processes.c), made of kill(2)
 * and /proc/PID/statm. One line each:
 *
 *    1000 gone             this process has ended
 *    1002-1009 gone        so have these
 *    1000 back             another process has that id now
 *    812 53000             lives, and maps 53,000 anonymous pages
 *
 * Lines of living processes are whole in each text: those that took most pages, at most 256.
 */
export interface ProcessLines {
  /** First and last id of each range. */
  gone: [first: number, last: number][];
  back: number[];
  /** Anonymous pages that a living process maps, by id. */
  mapped: Map<number, number>;
}

/** PID_MAX_LIMIT of the kernel. */
export const PID_LIMIT = 2 ** 22;
const TEXT_LIMIT = 4 << 20;
const LINE = /^(\d{1,7})(?:-(\d{1,7}))? (?:(gone|back)|(\d{1,13}))$/gm;

/** Skips lines that it cannot read, and ids that no process can have. */
export function parseProcesses(text: string): ProcessLines {
  const lines: ProcessLines = { gone: [], back: [], mapped: new Map() };
  for (const [, from, to, word, pages] of text.slice(0, TEXT_LIMIT).matchAll(LINE)) {
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    if (first > last || last >= PID_LIMIT) continue;
    if (word === 'gone') lines.gone.push([first, last]);
    else if (to !== undefined) continue;
    else if (word === 'back') lines.back.push(first);
    else lines.mapped.set(first, Number(pages));
  }
  return lines;
}
