/** A frame of a call path, as reports show it. Names, as in report.ts, may be added, never renamed. */
export interface ReportFrame {
  /**
   * Function name as the traced machine gave it (untrusted text), or the address in hex where it
   * has none.
   */
  symbol: string;
  /** Bytes past the start of the function. */
  offset: number;
  /** Module, null for the core kernel. */
  module: string | null;
  /** Return address, `0x` and 16 hex digits. */
  address: string;
}
