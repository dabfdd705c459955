import type { HostFacts } from '../../event/host-facts.js';
import type { TimeShape } from '../order/time-shape.js';
import type { ImportStats } from './text-stats.js';

/**
 * The common interface of the decoders of other tools' text, like StreamDecoder's: bytes in, calls
 * to a TraceSink out.
 */
export interface TextTraceDecoder {
  /** Counts grow as the text is read; skipped events are in skippedEvents. */
  readonly stats: Readonly<ImportStats>;
  /** What is known of the machine and of what the text covers; complete after finish(). */
  readonly facts: Readonly<HostFacts>;
  /** Skipped events by name, most frequent first. */
  readonly skippedEvents: Map<string, number>;
  /** Takes the next bytes of the text; they may be reused by the caller afterwards. */
  push(chunk: Uint8Array): void;
  /**
   * The text is over: passes on what is left and ends the trace, as 'cut' if `cut` says why the
   * text is not whole.
   */
  finish(cut?: string): void;
}

export interface TextDecoderOptions {
  /** Keep user frames in call paths. */
  userFrames: boolean;
  /** How time runs in the text; absent = forward. */
  times?: TimeShape;
  /** Page size of the traced machine in bytes, by the user; absent = as far as the text tells. */
  pageSize?: number;
}
