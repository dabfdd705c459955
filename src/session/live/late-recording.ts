/**
 * LateRecording: a recording that the user starts and stops on the screen while the trace goes on. Its failure never ends
 * the trace. A recording from the command line may run beside it.
 *
 * It is a trace of its own, so its checkpoints need a pipeline of their own, which pairs the recorded events a second
 * time: the screen's pipeline also knows what was allocated before the recording began.
 */
import { existsSync, rmSync } from 'node:fs';
import type { UserError } from '../../base/errors.js';
import type { EndReason } from '../../event/trace-sink.js';
import { createRecording, type RecordingFile } from '../../recording/files/recording-file.js';
import { LateRecorder } from '../../recording/rewrite/late-recorder.js';
import type { CheckpointPacing } from '../../recording/trace/index-writer.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { IndexedCopy } from './indexed-copy.js';

/** A recorder that is killed loses at most this much. */
const FLUSH_EVERY_MS = 1000;
/** The same as for the recording of a whole run (live-run.ts). */
const KEEP_EVERY_MS = 250;

export class LateRecording {
  readonly path: string;
  /** Time of the trace at which it began, ns. */
  readonly sinceNs: number;
  private readonly pipeline: Pipeline;
  private readonly file: RecordingFile;
  private readonly recorder: LateRecorder;
  private readonly copy: IndexedCopy;
  private readonly timers: NodeJS.Timeout[];
  private readonly onError: (error: UserError) => void;
  private open = true;
  private failed = false;

  /** Begins at once. Throws a UserError when the file cannot be made; `onError` is called when it ends early. */
  constructor(
    pipeline: Pipeline,
    path: string,
    onError: (error: UserError) => void,
    options: { pacing?: CheckpointPacing } = {},
  ) {
    const { dictionary, symbols, core } = pipeline;
    this.pipeline = pipeline;
    this.path = path;
    this.sinceNs = core.nowNs;
    this.onError = onError;
    const find = (hi: number, lo: number) => {
      const found = symbols.find(hi, lo);
      return found === null ? null : { addressHi: hi, addressLo: lo, ...found };
    };
    this.recorder = new LateRecorder(dictionary, { find }, core.nowNs);
    ({ file: this.file, copy: this.copy } = beginFile(path, this.recorder, pipeline, options.pacing));
    this.file.onError = (error) => this.fail(error);
    pipeline.lateRecorder = this.recorder;
    this.timers = [setInterval(() => this.file.flush(), FLUSH_EVERY_MS), setInterval(() => this.keep(), KEEP_EVERY_MS)];
  }

  get bytes(): number {
    return this.file.bytes;
  }

  /** Makes a checkpoint if one is due. Must be called between two calls of the pipeline. */
  keep(): void {
    if (this.open) this.copy.keep();
  }

  /** Ends it, before or after the end of the trace. Returns false if it could not be written to its end. */
  finish(reason: EndReason = 'stopped', detail = ''): boolean {
    if (!this.open) return !this.failed;
    // A trace that has ended has sent its end already.
    const { ended, core } = this.pipeline;
    if (ended === null) this.recorder.fact({ type: 'end', timeNs: core.nowNs, reason, detail });
    this.release();
    this.copy.finish();
    this.file.close();
    return !this.failed;
  }

  private fail(error: UserError): void {
    if (this.failed) return;
    this.failed = true;
    this.release();
    this.onError(error);
  }

  private release(): void {
    this.open = false;
    for (const timer of this.timers) clearInterval(timer);
    if (this.pipeline.lateRecorder === this.recorder) this.pipeline.lateRecorder = null;
  }
}

/** Makes the file and writes its first bytes. Removes the new file again if they cannot be written. */
function beginFile(
  path: string,
  recorder: LateRecorder,
  { facts, looks, core }: Pipeline,
  pacing: CheckpointPacing | undefined,
): { file: RecordingFile; copy: IndexedCopy } {
  const existed = existsSync(path);
  try {
    const { dictionary } = recorder;
    const file = createRecording(path, { dictionary, pacing });
    const copy = new IndexedCopy(file, dictionary);
    recorder.connect(copy.sink);
    recorder.fact({ type: 'host', facts });
    // The looks of the trace so far are of the time before; that of the start is all that there is.
    for (const look of looks) recorder.fact({ type: 'look', timeNs: core.nowNs, look });
    const { images, processes } = core.processMemory;
    for (const image of images.all()) recorder.fact({ type: 'image', image });
    for (const process of processes.living()) {
      recorder.fact({ type: 'process', timeNs: core.nowNs, process: { ...process, why: 'first' } });
    }
    file.flush();
    return { file, copy };
  } catch (error) {
    if (!existed) rmSync(path, { force: true });
    throw error;
  }
}
