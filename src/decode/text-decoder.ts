import type { ImportStats } from './text-stats.js';

/** What the decoders of other tools' text have in common with StreamDecoder: bytes in, calls to a TraceSink out. */
export interface TextTraceDecoder {
  /** Grows as the text is read; events that were skipped are in skippedEvents. */
  readonly stats: Readonly<ImportStats>;
  /** Events passed over, by name, most first. */
  readonly skippedEvents: Map<string, number>;
  /** Takes the next bytes of the text; they may be reused by the caller afterwards. */
  push(chunk: Uint8Array): void;
  /** The text is over: hands over what is left and ends the trace; as 'cut' when told why the text is not whole. */
  finish(cut?: string): void;
}

export interface TextDecoderOptions {
  /** Keep user frames in call paths. */
  userFrames: boolean;
}
