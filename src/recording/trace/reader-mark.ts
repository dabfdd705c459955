import { FILE_HEADER_BYTES } from '../format/chunk-header.js';

/** A place between two chunks, and what a reader that comes from the start knows there. */
export interface ReaderMark {
  byteOffset: number;
  sequence: number;
  eventsBefore: number;
  lastTimeNs: number;
  clockNs: number;
}

/** Before the first chunk. */
export const START_MARK: ReaderMark = {
  byteOffset: FILE_HEADER_BYTES,
  sequence: 0,
  eventsBefore: 0,
  lastTimeNs: 0,
  clockNs: 0,
};
