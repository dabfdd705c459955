import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createRecording } from '../../../src/recording/files/recording-file.js';
import { RecordingCheckpoints } from '../../../src/session/live/recording-checkpoints.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import { fullMark } from '../../helpers/marks.js';
import { randomDictionary } from '../../helpers/random-trace.js';
import { opened, sought, tell } from '../../helpers/replay-trace.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-marks-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A trace with a mark after each of its steps; with checkpoints where `minEvents` is finite. */
function recorded(name: string, minEvents: number): { path: string; live: Pipeline } {
  const path = join(directory, name);
  const symbolLog = new SymbolLog();
  const live = new Pipeline('live', { dictionary: randomDictionary(), symbolLog });
  const { dictionary } = live;
  const recording = createRecording(path, { dictionary, force: true, pacing: { minEvents, price: 0 } });
  live.recorder = recording.sink;
  const checkpoints = new RecordingCheckpoints(live, recording, symbolLog);
  tell(1, live, () => {
    live.fact({ type: 'mark', timeNs: live.core.nowNs, mark: fullMark('oom-kill') });
    recording.flush();
    checkpoints.keep();
  });
  checkpoints.finish();
  recording.close();
  return { path, live };
}

it.each([
  ['read from its start', Number.POSITIVE_INFINITY],
  ['begun at its last checkpoint', 1000],
])('a replay %s has the marks of the whole recording, wherever time stands', async (name, minEvents) => {
  const { path, live } = recorded(`${name}.unfreed`, minEvents);
  const wanted = live.marks.view();
  expect(wanted.marks).toHaveLength(40);
  const driver = await opened(path, { spacing: 2000 });
  const shown = driver.marks();
  expect(shown).toEqual(wanted);
  const { durationNs } = driver.status();
  for (const timeNs of [0, durationNs / 2, durationNs / 4]) {
    await sought(driver, timeNs);
    expect(driver.pipeline.marks.view().marks.length).toBeLessThan(40);
    // The same object: the screen need not get it again.
    expect(driver.marks()).toBe(shown);
  }
  // At the moment of a mark the pipeline has what came up to it, and the mark.
  const { timeNs } = wanted.marks[7];
  await sought(driver, timeNs);
  expect(driver.pipeline.marks.view().marks.at(-1)?.timeNs).toBe(timeNs);
  await driver.stop();
});
