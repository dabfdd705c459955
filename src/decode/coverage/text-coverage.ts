/**
 * TextCoverage: what a text cannot show, from the header of perf script, from what the events have
 * in common, and from what is missing among them (event/host-facts.ts). The header comes before the
 * events; the rest is known only at the end of the text.
 */
import type { CoverageCause, CoverageGap, HostFacts } from '../../event/host-facts.js';
import {
  ALLOCATOR_OF_KIND,
  FREE_BIT,
  isInPages,
  KIND_NAMED,
  type KindName,
  kindName,
  PAGE,
  SLAB,
} from '../../event/kinds.js';
import { archOfFrame, pageSizeOf } from './page-size.js';
import { cpusInList, namesEvent, type PerfCommand, perfCommand } from './perf-command.js';

/** Allocs of percpu and vmalloc memory are few, and so are their frees: fewer allocs prove nothing. */
const MANY_ALLOCS = 32;
/** So few allocs of pages or slab objects may all be held, whatever else is freed. */
const FEW_ALLOCS = 3;
/** A text with fewer of the entries that its header tells is more than cut by some lines. */
const MOST_OF_ALL = 0.9;
/** Fewer events may all be of one process or CPU by chance. */
const MANY_EVENTS = 8;
/**
 * So many events over so long come from several processes and CPUs of any machine: of its kernel's
 * threads, if of no other. A shorter trace gets no verdict anyway.
 */
const MOST_BY_ONE = 100;
const LONGEST_BY_ONE_NS = 5e9;
const NONE = -2;
const SEVERAL = -3;
const MAX_CPUS = 65536;

/** The events of a text by kind (kinds.ts). */
export interface EventCounts {
  countOfKind(kind: number): number;
  /** Kinds that had events. */
  kinds(): number[];
  /** Returns the kind of the event that perf names so, 'kmem:kmalloc'; 0 if it is not one of ours. */
  kindNamed(name: string): number;
}

/** Where an event was. */
export interface EventPlace {
  /** 0 = not known. */
  pid: number;
  /** -1 = not known. */
  cpu: number;
  /** The events that it stands for; 0 = not known. */
  period: number;
}

/** A traced event in the header: its kind (kinds.ts), and how often it was recorded. */
interface ListedEvent {
  kind: number;
  sampled: boolean;
}

export class TextCoverage {
  private readonly facts: HostFacts;
  private readonly names: EventCounts;
  /** Events of the header's list that are ours; empty = no list. */
  private readonly listed: ListedEvent[] = [];
  /** True if the header says how often an event is recorded: older versions of perf do not. */
  private saysPeriod = false;
  private command: PerfCommand | null = null;
  private readonly givenPageSize: boolean;
  private knowsPageSize: boolean;
  /** The architecture that call paths show, where the text has no other word of it; '' = none. */
  private frameArch = '';
  /** The one process and CPU of all events; NONE or SEVERAL. */
  private onlyPid = NONE;
  private onlyCpu = NONE;
  private readonly cpuSeen = new Uint8Array(MAX_CPUS);
  private cpusSeen = 0;
  private eventCount = 0;
  /** Greatest period of an event; 0 = the text has none. */
  private greatestPeriod = 0;
  /** Entries of the ring buffer: by the header of a tracefs file, and those in the text. */
  private entriesTold = 0;
  private entriesSeen = 0;

  /** Writes into `facts`: the page size, and later the gaps. `pageSize` in bytes: by the user; 0 = not given. */
  constructor(facts: HostFacts, names: EventCounts, pageSize: number) {
    this.facts = facts;
    this.names = names;
    this.givenPageSize = this.knowsPageSize = pageSize !== 0;
    if (pageSize !== 0) facts.pageSize = pageSize;
  }

  /** A line of perf script's header: its name and value. */
  headerLine(name: string, value: string): void {
    if (name === 'cmdline') this.command = perfCommand(value);
    else if (name === 'event') this.listEvent(value);
    else if (name === 'arch' || name === 'os release') this.setPageSize(this.facts.arch, this.facts.kernel);
    this.facts.coverage = this.toldGaps();
  }

  /** The header of a tracefs file: the entries in the whole buffer, even in the file of one CPU. */
  entriesInBuffer(count: number): void {
    this.entriesTold = Math.max(this.entriesTold, count);
  }

