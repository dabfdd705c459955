/**
 * Pipeline: one trace's dictionary, symbols and pairing core behind a single sink, with an optional second consumer
 * (the recorder) that gets the same calls in the same order. Live, replay and import differ only in their producer.
 */
import type { CensusReport, CensusType } from '../../census/report.js';
import { EventBatch } from '../../event/event-batch.js';
import { type CoverageGap, type HostFacts, isImported, unknownHost } from '../../event/host-facts.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import {
  type CarriedLook,
  type EndReason,
  MOST_LOOKS,
  type TraceFact,
  type TraceSink,
} from '../../event/trace-sink.js';
import { PairingCore } from '../../pair/pairing-core.js';
import { ContainerNames } from '../../proc/process/container-names.js';
import { openStack, rank } from '../../rank/rank.js';
import type { Report } from '../../rank/report/report.js';
import { NO_CGROUP_FACTS } from '../../rank/report/report-cgroups.js';
import { MOST_REPORT_MARKS, type ReportMarks, reportMarks } from '../../rank/report/report-marks.js';
import type { ReportStack, StackDetail } from '../../rank/report/report-rows.js';
import { rowNames } from '../../rank/report/row-names.js';
import type { Selection } from '../../rank/report/selection.js';
import { distinctBytes, ownBytes } from '../../rank/rows/outstanding.js';
import { SymbolTable } from '../../symbols/symbol-table.js';
import { carriedCensus, lookWithCensus } from '../census/carried-census.js';
import { KeptCensuses } from '../census/kept-censuses.js';
import { cgroupCountersIn } from '../look/look-accounts.js';
import { LookJudge } from '../look/look-judge.js';
import { LookLimits } from '../look/look-limits.js';
import { KnownNames } from '../names/known-names.js';
import { makersIn } from './cgroup-makers.js';
import { MarkLog } from './mark-log.js';
import { MemoryHistory } from './memory-history.js';
import { PagingHistory } from './paging-history.js';
import { ProcessObjects } from './process-objects.js';
import { SecondHistory } from './second-history.js';
import type { SymbolLog } from './symbol-log.js';
import { Timeline, type TimelineView } from './timeline.js';

export type SourceKind = Report['source']['kind'];

export interface TraceEnd {
  timeNs: number;
  reason: EndReason;
  detail: string;
}

export interface PipelineParts {
  dictionary?: TraceDictionary;
  /** Has that dictionary. */
  core?: PairingCore;
  symbols?: SymbolTable;
  /** Gets every symbol, so that checkpoints of the pipeline can be made. */
  symbolLog?: SymbolLog;
}

/** The clock of a trace is no further behind, ns. */
const LATE_NS = 1e9;
/** A later census says nothing of who held what the first look counts. */
const BESIDE_MS = 60_000;

export class Pipeline implements TraceSink {
  readonly dictionary: TraceDictionary;
  readonly core: PairingCore;
  readonly symbols: SymbolTable;
  /** Symbol facts so far. */
  symbolCount = 0;
  /** Facts of the traced machine; all unknown until the first host fact. */
  facts: HostFacts = unknownHost();
  /** Gets every call too; set before the first one, removed at any time. */
  recorder: TraceSink | null = null;
  /** Gets every call once it is set; a symbol before `symbols` has it. */
  lateRecorder: TraceSink | null = null;
  /** Called before the first host fact is passed on: the place to set `recorder`. */
  onFirstHost: (() => void) | null = null;
  /** Looks at the machine, in the order in which they came. A new one makes a new array. */
  looks: readonly CarriedLook[] = [];
  /** The same for triage: the first has the census that was taken soon after it, if it carries none. */
  judgedLooks: readonly CarriedLook[] = [];
  /** Looks so far; a pipeline that was restored from a checkpoint may have fewer at hand. */
  lookCount = 0;
  /** Those that the looks carry, and those that were taken while the trace is shown. */
  private readonly censuses = new KeptCensuses();
  /** What rows belong to, as the trace tells. */
  readonly names = new KnownNames();
  /** How the trace ended; null while it goes on. */
  ended: TraceEnd | null = null;
  /** Grows with every call: a new report can differ only if it has grown. */
  changes = 0;
  readonly history = new SecondHistory();
  readonly timeline = new Timeline();
  readonly memory = new MemoryHistory();
  /** What happened on the machine meanwhile. */
  readonly marks = new MarkLog();
  readonly paging = new PagingHistory();
  /** Mappings of the traced processes, at the kernel's latest figures for them. */
  readonly objects = new ProcessObjects();
  readonly kind: SourceKind;
  private cgroupCounters = NO_CGROUP_FACTS.counters;
  private foundCoverage: CoverageGap[] = [];
  private readonly symbolLog: SymbolLog | null;
  private madeMarks: { count: number; marks: ReportMarks } | null = null;
  private takenFirst: CensusReport | null = null;
  private readonly judge = new LookJudge('');
  private readonly limits = new LookLimits();
  private readonly distinctBytes = (): number => distinctBytes(this);
  /** Buffer for a part of a batch that crosses the edge between two points of the timeline; made when first needed. */
  private part: EventBatch | null = null;

