import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { CheckpointBudget, type CheckpointPacing, indexBytes } from '../trace/index-writer.js';
import type { RecordingFile } from './recording-file.js';

/** As many as a replay takes. */
const SYMBOLS_LIMIT = 2 ** 21;

/**
 * RingIndex: what the indexes of a ring's files have in common. Their checkpoints are of the trace since the first file
 * began, so they are of use as long as all files from that one on are there and each has its dictionary.
 */
export class RingIndex {
  readonly pacing: CheckpointPacing;
  readonly budget = new CheckpointBudget();
  /** Symbols that were told in all files. */
  symbolsTold = 0;
  /** Those of the file that is being written, in their order. */
  private symbols: SymbolisedAddress[] = [];

  constructor(pacing: CheckpointPacing) {
    this.pacing = pacing;
  }

  /** A symbol is told. False = there are too many. */
  note(entry: SymbolisedAddress): boolean {
    this.symbols.push(entry);
    this.symbolsTold++;
    return this.symbolsTold < SYMBOLS_LIMIT;
  }

  /** About the bytes that close() takes. */
  closingBytes(dictionary: TraceDictionary): number {
    return indexBytes(dictionary, this.symbols.length);
  }

  /** The trace in a file has ended. False when the recording does not pay for its index. */
  close(file: RecordingFile): boolean {
    const { symbols } = this;
    this.symbols = [];
    return file.writePartIndex(symbols);
  }
}
