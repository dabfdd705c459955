/** Reads a recording once and stops at moments of it: at each the pipeline is as it was then. */
import { safeText } from '../../base/safe-text.js';
import { openTrace } from '../../recording/open.js';
import { Pipeline } from '../../session/pipeline/pipeline.js';
import { TimeGate } from '../../session/replay/time-gate.js';
import { readingWarnings, readToEnd } from './load-trace.js';
import { noteReading } from './whole-read.js';

/** A recording or text, and the moments to stop at, in ns. */
export interface Steps {
  path: string;
  /** Of texts only, in bytes. */
  pageSize?: number;
  firstNs: number;
  /**
   * Called at each moment, once everything up to exactly that time is in the pipeline. Returns the next
   * moment, which must be later; null = read no further.
   */
  at(pipeline: Pipeline, timeNs: number): number | null;
  /** True: no line of progress, because at() prints. */
  silent?: boolean;
  /** True: says nothing of damage, because the same input is read again. */
  readAgain?: boolean;
}

/**
 * Returns the pipeline where reading stopped: at the last moment, or at the end of the trace, which is
 * then said (`atEnd`): no moment beyond it is reached. Throws a UserError when the recording cannot be
 * opened or read.
 */
export async function readSteps(steps: Steps): Promise<{ pipeline: Pipeline; atEnd: boolean }> {
  const { path, pageSize } = steps;
  const pipeline = new Pipeline('recording');
  const gate = new TimeGate(pipeline);
  gate.limitNs = steps.firstNs;
  const recording = await openTrace(path, gate, pipeline.dictionary, { pageSize });
  let isDone = false;
  const step = (): boolean => {
    // What waits is later: the trace went on to this moment.
    while (!isDone && gate.holding) {
      const timeNs = gate.limitNs;
      pipeline.fact({ type: 'clock', timeNs });
      const nextNs = steps.at(pipeline, timeNs);
      if (nextNs === null) isDone = true;
      else {
        gate.limitNs = nextNs;
        gate.release();
      }
    }
    return isDone;
  };
  if (steps.silent) {
    try {
      while (!step() && (await recording.readNext()));
    } finally {
      recording.close();
    }
  } else await readToEnd(path, recording, () => pipeline.core.eventCount, step);
  // The last piece that was read may hold several moments.
  step();
  if (!steps.readAgain) {
    for (const line of readingWarnings(path, recording, pipeline.ended)) process.stderr.write(`${safeText(line)}\n`);
  }
  noteReading(path, recording, pipeline);
  return { pipeline, atEnd: !isDone };
}
