import { formatBytes } from '../../base/format.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import { Anonymiser } from '../../recording/anonymiser.js';
import { createRecording, openRecording } from '../../recording/file.js';

export interface AnonymizeFlags {
  output: string;
  force: boolean;
  keep: string[];
}

/** Writes a copy of a recording without the names of the machine and its processes. */
export async function runAnonymize(file: string, flags: AnonymizeFlags): Promise<void> {
  const dictionary = new TraceDictionary();
  const anonymiser = new Anonymiser(dictionary, { keep: new Set(flags.keep) });
  const input = await openRecording(file, anonymiser, dictionary);
  const output = createRecording(flags.output, { force: flags.force, dictionary: anonymiser.dictionary });
  anonymiser.sink = output.sink;
  try {
    while (await input.readNext());
  } finally {
    input.close();
    output.close();
  }
  process.stderr.write(`wrote ${flags.output}, ${formatBytes(output.bytes)}\n`);
}
