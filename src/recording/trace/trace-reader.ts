import type { Damage } from '../../event/damage.js';

/** What the readers of recordings, streams and texts have in common: bytes in, TraceSink calls out. */
export interface TraceReader {
  /** True once the sink has had its end; later bytes are ignored. */
  readonly ended: boolean;
  /** What could not be read, the first ones; damageCount counts all. */
  readonly damagedSpans: readonly Damage[];
  readonly damageCount: number;
  /** Takes the next bytes; they may be reused by the caller afterwards. */
  push(bytes: Uint8Array): void;
  /** Nothing more comes; `cut` says why when that is known. Ends the trace unless it has ended itself. */
  finish(cut?: string): void;
}
