import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { CheckpointBudget, type CheckpointPacing, indexBytes } from '../trace/index-writer.js';
import type { RecordingFile } from './recording-file.js';

/** As many symbols as a replay takes. */
const SYMBOLS_LIMIT = 2 ** 21;

/**
 * RingIndex: the state that the indexes of a ring's files share. Their checkpoints count from the
 * start of the first file, so they are useful only while all files from that one on are there, each
 * with its dictionary.
 */
export class RingIndex {
  readonly pacing: CheckpointPacing;
  readonly budget = new CheckpointBudget();
  /** Symbol facts written in all files. */
  symbolsSent = 0;
  /** Those of the file being written, in their order. */
  private symbols: SymbolisedAddress[] = [];

  constructor(pacing: CheckpointPacing) {
    this.pacing = pacing;
  }

  /** Notes a symbol written to the file. Returns false if there are too many for an index. */
  note(entry: SymbolisedAddress): boolean {
    this.symbols.push(entry);
    this.symbolsSent++;
    return this.symbolsSent < SYMBOLS_LIMIT;
  }

  /** Returns about how many bytes close() will write. */
  closingBytes(dictionary: TraceDictionary): number {
    return indexBytes(dictionary, this.symbols.length);
  }

  /**
   * Writes the index of a file whose trace has ended. Returns false, and writes nothing, if the
   * index is not worth its space.
   */
  close(file: RecordingFile): boolean {
    const { symbols } = this;
    this.symbols = [];
    return file.writePartIndex(symbols);
  }
}