  /** An entry of the ring buffer: an event, or a stack, which is an entry too. */
  entry(): void {
    this.entriesSeen++;
  }

  /** Any event, ours or not. */
  event({ pid, cpu, period }: EventPlace): void {
    this.eventCount++;
    if (pid !== this.onlyPid) this.onlyPid = this.onlyPid === NONE ? pid : SEVERAL;
    if (period > this.greatestPeriod) this.greatestPeriod = period;
    if (cpu === this.onlyCpu || cpu < 0) return;
    this.onlyCpu = this.onlyCpu === NONE ? cpu : SEVERAL;
    this.cpusSeen += 1 - this.cpuSeen[cpu];
    this.cpuSeen[cpu] = 1;
  }

  /** A frame of a call path, which may show the machine's architecture. */
  frame(symbol: string, addressHi: number): void {
    if (this.knowsPageSize || this.facts.arch !== '') return;
    const arch = archOfFrame(symbol, addressHi);
    if (arch === null) return;
    this.frameArch = arch;
    this.setPageSize(arch, '');
  }

  /** The text is over; it spans so many ns. */
  finish(durationNs: number): void {
    this.facts.coverage = [...this.toldGaps(), ...this.seenGaps(durationNs)];
  }

  private setPageSize(arch: string, kernel: string): void {
    if (this.givenPageSize) return;
    const { bytes, certain } = pageSizeOf(arch, kernel);
    // After the first event it stays: sizes in pages have been made with it.
    if (this.eventCount === 0) this.facts.pageSize = bytes;
    this.knowsPageSize = certain && this.facts.pageSize === bytes;
  }

  /** "name = kmem:kmalloc, , id = { 1, 2 }, ..., { sample_period, sample_freq } = 99, sample_type = IP|..., freq = 1, ..." */
  private listEvent(value: string): void {
    // A modifier may follow: kmem:kmalloc:k
    const kind = this.names.kindNamed(/\bname = ([^,\s:]+:[^,\s:]+)/.exec(value)?.[1] ?? '');
    if (kind === 0) return;
    const period = /\{ sample_period, sample_freq \} = (\d+)/.exec(value)?.[1];
    if (period !== undefined) this.saysPeriod = true;
    // The kernel records each event of a tracepoint, whatever its period, if the sample has a period
    // (perf_swevent_event(), kernel/events/core.c): perf record -c 100 leaves nothing out.
    const everyEvent = /\bsample_type = [A-Z_|]*\bPERIOD\b/.test(value) || Number(period ?? 1) <= 1;
    this.listed.push({ kind, sampled: /\bfreq = 1\b/.test(value) || !everyEvent });
  }

  private toldGaps(): CoverageGap[] {
    const { listed, command } = this;
    const { cpus } = this.facts;
    const gaps: CoverageGap[] = [];
    const isListed = (kind: number): boolean => listed.some((event) => event.kind === kind);
    const unfreed = ALLOC_KINDS.filter((name) => {
      const kind = KIND_NAMED[name];
      return isListed(kind) && !isListed(kind | FREE_BIT);
    });
    if (unfreed.length > 0) gaps.push({ cause: 'frees-not-traced', kinds: unfreed, certain: true, detail: '' });
    const frequency = command?.frequency ?? '';
    if (listed.some((event) => event.sampled) || (!this.saysPeriod && frequency !== '')) {
      const detail = frequency === '' ? '' : `perf record -F ${frequency}`;
      gaps.push({ cause: 'sampled', kinds: [], certain: true, detail });
    }
    if (command === null) return gaps;
    if (command.processes !== '') {
      gaps.push({ cause: 'some-processes', kinds: [], certain: true, detail: command.processes });
    } else if (command.cpus !== '' && (cpus === 0 || cpusInList(command.cpus) < cpus)) {
      const detail = `perf record -C ${command.cpus}${cpus === 0 ? '' : `, of ${cpus} CPUs`}`;
      gaps.push({ cause: 'some-cpus', kinds: [], certain: true, detail });
    }
    for (const { events, text } of command.filters) {
      const freesToo = FREE_KINDS.some((name) => namesEvent(events, `${SYSTEM[name]}:${name}`));
      const kinds = ALLOC_KINDS.filter((name) => namesEvent(events, `${SYSTEM[name]}:${name}`));
      if (freesToo) gaps.push({ cause: 'frees-filtered', kinds, certain: true, detail: text });
      else if (kinds.length > 0) gaps.push({ cause: 'allocs-filtered', kinds, certain: true, detail: text });
    }
    return gaps;
  }