  /** `parts` exist already: of a recording that is read again, or of a checkpoint. */
  constructor(kind: SourceKind, parts: PipelineParts = {}) {
    this.kind = kind;
    this.dictionary = parts.dictionary ?? new TraceDictionary();
    this.core = parts.core ?? new PairingCore(this.dictionary);
    this.symbols = parts.symbols ?? new SymbolTable();
    this.symbolLog = parts.symbolLog ?? null;
  }

  events(batch: EventBatch): void {
    this.changes++;
    for (let from = 0; from < batch.length; ) {
      const to = this.timeline.rowsBefore(batch, from);
      this.pair(batch, from, to);
      if (to < batch.length) this.reach(batch.timeNs[to]);
      from = to;
    }
    this.recorder?.events(batch);
    this.lateRecorder?.events(batch);
  }

  fact(fact: TraceFact): void {
    this.changes++;
    const isSymbol = fact.type === 'symbol';
    if (isSymbol) this.lateRecorder?.fact(fact);
    this.take(fact);
    this.recorder?.fact(fact);
    if (!isSymbol) this.lateRecorder?.fact(fact);
  }

  report(selection: Selection): Report {
    const kind = this.kind === 'recording' && isImported(this.facts) ? 'import' : this.kind;
    const memory = this.memory.samples(this.core.firstMeminfo);
    const census = this.namedCensus();
    const { facts } = this;
    const limits = this.limits.of(this.looks);
    const makers = this.core.removedCgroups.size > 0 ? makersIn(this.marks) : NO_CGROUP_FACTS.makers;
    const cgroups = { makers, counters: this.cgroupCounters };
    const marks = this.reportMarks();
    return this.named(
      rank(this, selection, {
        kind,
        facts,
        memory,
        objects: this.objects.byNumber,
        triage: this.triage(),
        limits,
        census,
        marks,
        cgroups,
      }),
    );
  }

  /** Made anew when a mark has come. */
  private reportMarks(): ReportMarks {
    const { marks, madeMarks: made } = this;
    const { count, lost } = marks;
    if (made !== null && made.count === count && made.marks.marksLost === lost) return made.marks;
    const again = reportMarks(marks.atMost(MOST_REPORT_MARKS), marks.countsByKind(), { lost });
    this.madeMarks = { count, marks: again };
    return again;
  }

  detail(selection: Selection, stackId: number): StackDetail | null {
    const detail = openStack(this, selection, stackId);
    return detail === null ? null : { ...detail, stack: this.namedRow(detail.stack) };
  }

  /** Events, outstanding bytes and losses over the whole trace so far. */
  timelineView(): TimelineView {
    return this.timeline.view(this.distinctBytes());
  }

  /** Bytes held now, no byte twice, without the tracer's own. */
  heldBytes(): number {
    return this.distinctBytes() - ownBytes(this);
  }

  /**
   * Takes the gaps of coverage that were found further on in the same trace: a text shows some only
   * at its end, and they hold for all of it.
   */
  takeCoverage(coverage: readonly CoverageGap[]): void {
    this.foundCoverage = [...coverage];
    if (this.facts.collector !== unknownHost().collector) this.take({ type: 'host', facts: this.facts });
  }

  /**
   * Sets a mark of the user's, at a wall clock time (ms since 1970), and returns its time, ns. The clock of the trace comes
   * some ms late, so it only bounds the time.
   */
  mark(text: string, unixMs: number): number {
    const { nowNs } = this.core;
    const { startUnixMs } = this.facts;
    const timeNs = startUnixMs === 0 ? nowNs : Math.min(Math.max((unixMs - startUnixMs) * 1e6, nowNs), nowNs + LATE_NS);
    this.fact({ type: 'mark', timeNs, mark: { kind: 'user', pid: 0, comm: '', values: [], texts: [text] } });
    return timeNs;
  }

  /** What triage says of the first look, without its source: live and in a replay the same. */
  private triage(): Report['triage'] {
    const triage = this.judge.of(this.judgedLooks);
    return triage === null ? null : { timeMs: triage.machine.timeMs, findings: triage.findings };
  }

  /** Takes looks of the same trace that were read elsewhere: a checkpoint does not hold them. */
  takeLooks(looks: readonly CarriedLook[]): void {
    const { looks: before } = this;
    for (const look of looks) {
      // The parts of a ring repeat a look.
      if (this.looks.length >= MOST_LOOKS || this.looks.some(({ unixMs }) => unixMs === look.unixMs)) continue;
      this.looks = [...this.looks, look];
      const census = carriedCensus(look);
      if (census !== null) this.takeCensus(census);
      this.changes++;
    }
    this.lookCount = Math.max(this.lookCount, this.looks.length);
    if (this.looks !== before) this.takeCgroups();
    this.completeFirstLook();
  }

  /** Takes a census of the traced machine. What triage says of a first look without one then knows its holders. */
  takeCensus(census: CensusReport): void {
    this.censuses.take(census);
    this.takenFirst ??= census;
    this.completeFirstLook();
    this.changes++;
  }

