/**
 * Copies a trace from one file into a new recording: what import, repair, cut and anonymize share. The input is opened
 * and recognised before the output is made, and never overwritten; a copy that fails leaves no half of a file behind.
 * The copy can be sought in as a recording of this machine: it has checkpoints and an index.
 */
import { rmSync, type Stats, statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import { TraceTally } from '../../event/trace-tally.js';
import { createRecording } from '../../recording/files/recording-file.js';
import { type OpenOptions, type OpenRecording, openTrace } from '../../recording/open.js';
import { IndexedCopy } from '../../session/live/indexed-copy.js';
import type { CopyFlags } from '../options/flags.js';
import { readToEnd } from './load-trace.js';

/** What stands between the reader and the writer, both of which have a dictionary. */
export interface CopyStage {
  /** What the reader tells. */
  input: TraceSink;
  /** The dictionary of what the writer is told. */
  dictionary: TraceDictionary;
  /** Where `input` hands on to; set before anything is read. */
  connect(sink: TraceSink): void;
  /** Ends the trace unless it has ended: reading may have been stopped early. */
  finish?(): void;
}

export interface Copied {
  recording: OpenRecording;
  /** Of what was written. */
  tally: TraceTally;
  /** Of the new file. */
  bytes: number;
}

/**
 * `stage` makes what stands between, null = nothing. `check` looks at the opened input before the output is made, and
 * throws to refuse it.
 */
export async function copyRecording(
  file: string,
  flags: CopyFlags,
  options: OpenOptions & {
    stage?: (source: TraceDictionary, recording: () => OpenRecording | null) => CopyStage;
    /** Says when the rest need not be read; the stage ends the trace then. */
    isDone?: () => boolean;
    check?: (recording: OpenRecording) => void;
    /** Looks at the copy before it counts as done; throws to take it back. */
    finish?: (copied: Copied) => void;
  } = {},
): Promise<Copied> {
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
    const output = createRecording(flags.output, { force: flags.force, dictionary });
    const copy = new IndexedCopy(output, dictionary);
    tally.connect(copy.sink);
    const isDone = (): boolean => {
      copy.keep();
      return options.isDone?.() === true;
    };
    try {
      await readToEnd(file, recording, () => tally.eventCount, isDone);
      stage?.finish?.();
      copy.finish();
      output.close();
      const copied = { recording, tally, bytes: output.bytes };
      options.finish?.(copied);
      return copied;
    } catch (error) {
      output.abandon();
      rmSync(flags.output, { force: true });
      throw error;
    }
  } finally {
    recording.close();
  }
}

/** Not even with --force: the input would be gone before it was read. */
export function refuseSameFile(input: string, output: string): void {
  const to = statOrNull(output);
  if (to === null) return;
  const from = input === '-' ? null : statOrNull(input);
  if (from !== null && from.ino === to.ino && from.dev === to.dev) {
    throw new UserError(`${output} is the input itself`, ['choose another name for the output']);
  }
}

/** Null for what cannot be looked at (throwIfNoEntry would still throw ENOTDIR): whoever opens it says why. */
function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
