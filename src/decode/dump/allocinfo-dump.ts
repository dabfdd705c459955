/**
 * /proc/allocinfo (memory allocation profiling, 6.10 and later), parts of it that sort, tail or numfmt
 * have made, and the ten lines of it in a report of show_mem: bytes and allocations by line of code.
 * The function is the first frame of a path, the line of code the second.
 *
 * Nothing in it says whether a line takes pages or objects. A line whose bytes are whole pages, at
 * least one for each allocation, is taken for pages; so are vmalloc and large kmallocs, which are pages too.
 */
import { PAGE, SLAB } from '../../event/kinds.js';
import { decodeText } from '../text/text-bytes.js';
import type { DumpGrammar } from './dump-grammar.js';
import type { HeldOutput } from './held-output.js';

/** Bytes, allocations, file and line, module, function. */
const SITE = /^\s*(-?[\d.]+)\s*(B|[KMGT]iB|[KMGT])?\s+(\d+) (\S+:\d+) (?:\[(\S+)\] )?func:(\S+)(.*)$/;
const OTHER = /^(?:allocinfo - version: |#|Memory allocations)/;
const UNITS = 'BKMGT';
/** A rounded figure may be this much too low. */
const ROUNDED = 0.95;
/** More memory than any machine has. */
const MOST_BYTES = 2 ** 50;
/** A line is about 100 bytes. */
const MAX_LINE = 1024;

export class AllocinfoDump implements DumpGrammar {
  private readonly output: HeldOutput;
  private sites = 0;
  private rounded = 0;
  private impossible = 0;
  /** Version 2 of the file marks counters that miss allocations. */
  private inaccurate = 0;
  /** A log has other lines around the list. */
  private isInLog = false;

  constructor(output: HeldOutput) {
    this.output = output;
  }

  line(bytes: Uint8Array, start: number, end: number): boolean {
    const text = decodeText(bytes, start, Math.min(end, start + MAX_LINE));
    const site = SITE.exec(text);
    if (site === null) {
      if (text.startsWith('Memory allocations')) this.isInLog = true;
      // Before the first line there may be anything: a log, or the command that made the text.
      return this.isInLog || this.sites === 0 || text.trim() === '' || OTHER.test(text);
    }
    this.sites++;
    const [, figure, unit = 'B', calls, place, module, name, marks] = site;
    if (marks.includes('accurate:no')) this.inaccurate++;
    const size = Number(figure) * 1024 ** UNITS.indexOf(unit[0]);
    const count = Number(calls);
    if (size === 0) return true;
    if (!(size > 0 && size < MOST_BYTES && count < MOST_BYTES)) {
      this.impossible++;
      return true;
    }
    const isRounded = site[2] !== undefined;
    if (isRounded) this.rounded++;
    this.add(size, Math.max(1, count), isRounded, [module === undefined ? name : `${name} [${module}]`, place]);
    return true;
  }

  finish(): string[] {
    const notes = ['a call path is a line of code: allocinfo has no callers, no processes and no times'];
    if (this.rounded > 0) notes.push(`rounded figures, as the text has them: ${this.rounded} lines`);
    if (this.inaccurate > 0) notes.push(`lines that count too little, as the text says: ${this.inaccurate}`);
    if (this.impossible > 0) notes.push(`lines with sizes that cannot be, left out: ${this.impossible}`);
    if (this.isInLog) notes.push('only the largest lines of code: the whole list is /proc/allocinfo');
    return notes;
  }

  private add(size: number, count: number, isRounded: boolean, frames: string[]): void {
    const { pageSize } = this.output.facts;
    const isWhole = isRounded ? size >= count * pageSize * ROUNDED : size % pageSize === 0 && size >= count * pageSize;
    const pages = Math.max(1, Math.round(size / pageSize));
    this.output.add({
      stackId: this.output.pathOf(frames),
      allocator: isWhole ? PAGE : SLAB,
      size: isWhole ? pages : Math.round(size),
      count: isWhole ? pages : count,
      pfn: -1,
      ageNs: -1,
      pid: 0,
      commId: 0,
      use: 0,
    });
  }
}
