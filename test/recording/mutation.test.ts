import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { runMutations } from '../helpers/mutation.js';
import { baseRecordings, baseStreams } from '../helpers/mutation-bases.js';
import { scratch } from '../helpers/scratch.js';
import { secondsRecording } from '../helpers/seconds-trace.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { cases } from '../helpers/seeds.js';
import { SinkLog } from '../helpers/sink-log.js';
import { joined } from '../helpers/stream-bytes.js';

// npm run test:mutation reads many more.
const place = scratch();

it('recordings that were changed never crash the reader, nor give a wrong total without a word', () => {
  const result = runMutations('recording', baseRecordings(), cases(900, 3000), 1);
  expect(result.failures).toEqual([]);
  expect(result.reported).toBeGreaterThan(cases(600, 2000));
});

it('nor do recordings whose checksums vouch for the change crash it', () => {
  expect(runMutations('vouched', baseRecordings(), cases(600, 2000), 2).failures).toEqual([]);
});

it('streams that were changed never crash the decoder; a cut or an impossible header is always reported', () => {
  const result = runMutations('stream', baseStreams(), cases(600, 2000), 3);
  expect(result.failures).toEqual([]);
  expect(result.reported).toBeGreaterThan(cases(240, 800));
});

it('gzipped recordings that were changed give the same total, or damage', async () => {
  const whole = gzipSync(joined(secondsRecording(20)));
  const random = seededRandom(4);
  let reported = 0;
  for (let n = 0; n < 150; n++) {
    let bytes = Uint8Array.from(whole);
    const at = 20 + Math.floor(random() * (bytes.length - 20));
    if (random() < 0.3) bytes = bytes.slice(0, at);
    else bytes[at] ^= 1 << Math.floor(random() * 8);
    const log = new SinkLog();
    const recording = await openRecording(place('mutated.gz', bytes), log, new TraceDictionary()).catch(() => null);
    if (recording === null) {
      reported++;
      continue;
    }
    while (await recording.readNext());
    const isReported = recording.damageCount > 0 || log.ending?.reason === 'cut';
    if (isReported) reported++;
    else expect(log.eventRows, `case ${n}`).toHaveLength(2000);
    expect(log.calls.filter((call) => call.call === 'end')).toHaveLength(1);
  }
  expect(reported).toBeGreaterThan(100);
});
