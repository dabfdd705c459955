import type { EventBatch } from '../../src/event/event-batch.js';
import type { HostFacts } from '../../src/event/host-facts.js';
import type { LossRow } from '../../src/event/losses.js';
import type { NameTable } from '../../src/event/name-table.js';
import type { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../../src/event/trace-sink.js';

/** One event as a list: time, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId. */
export type LoggedEvent = number[];

export type LoggedCall =
  | { call: 'event'; row: LoggedEvent }
  | { call: 'host'; facts: HostFacts }
  | { call: 'symbol'; entry: SymbolisedAddress }
  | { call: 'losses'; timeNs: number; rows: LossRow[] }
  | { call: 'counters'; timeNs: number; source: CounterSource; text: string }
  | { call: 'clock'; timeNs: number }
  | { call: 'end'; timeNs: number; reason: EndReason; detail: string };

/** A TraceSink that keeps every call, batches taken apart into events: what two producers must agree on. */
export class SinkLog implements TraceSink {
  readonly calls: LoggedCall[] = [];
  /** Lengths of the batches as they came. */
  readonly batchLengths: number[] = [];

  host(facts: HostFacts): void {
    this.calls.push({ call: 'host', facts: structuredClone(facts) });
  }

  symbol(entry: SymbolisedAddress): void {
    this.calls.push({ call: 'symbol', entry: { ...entry } });
  }

  events(batch: EventBatch): void {
    this.batchLengths.push(batch.length);
    for (let row = 0; row < batch.length; row++) this.calls.push({ call: 'event', row: eventAt(batch, row) });
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.calls.push({ call: 'losses', timeNs, rows: structuredClone(rows) });
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.calls.push({ call: 'counters', timeNs, source, text });
  }

  clock(timeNs: number): void {
    this.calls.push({ call: 'clock', timeNs });
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.calls.push({ call: 'end', timeNs, reason, detail });
  }

  get eventRows(): LoggedEvent[] {
    return this.calls.flatMap((call) => (call.call === 'event' ? [call.row] : []));
  }

  get lossRows(): LossRow[] {
    return this.calls.flatMap((call) => (call.call === 'losses' ? call.rows : []));
  }

  get ending(): { timeNs: number; reason: EndReason; detail: string } | null {
    const last = this.calls.at(-1);
    return last?.call === 'end' ? { timeNs: last.timeNs, reason: last.reason, detail: last.detail } : null;
  }
}

export function eventAt(batch: EventBatch, row: number): LoggedEvent {
  return [
    batch.timeNs[row],
    batch.kind[row],
    batch.addrHi[row],
    batch.addrLo[row],
    batch.size[row],
    batch.bytesReq[row],
    batch.stackId[row],
    batch.pid[row],
    batch.commId[row],
    batch.cacheId[row],
  ];
}

/** Everything in a dictionary, as plain values. */
export function dumpDictionary(dictionary: TraceDictionary): { stacks: string[][]; comms: string[]; caches: string[] } {
  const { stacks, comms, caches } = dictionary;
  const paths: string[][] = [];
  for (let id = 1; id <= stacks.size; id++) {
    const path: string[] = [];
    for (let i = 0; i < stacks.depth(id); i++) {
      const frame = stacks.frameId(id, i);
      path.push(`${stacks.frames.hi[frame].toString(16)}:${stacks.frames.lo[frame].toString(16)}`);
    }
    paths.push(path);
  }
  return { stacks: paths, comms: names(comms), caches: names(caches) };
}

function names(table: NameTable): string[] {
  return Array.from({ length: table.size }, (_, i) => table.name(i + 1));
}
