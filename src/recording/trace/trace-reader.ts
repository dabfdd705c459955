import type { Damage } from '../../event/damage.js';

/** The interface of all readers of recordings, streams and texts: bytes in, TraceSink calls out. */
export interface TraceReader {
  /** True once the sink has had the end of the trace; later bytes are ignored. */
  readonly ended: boolean;
  /** The first damaged spans; damageCount counts all. */
  readonly damagedSpans: readonly Damage[];
  readonly damageCount: number;
  /** Takes the next bytes; the caller may reuse them afterwards. */
  push(bytes: Uint8Array): void;
  /**
   * Must be called when no more bytes come: ends the trace, unless its end has been read. `cut` is
   * the reason why the bytes end, if known.
   */
  finish(cut?: string): void;
}
