/** Reads the looks of a recording from its start, for a replay that begins at a checkpoint. */
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { CarriedLook, TraceSink } from '../../event/trace-sink.js';
import { openTrace } from '../../recording/open.js';

/** Returns the first looks, at most `count`; fewer if the recording cannot be read up to there. Never rejects. */
export async function readLooks(path: string, count: number): Promise<CarriedLook[]> {
  const looks: CarriedLook[] = [];
  const sink: TraceSink = {
    events() {},
    fact(fact) {
      if (fact.type !== 'look' || looks.length >= count) return;
      // The parts of a ring repeat a look.
      if (looks.every(({ unixMs }) => unixMs !== fact.look.unixMs)) looks.push(fact.look);
    },
  };
  try {
    const recording = await openTrace(path, sink, new TraceDictionary(), { thread: false });
    try {
      while (looks.length < count && (await recording.readNext()));
    } finally {
      recording.close();
    }
  } catch {
    // A replay without its looks is still a replay.
  }
  return looks;
}
