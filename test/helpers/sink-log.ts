import type { EventBatch } from '../../src/event/event-batch.js';
import type { LossRow } from '../../src/event/losses.js';
import type { NameTable } from '../../src/event/tables/name-table.js';
import type { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { EndReason, FactOf, TraceFact, TraceSink } from '../../src/event/trace-sink.js';

/** One event as a list: time, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId. */
export type LoggedEvent = number[];

type LoggedFact<Type extends TraceFact['type']> = { call: Type } & Omit<FactOf<Type>, 'type'>;

export type LoggedCall =
  /** `cpu` only where it is known. */
  | { call: 'event'; row: LoggedEvent; cpu?: number }
  | { [Type in TraceFact['type']]: LoggedFact<Type> }[TraceFact['type']];

/**
 * A TraceSink that keeps every call, with batches taken apart into events, so that two producers
 * can be compared.
 */
export class SinkLog implements TraceSink {
  readonly calls: LoggedCall[] = [];
  /** Lengths of the batches as they arrived. */
  readonly batchLengths: number[] = [];

  events(batch: EventBatch): void {
    this.batchLengths.push(batch.length);
    for (let row = 0; row < batch.length; row++) this.calls.push(callAt(batch, row));
  }

  fact(fact: TraceFact): void {
    const { type, ...rest } = structuredClone(fact);
    this.calls.push({ call: type, ...rest } as LoggedCall);
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

function callAt(batch: EventBatch, row: number): LoggedCall {
  const cpu = batch.cpu[row];
  return { call: 'event', row: eventAt(batch, row), ...(cpu === 0 ? {} : { cpu }) };
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

function names(table: Pick<NameTable, 'size' | 'name'>): string[] {
  return Array.from({ length: table.size }, (_, i) => table.name(i + 1));
}
