/**
 * Copies a trace from one file into a new recording, for import, repair, cut and anonymize. The
 * input is opened and recognised before the output is made, and never overwritten. The output gets
 * its name when it is whole; if the copy fails or is interrupted, its unfinished file is removed,
 * and a file of that name stays as it was. The copy has checkpoints and an index, so that a replay
 * can seek in it as in a recording of this machine.
 */
import { type Stats, statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import { TraceTally } from '../../event/trace-tally.js';
import { createRecording, type RecordingFile } from '../../recording/files/recording-file.js';
import { type OpenOptions, type OpenRecording, openTrace } from '../../recording/open.js';
import { IndexedCopy } from '../../session/live/indexed-copy.js';
import type { RewriteFlags } from '../options/flags.js';
import { discardedOnSignal } from './interrupted.js';
import { readToEnd } from './load-trace.js';

/** A stage between the reader and the writer, which changes the trace; each of the two has a dictionary. */
export interface RewriteStage {
  /** Takes the trace from the reader. */
  input: TraceSink;
  /** The dictionary of the ids that the writer gets. */
  dictionary: TraceDictionary;
  /** Sets the sink that `input` passes on to; called before anything is read. */
  connect(sink: TraceSink): void;
  /** Ends the trace unless it has ended: reading may have stopped early. */
  finish?(): void;
}

export interface Rewritten {
  recording: OpenRecording;
  /** Counts of the events that were written. */
  tally: TraceTally;
  /** Size of the new file. */
  bytes: number;
}

/**
 * Copies `file` to `flags.output`. `stage` makes the stage between reader and writer; absent = none. `check` gets the
 * opened input before the output is made, and throws to refuse it. Throws a UserError when input or output cannot be
 * opened, read or written.
 */
export async function rewriteRecording(
  file: string,
  flags: RewriteFlags,
  options: OpenOptions & {
    stage?: (source: TraceDictionary, recording: () => OpenRecording | null) => RewriteStage;
    /** Returns true when the rest need not be read; the stage then ends the trace. */
    isDone?: () => boolean;
    check?: (recording: OpenRecording) => void;
    /** Called when all is copied; throws to have it removed. */
    finish?: (rewritten: Omit<Rewritten, 'bytes'>) => void;
  } = {},
): Promise<Rewritten> {
  refuseSameFile(file, flags.output);
  const source = new TraceDictionary();
  const tally = new TraceTally();
  let opened: OpenRecording | null = null;
  const stage = options.stage?.(source, () => opened) ?? null;
  stage?.connect(tally);
  const recording = await openTrace(file, stage?.input ?? tally, source, { ...options, thread: false });
  opened = recording;
  try {
    options.check?.(recording);
    const dictionary = stage?.dictionary ?? source;
    let output: RecordingFile | null = null;
    const copied = async (): Promise<Rewritten> => {
      output = createRecording(flags.output, { force: flags.force, nameWhenWhole: true, dictionary });
      const copy = new IndexedCopy(output, dictionary);
      tally.connect(copy.sink);
      const isDone = (): boolean => {
        copy.keep();
        return options.isDone?.() === true;
      };
      await readToEnd(file, recording, () => tally.eventCount, isDone);
      stage?.finish?.();
      copy.finish();
      options.finish?.({ recording, tally });
      output.close();
      return { recording, tally, bytes: output.bytes };
    };
    // A signal may come as soon as the file is there.
    const discard = (): void => output?.discard();
    try {
      return await discardedOnSignal(discard, copied);
    } catch (error) {
      discard();
      throw error;
    }
  } finally {
    recording.close();
  }
}

/** Throws a UserError if the output is the input. --force does not allow it: the input would be lost before it is read. */
export function refuseSameFile(input: string, output: string): void {
  const to = statOrNull(output);
  if (to === null) return;
  const from = input === '-' ? null : statOrNull(input);
  if (from !== null && from.ino === to.ino && from.dev === to.dev) {
    throw new UserError(`${output} is the input itself`, ['choose another name for the output']);
  }
}

/** Null for a file without stat (throwIfNoEntry would still throw ENOTDIR): opening it later says why. */
function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
