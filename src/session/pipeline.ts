/**
 * Pipeline: one trace's dictionary, symbols and pairing core behind a single sink, with an optional second consumer
 * (the recorder) that is given the same calls in the same order. Live, replay and import differ only in who calls it.
 */
import { type EventBatch } from '../event/event-batch.js';
import { type HostFacts, isImported, unknownHost } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { PairingCore } from '../pair/pairing-core.js';
import { openStack, rank } from '../rank/rank.js';
import type { Report, StackDetail } from '../rank/report.js';
import type { Selection } from '../rank/selection.js';
import { SymbolTable } from '../symbols/symbol-table.js';
import { SecondHistory } from './second-history.js';
import type { SymbolLog } from './symbol-log.js';

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
  /** Called before the first host() is handed on: the place to set `recorder`. */
  onFirstHost: (() => void) | null = null;
  /** How the trace ended; null while it goes on. */
  ended: TraceEnd | null = null;
  /** Grows with every call: tells whether a new report could differ. */
  changes = 0;
  readonly history = new SecondHistory();
  readonly kind: SourceKind;
  private readonly symbolLog: SymbolLog | null;

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
  }

  symbol(entry: SymbolisedAddress): void {
    this.changes++;
    this.symbolLog?.note(this.symbolCount++, entry);
    this.symbols.add(entry);
    this.recorder?.symbol(entry);
  }

  events(batch: EventBatch): void {
    this.changes++;
    this.core.events(batch);
    if (batch.length > 0) this.history.add(batch.timeNs[batch.length - 1], batch.length, this.core.outstandingBytes());
    this.recorder?.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.changes++;
    this.core.losses(timeNs, rows);
    this.recorder?.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.changes++;
    this.core.counters(timeNs, source, text);
    this.recorder?.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.changes++;
    this.core.clock(timeNs);
    this.history.add(timeNs, 0, this.core.outstandingBytes());
    this.recorder?.clock(timeNs);
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.changes++;
    this.core.end(timeNs, reason, detail);
    this.ended = { timeNs, reason, detail };
    this.recorder?.end(timeNs, reason, detail);
  }

  report(selection: Selection): Report {
    const kind = this.kind === 'recording' && isImported(this.facts) ? 'import' : this.kind;
    return rank(this.core, this.symbols, selection, { kind, facts: this.facts });
  }

  detail(selection: Selection, stackId: number): StackDetail | null {
    return openStack(this.core, this.symbols, selection, stackId);
  }
}
