import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TraceFact } from '../../../src/event/trace-sink.js';
import { createRecording } from '../../../src/recording/files/recording-file.js';
import { RecordingCheckpoints } from '../../../src/session/live/recording-checkpoints.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { SymbolLog } from '../../../src/session/pipeline/symbol-log.js';
import { readLooks } from '../../../src/session/replay/read-looks.js';
import { randomDictionary } from '../../helpers/random-trace.js';
import { opened, settled, tell } from '../../helpers/replay-trace.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-looks-'));
afterAll(() => rmSync(directory, { recursive: true }));

const MEMINFO = 'MemTotal: 4000000 kB\nMemFree: 3000000 kB\nMemAvailable: 3500000 kB\nCached: 500000 kB\n';

function lookAt(unixMs: number): TraceFact {
  return { type: 'look', timeNs: 0, look: { unixMs, texts: new Map([['proc/meminfo', MEMINFO]]), notRead: [] } };
}

/** A trace with looks after its host facts; with checkpoints where `minEvents` is finite. */
function recorded(name: string, looks: readonly TraceFact[], minEvents: number): string {
  const path = join(directory, name);
  const symbolLog = new SymbolLog();
  const pipeline = new Pipeline('live', { dictionary: randomDictionary(), symbolLog });
  const { dictionary } = pipeline;
  const recording = createRecording(path, { dictionary, force: true, pacing: { minEvents, price: 0 } });
  pipeline.recorder = recording.sink;
  const checkpoints = new RecordingCheckpoints(pipeline, recording, symbolLog);
  let told = false;
  tell(1, pipeline, () => {
    if (!told) for (const look of looks) pipeline.fact(look);
    told = true;
    recording.flush();
    checkpoints.keep();
  });
  checkpoints.finish();
  recording.close();
  return path;
}

describe('a replay knows the looks of its recording', () => {
  it.each([
    ['read from the start', Number.POSITIVE_INFINITY],
    ['begun at its last checkpoint', 1000],
  ])('%s, and at any time', async (name, minEvents) => {
    const path = recorded(`${name}.unfreed`, [lookAt(5000), lookAt(9000)], minEvents);
    const driver = await opened(path, { spacing: 2000 });
    const { durationNs } = driver.status();
    for (const timeNs of [0, durationNs / 2, durationNs]) {
      driver.seek(timeNs);
      await settled(driver, timeNs === durationNs ? 'ended' : 'paused');
      expect(driver.pipeline.looks.map(({ unixMs }) => unixMs)).toEqual([5000, 9000]);
      const triage = driver.triage();
      expect(triage?.machine).toMatchObject({ totalBytes: 4_000_000 * 1024, timeMs: 5000, looks: 1, source: path });
      expect(driver.triage()).toBe(triage);
    }
    await driver.stop();
  });

  it('says nothing where there is none, and of one that comes again nothing new', async () => {
    const without = await opened(recorded('without.unfreed', [], 1000), { spacing: 2000 });
    expect([without.triage(), without.pipeline.looks]).toEqual([null, []]);
    const again = await opened(recorded('again.unfreed', [lookAt(5000), lookAt(5000)], 1000), { spacing: 2000 });
    expect(again.triage()?.machine.looks).toBe(1);
    await without.stop();
    await again.stop();
  });

  it('takes 32 looks at most, whatever a file holds', async () => {
    const path = recorded(
      'many.unfreed',
      Array.from({ length: 50 }, (_, i) => lookAt(i + 1)),
      1000,
    );
    const driver = await opened(path, { spacing: 2000 });
    expect(driver.pipeline.looks).toHaveLength(32);
    await driver.stop();
    expect(await readLooks(path, 8)).toHaveLength(8);
    expect(await readLooks(join(directory, 'missing.unfreed'), 8)).toEqual([]);
  });
});
