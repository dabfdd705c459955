/** The interface of each part of bench.ts. */
export interface BenchPart {
  /** As on the command line. */
  name: string;
  /** Name of its figures in the JSON. */
  key: string;
  title: string;
  /** The arguments that may follow the name, for the help. */
  usage: string;
  /**
   * Measures, prints a table and resolves to the figures. With `quick` it takes little data: every
   * line of the part runs, within seconds, and the figures mean nothing. Throws NotMeasured if the
   * machine lacks something, and any other error if the part is broken.
   */
  run(words: string[], quick: boolean): Promise<unknown>;
}

/** The machine lacks something that the measurement needs; the message names it. */
export class NotMeasured extends Error {}
