import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { markedRecording } from '../../helpers/marked-recording.js';
import { opened, sought } from '../../helpers/replay-trace.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-marks-'));
afterAll(() => rmSync(directory, { recursive: true }));

it.each([
  ['read from its start', Number.POSITIVE_INFINITY],
  ['begun at its last checkpoint', 1000],
])('a replay %s has the marks of the whole recording, wherever time stands', async (name, minEvents) => {
  const path = join(directory, `${name}.unfreed`);
  const wanted = markedRecording(path, minEvents).marks.view();
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
