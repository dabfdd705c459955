/** A recording that begins and ends with a census, through the commands that read it. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CensusReport } from '../../src/census/report.js';
import { buildProgram } from '../../src/cli/program.js';
import { keptLook } from '../../src/proc/kept-look.js';
import type { DiffReport } from '../../src/rank/report/diff-report.js';
import type { Report } from '../../src/rank/report/report.js';
import { createRecording } from '../../src/recording/files/recording-file.js';
import { lookWithCensus } from '../../src/session/census/carried-census.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { lookAt } from '../helpers/look.js';
import { randomDictionary } from '../helpers/random-trace.js';
import { opened, tell } from '../helpers/replay-trace.js';
import { scratch } from '../helpers/scratch.js';
import { firstCensus, shownCensus } from '../view/fixtures/census.js';

const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
});

/** A trace with a look for each census. */
function recorded(name: string, censuses: readonly CensusReport[]): string {
  const path = file(name, '');
  const pipeline = new Pipeline('live', { dictionary: randomDictionary() });
  const recording = createRecording(path, { dictionary: pipeline.dictionary, force: true });
  pipeline.recorder = recording.sink;
  const looks = censuses.map((census) =>
    keptLook(lookWithCensus(lookAt({ gap: 5, timeMs: census.timeMs ?? 0 }), census)),
  );
  let told = 0;
  tell(1, pipeline, () => {
    const look = looks[told++];
    if (look !== undefined) pipeline.fact({ type: 'look', timeNs: pipeline.core.nowNs, look });
  });
  recording.close();
  return path;
}

async function printed(...args: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += Buffer.from(part).toString('utf8');
    return true;
  });
  await buildProgram('1.2.3').parseAsync(args, { from: 'user' });
  return text;
}

describe('a recording with two censuses', () => {
  let path = '';
  let other = '';
  beforeAll(() => {
    path = recorded('two.unfreed', [firstCensus(), shownCensus()]);
    const later = { ...shownCensus(), timeMs: (shownCensus().timeMs ?? 0) + 60_000 };
    const grown = later.classes.map((row) => (row.class === 'slab' ? { ...row, pages: row.pages + 256 } : row));
    other = recorded('other.unfreed', [{ ...later, classes: grown }]);
  });

  it('info counts them, top says what they say', async () => {
    expect(await printed('info', path)).toContain('2 looks at the machine, 2 with a census: unfreed triage');
    expect(JSON.parse(await printed('info', path, '--json'))).toMatchObject({ looks: 2, censuses: 2 });
    const text = await printed('top', path);
    expect(text).toContain('14.0 GiB  rings of packet sockets: 112 packet sockets of suricata (pid 2211)');
    expect(text).toContain('Changed most in 18.0s: slab +1.17 MiB.');
  });

  it('export has the last with its changes, of the traced machine', async () => {
    const out = file('report.json', '');
    await printed('export', path, '--format', 'json', '-o', out, '--force');
    const { census, source } = JSON.parse(readFileSync(out, 'utf8')) as Report;
    expect(census).toMatchObject({ sinceSeconds: 18, machine: { source: source.hostname } });
  });

  it('a replay shows it at any time, once it was read', async () => {
    const driver = await opened(path, { spacing: 2000 });
    driver.seek(0);
    await vi.waitFor(() => expect(driver.status().positionNs).toBe(0));
    expect(driver.pipeline.census).toMatchObject({ sinceSeconds: 18 });
    await driver.stop();
  });

  it('diff ends with what grew since the last one of the earlier trace', async () => {
    expect(await printed('diff', path, other)).toMatch(
      /census {3}What grew between the last censuses of both, 1m 00s apart:\n {9}by class of pages\n {9}\+1\.00 MiB/,
    );
    const { census } = JSON.parse(await printed('diff', path, other, '--format', 'json')) as DiffReport;
    expect(census).toMatchObject({ sinceSeconds: 60 });
  });
});
