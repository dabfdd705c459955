import type { EventBatch } from './event-batch.js';
import type { HostFacts } from './host-facts.js';
import type { LossRow } from './losses.js';

/** A return address with the name that the traced machine itself gave it. */
export interface SymbolisedAddress {
  addressHi: number;
  addressLo: number;
  /** Function name, untrusted. */
  symbol: string;
  /** Bytes past the start of the function. */
  offset: number;
  /** Module name, null for the core kernel. */
  module: string | null;
}

/** Which of the kernel's own counters a sample holds, as the kernel's own text. */
export type CounterSource = 'meminfo' | 'vmstat' | 'slabinfo';

/** Why a trace ended. 'cut' = the stream or file ended without saying so. */
export type EndReason =
  | 'stopped'
  | 'duration'
  | 'command-exited'
  | 'parent-gone'
  | 'output-failed'
  | 'size-limit'
  | 'cut'
  | 'failed';

/**
 * What every producer of a trace (collector decoder, recording reader, importer) calls and every consumer (pairing
 * core, recorder) implements, in the order in which things happened. host() comes first and may come again with more
 * facts. A symbol may come after the events that name its address. end() comes once, last.
 */
export interface TraceSink {
  host(facts: HostFacts): void;
  symbol(entry: SymbolisedAddress): void;
  /** The batch is the producer's: it is emptied and filled again after the call returns. */
  events(batch: EventBatch): void;
  losses(timeNs: number, rows: LossRow[]): void;
  counters(timeNs: number, source: CounterSource, text: string): void;
  /** Time has come this far, events or not. Never goes back. */
  clock(timeNs: number): void;
  end(timeNs: number, reason: EndReason, detail: string): void;
}
