/** The grammar of a dump. */
export interface DumpGrammar {
  /** Takes a line. Returns false for one that the dump cannot have. */
  line: (bytes: Uint8Array, start: number, end: number) => boolean;
  /** The text is over; `isCut`: in the middle of a line. Adds the rows that are left, and returns notes. */
  finish: (isCut: boolean) => string[];
}