  private seenGaps(durationNs: number): CoverageGap[] {
    const gaps: CoverageGap[] = [];
    const told = new Set(this.toldGaps().map((gap) => gap.cause));
    const unfreed = this.listed.length > 0 ? [] : this.kindsWithoutFrees();
    if (unfreed.length > 0) gaps.push({ cause: 'no-frees-seen', kinds: unfreed, certain: false, detail: '' });
    if (this.greatestPeriod > 1 && !told.has('sampled')) {
      const detail = `an event stands for up to ${this.greatestPeriod}`;
      gaps.push({ cause: 'sampled', kinds: [], certain: true, detail });
    }
    // Where frees are missing anyway, a guess at the scope adds nothing.
    const known: CoverageCause[] = ['frees-not-traced', 'sampled', 'some-processes', 'some-cpus'];
    if (gaps.length === 0 && !known.some((cause) => told.has(cause))) gaps.push(...this.seenScope(durationNs));
    const inPages = this.names.kinds().some((kind) => isInPages(ALLOCATOR_OF_KIND[kind]));
    if (inPages && !this.knowsPageSize)
      gaps.push({ cause: 'page-size', kinds: [], certain: false, detail: this.frameArch });
    return gaps;
  }

  /** Kinds of allocs that came without one free. */
  private kindsWithoutFrees(): KindName[] {
    const { names } = this;
    const anyFree = FREE_KINDS.some((name) => names.countOfKind(KIND_NAMED[name]) > 0);
    return ALLOC_KINDS.filter((name) => {
      const kind = KIND_NAMED[name];
      const allocs = names.countOfKind(kind);
      if (allocs === 0 || names.countOfKind(kind | FREE_BIT) > 0) return false;
      // A machine frees pages and slab objects all the time, other memory rarely.
      const allocator = ALLOCATOR_OF_KIND[kind];
      return !anyFree || allocs >= MANY_ALLOCS || (allocs > FEW_ALLOCS && (allocator === PAGE || allocator === SLAB));
    });
  }

  private seenScope(durationNs: number): CoverageGap[] {
    const certain = this.eventCount >= MOST_BY_ONE && durationNs >= LONGEST_BY_ONE_NS;
    const { eventCount, onlyPid, onlyCpu, cpusSeen, entriesTold, entriesSeen } = this;
    const { cpus } = this.facts;
    const gaps: CoverageGap[] = [];
    if (cpusSeen > 0 && cpusSeen < cpus && entriesSeen < entriesTold * MOST_OF_ALL) {
      const which = cpusSeen === 1 ? `CPU ${onlyCpu}` : `${cpusSeen} CPUs`;
      const detail = `${which} of ${cpus}, ${entriesSeen} of the ${entriesTold} entries that the header tells`;
      gaps.push({ cause: 'some-cpus', kinds: [], certain: true, detail });
    } else if (onlyCpu >= 0 && cpus > 1 && eventCount >= MANY_EVENTS) {
      gaps.push({ cause: 'some-cpus', kinds: [], certain, detail: `CPU ${onlyCpu} of ${cpus}` });
    }
    // perf's header has said that all processes were traced.
    if (onlyPid > 0 && eventCount >= MANY_EVENTS && this.command?.known !== true) {
      gaps.push({ cause: 'some-processes', kinds: [], certain, detail: `pid ${onlyPid}` });
    }
    return gaps;
  }
}

const ALLOC_KINDS = (Object.keys(KIND_NAMED) as KindName[]).filter((name) => (KIND_NAMED[name] & FREE_BIT) === 0);
const FREE_KINDS = ALLOC_KINDS.map((name) => kindName(KIND_NAMED[name] | FREE_BIT)).filter((name) => name !== null);
/** Tracepoint -> its system, as perf names it. */
const SYSTEM = Object.fromEntries(
  (Object.keys(KIND_NAMED) as KindName[]).map((name) => {
    const allocator = ALLOCATOR_OF_KIND[KIND_NAMED[name]];
    return [name, allocator === PAGE || allocator === SLAB ? 'kmem' : name.includes('percpu') ? 'percpu' : 'vmalloc'];
  }),
) as Record<KindName, string>;
