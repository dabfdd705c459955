import { FILE_HEADER_BYTES } from '../format/chunk-header.js';

/** A place between two chunks, and the state there of a reader that began at the start of the file. */
export interface ReaderMark {
  byteOffset: number;
  sequence: number;
  eventsBefore: number;
  lastTimeNs: number;
  clockNs: number;
}

/** The mark before the first chunk. */
export const START_MARK: ReaderMark = {
  byteOffset: FILE_HEADER_BYTES,
  sequence: 0,
  eventsBefore: 0,
  lastTimeNs: 0,
  clockNs: 0,
};
