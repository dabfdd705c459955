/**
 * Pipeline: one trace's dictionary, symbols and pairing core behind a single sink, with an optional second consumer
 * (the recorder) that is given the same calls in the same order. Live, replay and import differ only in who calls it.
 */
import { EventBatch } from '../event/event-batch.js';
import { type HostFacts, isImported, unknownHost } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { PairingCore } from '../pair/pairing-core.js';
import { distinctBytes } from '../rank/outstanding.js';
import { openStack, rank } from '../rank/rank.js';
import type { Report, StackDetail } from '../rank/report.js';
import type { Selection } from '../rank/selection.js';
import { SymbolTable } from '../symbols/symbol-table.js';
import { MemoryHistory } from './memory-history.js';
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
  /** With that dictionary. */
  core?: PairingCore;
  symbols?: SymbolTable;
  /** Is told every symbol, so that checkpoints of the pipeline can be made. */
  symbolLog?: SymbolLog;
}

export class Pipeline implements TraceSink {
  readonly dictionary: TraceDictionary;
  readonly core: PairingCore;
  readonly symbols: SymbolTable;
  /** How many symbols were told so far. */
  symbolCount = 0;
  /** Facts of the traced machine; all unknown until the producer told them. */
  facts: HostFacts = unknownHost();
  /** Given every call too; set before the first one, taken away at any time. */
  recorder: TraceSink | null = null;
  /** Given every call from when it is set on; told of a symbol before `symbols` has it. */
  lateRecorder: TraceSink | null = null;
  /** Called before the first host() is handed on: the place to set `recorder`. */
  onFirstHost: (() => void) | null = null;
  /** How the trace ended; null while it goes on. */
  ended: TraceEnd | null = null;
  /** Grows with every call: tells whether a new report could differ. */
  changes = 0;
  readonly history = new SecondHistory();
  readonly timeline = new Timeline();
  readonly memory = new MemoryHistory();
  readonly kind: SourceKind;
  private readonly symbolLog: SymbolLog | null;
  private readonly distinctBytes = (): number => distinctBytes(this.core, this.symbols);
  /** Rows of a batch that lies across the edge of two points of the timeline. */
  private part: EventBatch | null = null;

  /** `parts` are what is there already: of a recording that is read again, or from a checkpoint on. */
  constructor(kind: SourceKind, parts: PipelineParts = {}) {
    this.kind = kind;
    this.dictionary = parts.dictionary ?? new TraceDictionary();
    this.core = parts.core ?? new PairingCore(this.dictionary);
    this.symbols = parts.symbols ?? new SymbolTable();
    this.symbolLog = parts.symbolLog ?? null;
  }

  host(facts: HostFacts): void {
    this.changes++;
    const { onFirstHost } = this;
    this.onFirstHost = null;
    onFirstHost?.();
    this.facts = facts;
    this.core.host(facts);
    this.recorder?.host(facts);
    this.lateRecorder?.host(facts);
  }

  symbol(entry: SymbolisedAddress): void {
    this.changes++;
    this.symbolLog?.note(this.symbolCount++, entry);
    this.lateRecorder?.symbol(entry);
    this.symbols.add(entry);
    this.recorder?.symbol(entry);
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

  losses(timeNs: number, rows: LossRow[]): void {
    this.changes++;
    this.core.losses(timeNs, rows);
    this.reach(timeNs);
    this.timeline.countLosses(rows);
    this.recorder?.losses(timeNs, rows);
    this.lateRecorder?.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.changes++;
    this.core.counters(timeNs, source, text);
    if (source === 'meminfo') this.memory.take(timeNs, text);
    this.recorder?.counters(timeNs, source, text);
    this.lateRecorder?.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.changes++;
    this.core.clock(timeNs);
    this.reach(timeNs);
    this.history.reach(timeNs, this.distinctBytes);
    this.recorder?.clock(timeNs);
    this.lateRecorder?.clock(timeNs);
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.changes++;
    this.core.end(timeNs, reason, detail);
    this.ended = { timeNs, reason, detail };
    this.recorder?.end(timeNs, reason, detail);
    this.lateRecorder?.end(timeNs, reason, detail);
  }

  report(selection: Selection): Report {
    const kind = this.kind === 'recording' && isImported(this.facts) ? 'import' : this.kind;
    return rank(this.core, this.symbols, selection, { kind, facts: this.facts });
  }

  detail(selection: Selection, stackId: number): StackDetail | null {
    return openStack(this.core, this.symbols, selection, stackId);
  }

  /** Events, outstanding bytes and losses over the whole trace so far. */
  timelineView(): TimelineView {
    return this.timeline.view(this.distinctBytes());
  }

  /** Rows [from, to) of a batch, none of them beyond the present point of the timeline. */
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

  /** Time has come this far. */
  private reach(timeNs: number): void {
    if (timeNs >= this.timeline.edgeNs) this.timeline.advance(timeNs, this.distinctBytes());
  }
}
