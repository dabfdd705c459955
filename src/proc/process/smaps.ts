/** /proc/PID/smaps, mapping by mapping, as `pmap -x` sums it. */

export interface MappingFactsOf {
  /** First address: hexadecimal, without leading zeros. */
  start: string;
  /** Bytes. */
  size: number;
  rss: number;
  /** Shared_Dirty + Private_Dirty. */
  dirty: number;
  swap: number;
  /** 'rw-p'. */
  rights: string;
  /** Path, or '[heap]', '[stack]'; '' = anonymous. Untrusted, as the kernel escapes it. */
  path: string;
}

/** Sums of all mappings, and those with most resident memory, then those that are largest. */
export interface MappingsFacts {
  count: number;
  size: number;
  rss: number;
  dirty: number;
  swap: number;
  largest: MappingFactsOf[];
}

/** Mappings that are listed: a process may have 65,530, and more where that was raised. */
export const MOST_MAPPINGS = 500;
/** The list is cut when it has grown to so many. */
const CUT_AT = 4 * MOST_MAPPINGS;
const LINE_LIMIT = 8192;
const HEAD =
  /^([\da-f]{1,16})-([\da-f]{1,16}) ([rwxsp-]{4}) [\da-f]{1,16} [\da-f]{2,8}:[\da-f]{2,8} \d{1,20} {0,64}(.{0,4200})$/;
const FIELD = /^(Rss|Shared_Dirty|Private_Dirty|Swap): {1,32}(\d{1,13}) kB$/;

/** Reads a smaps piece by piece: that of a large process has 100 MB. */
export class SmapsReader {
  private readonly facts: MappingsFacts = { count: 0, size: 0, rss: 0, dirty: 0, swap: 0, largest: [] };
  private present: MappingFactsOf | null = null;
  private rest = '';

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    // A line of that length is none of the kernel's.
    if (this.rest.length > LINE_LIMIT) this.rest = '';
    for (const line of lines) this.line(line);
  }

  end(): MappingsFacts {
    this.line(this.rest);
    this.close();
    this.rest = '';
    return { ...this.facts, largest: largestOf(this.facts.largest) };
  }

  private line(line: string): void {
    const field = FIELD.exec(line);
    if (field !== null) return this.field(field[1], Number(field[2]) * 1024);
    const head = line.length > LINE_LIMIT ? null : HEAD.exec(line);
    if (head === null) return;
    this.close();
    const [, start, end, rights, path] = head;
    const size = Math.max(0, Number.parseInt(end, 16) - Number.parseInt(start, 16));
    this.present = { start: start.replace(/^0+(?=.)/, ''), size, rss: 0, dirty: 0, swap: 0, rights, path };
  }

  private field(name: string, bytes: number): void {
    const { present } = this;
    if (present === null) return;
    if (name === 'Rss') present.rss = bytes;
    else if (name === 'Swap') present.swap = bytes;
    else present.dirty += bytes;
  }

  private close(): void {
    const { present, facts } = this;
    this.present = null;
    if (present === null) return;
    facts.count++;
    facts.size += present.size;
    facts.rss += present.rss;
    facts.dirty += present.dirty;
    facts.swap += present.swap;
    facts.largest.push(present);
    if (facts.largest.length >= CUT_AT) facts.largest = largestOf(facts.largest);
  }
}

function largestOf(mappings: readonly MappingFactsOf[]): MappingFactsOf[] {
  return mappings
    .toSorted((one, other) => other.rss - one.rss || other.swap - one.swap || other.size - one.size)
    .slice(0, MOST_MAPPINGS);
}
