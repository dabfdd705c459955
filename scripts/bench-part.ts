/** What bench.ts has of each of its parts. */
export interface BenchPart {
  /** As on the command line. */
  name: string;
  /** Of its figures in the JSON. */
  key: string;
  title: string;
  /** The arguments that may follow the name, for the help. */
  usage: string;
  /**
   * Measures, prints a table and returns the figures. `quick` asks for little data: every line of the part runs, within
   * seconds, and the figures say nothing. Throws NotMeasured where the machine lacks something, and any other error when
   * the part is broken.
   */
  run(words: string[], quick: boolean): Promise<unknown>;
}

/** The machine lacks something that the measurement needs: the message says what. */
export class NotMeasured extends Error {}