  /** The last census so far, with its changes since the first; null = there is none. */
  get census(): CensusReport | null {
    return this.censuses.reportAt(this.censusTimeMs);
  }

  /** What the censuses so far say of the objects of slab caches. */
  get cacheTypes(): CensusType[] {
    return this.censuses.typesAt(this.censusTimeMs);
  }

  /** The wall clock of the present moment; infinite where all that the trace has is of before it. */
  private get censusTimeMs(): number {
    const { kind, ended, facts, core } = this;
    if (kind !== 'recording' || ended !== null || facts.startUnixMs === 0) return Number.POSITIVE_INFINITY;
    return facts.startUnixMs + core.nowNs / 1e6;
  }

  /** The last census, of the traced machine: it was taken as 'this machine'. */
  private namedCensus(): CensusReport | null {
    const { census } = this;
    const { hostname } = this.facts;
    return census === null || hostname === ''
      ? census
      : { ...census, machine: { ...census.machine, source: hostname } };
  }

  private completeFirstLook(): void {
    const { looks, judgedLooks, takenFirst: census } = this;
    const [first, ...others] = looks;
    if (first === undefined) return;
    const isBeside =
      census !== null && carriedCensus(first) === null && Math.abs((census.timeMs ?? 0) - first.unixMs) <= BESIDE_MS;
    // The same object as before, so that it is judged once.
    const known = judgedLooks.at(0);
    const isKnown = known !== undefined && (!isBeside || carriedCensus(known) !== null);
    this.judgedLooks = [isKnown ? known : isBeside ? lookWithCensus(first, census) : first, ...others];
  }

  /** A report whose rows say what they belong to, where that was told. */
  private named(report: Report): Report {
    if (this.names.size === 0) return report;
    const stacks = report.stacks.map((stack) => this.namedRow(stack));
    return { ...report, stacks, findings: report.findings.map((stack) => this.namedRow(stack)) };
  }

  private namedRow(stack: ReportStack): ReportStack {
    const known = this.names.of(this.core, stack.stackId);
    return known === null ? stack : { ...stack, names: rowNames(known) };
  }

  private takeCgroups(): void {
    this.cgroupCounters = cgroupCountersIn(this.looks);
    // A pod of the first look may be gone in the last, and the other way round.
    const tables = this.looks.map(({ texts }) => texts.get('table/pods'));
    if (tables.some((text) => text !== undefined)) this.core.setContainers(new ContainerNames(tables));
  }

  private host(facts: HostFacts): void {
    const { onFirstHost } = this;
    this.onFirstHost = null;
    onFirstHost?.();
    this.facts = facts;
  }

  /** Later host facts have all the gaps of earlier ones, and more. */
  private covered(fact: TraceFact): TraceFact {
    const { foundCoverage } = this;
    if (fact.type !== 'host' || fact.facts.coverage.length >= foundCoverage.length) return fact;
    return { ...fact, facts: { ...fact.facts, coverage: foundCoverage } };
  }

  /** Takes a fact into the pipeline's own state. */
  private take(given: TraceFact): void {
    const fact = this.covered(given);
    if (fact.type === 'host') this.host(fact.facts);
    this.core.fact(fact);
    this.marks.fact(fact);
    this.objects.take(fact, this.core);
    switch (fact.type) {
      case 'symbol':
        this.symbolLog?.note(this.symbolCount++, fact.entry);
        this.symbols.add(fact.entry);
        return;
      case 'losses':
        this.reach(fact.timeNs);
        this.timeline.countLosses(fact.rows);
        return;
      case 'counters':
        this.paging.take(fact.timeNs, fact.source, fact.text);
        if (fact.source === 'meminfo' && this.core.lastMeminfo !== null) this.memory.take(this.core.lastMeminfo);
        return;
      case 'look':
        this.takeLooks([fact.look]);
        return;
      case 'names':
        this.names.take(fact.timeNs, fact.rows);
        return;
      case 'clock':
        this.reach(fact.timeNs);
        this.history.reach(fact.timeNs, this.distinctBytes);
        return;
      case 'end':
        this.ended = { timeNs: fact.timeNs, reason: fact.reason, detail: fact.detail };
    }
  }

  /** Pairs rows [from, to) of a batch, none of them beyond the present point of the timeline. */
  private pair(batch: EventBatch, from: number, to: number): void {
    if (from === to) return;
    const { core } = this;
    this.history.reach(batch.timeNs[to - 1], this.distinctBytes);
    if (to - from === batch.length) core.events(batch);
    else {
      this.part ??= new EventBatch();
      const { part } = this;
      for (let at = from; at < to; at += part.capacity) {
        part.clear();
        part.append(batch, at, Math.min(to, at + part.capacity));
        core.events(part);
      }
    }
    this.timeline.countEvents(to - from);
    this.history.count(to - from);
  }

  /** Moves the timeline on to a time. */
  private reach(timeNs: number): void {
    if (timeNs >= this.timeline.edgeNs) this.timeline.advance(timeNs, this.distinctBytes());
  }
}
