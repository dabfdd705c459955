/**
 * /proc/slabinfo and /proc/vmallocinfo as dumps of what was held: a slab cache, or a function that called
 * vmalloc(), with what it holds. Neither says who: the name of the cache, or of the function, is the whole path.
 * Objects in use are counted, not whole slabs: that is what their owners hold.
 */
import { SLAB, VMALLOC } from '../../event/kinds.js';
import { parseSlabRows } from '../../proc/machine/slab-rows.js';
import { parseVmallocinfo } from '../../proc/machine/vmalloc-areas.js';
import { decodeText } from '../text/text-bytes.js';
import type { DumpGrammar } from './dump-grammar.js';
import type { HeldOutput } from './held-output.js';

/** Characters of all lines: 300,000 areas have some 33 million. */
const TEXT_LIMIT = 64 << 20;
const MAX_LINE = 1024;
const SLAB_HEAD = 'slabinfo - version: 2.1';
const CACHE = /^\S{1,128}(?: +\d{1,12}){5} : (?:tunables|slabdata)/;
const AREA = /^0x[\da-f]{1,16}-0x[\da-f]{1,16} +\d{1,16}(?: |$)/;

/** What a table of the kernel has in common with another: its lines are kept until it is whole. */
abstract class TableDump implements DumpGrammar {
  protected readonly output: HeldOutput;
  private lines: string[] = [];
  private characters = 0;
  private isLong = false;
  private tables = 0;

  constructor(output: HeldOutput) {
    this.output = output;
  }

  line(bytes: Uint8Array, start: number, end: number): boolean {
    const text = decodeText(bytes, start, Math.min(end, start + MAX_LINE));
    if (this.isHead(text)) {
      // Several tables in one file are several moments: the last counts.
      this.tables++;
      this.lines = [];
      this.characters = 0;
      return true;
    }
    if (!this.isRow(text)) return text.trim() === '' || text.startsWith('#') || this.lines.length === 0;
    this.characters += text.length + 1;
    if (this.characters > TEXT_LIMIT) this.isLong = true;
    else this.lines.push(text);
    return true;
  }

  finish(): string[] {
    const notes = this.addAll(this.lines);
    if (this.tables > 1) notes.push(`several tables, of which the last was taken: ${this.tables}`);
    if (this.isLong) notes.push('the table is longer than can be read: its first part alone was taken');
    return notes;
  }

  protected abstract isHead(line: string): boolean;
  protected abstract isRow(line: string): boolean;
  /** Adds the rows of the table. Returns notes. */
  protected abstract addAll(lines: readonly string[]): string[];

  protected add(allocator: number, name: string, size: number, count: number): void {
    this.output.add({
      stackId: this.output.pathOf([name]),
      allocator,
      size,
      count,
      pfn: -1,
      ageNs: -1,
      pid: 0,
      commId: 0,
      use: 0,
    });
  }
}

export class SlabinfoDump extends TableDump {
  protected isHead(line: string): boolean {
    return line.startsWith('slabinfo - version: ');
  }

  protected isRow(line: string): boolean {
    return CACHE.test(line);
  }

  protected addAll(lines: readonly string[]): string[] {
    for (const { name, activeObjects, objectBytes } of parseSlabRows(`${SLAB_HEAD}\n${lines.join('\n')}\n`) ?? []) {
      if (activeObjects > 0) this.add(SLAB, name, activeObjects * objectBytes, activeObjects);
    }
    return ['a row is a slab cache: slabinfo has no callers, no processes and no times'];
  }
}

export class VmallocinfoDump extends TableDump {
  protected isHead(): boolean {
    return false;
  }

  protected isRow(line: string): boolean {
    return AREA.test(line);
  }

  protected addAll(lines: readonly string[]): string[] {
    const { pageSize } = this.output.facts;
    for (const { caller, pagesBytes } of parseVmallocinfo(`${lines.join('\n')}\n`, pageSize) ?? []) {
      // Sizes and counts are in pages, as those of the events.
      if (pagesBytes > 0) this.add(VMALLOC, caller, pagesBytes / pageSize, pagesBytes / pageSize);
    }
    return ['a row is the function that called vmalloc(): vmallocinfo has no call paths, no processes and no times'];
  }
}
