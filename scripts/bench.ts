// npm run bench [-- --json FILE]: what the core, the recording, the importers and the screen cost, with seeded data, in
// one run. Each figure is a median of several rounds of CPU time; tables on stdout, and all of it as JSON on request.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { printImportBench, runImportBench } from './bench-import.js';
import { printPerfKmemBench, runPerfKmemBench } from './bench-perf-kmem.js';
import { printRecordingBench, runRecordingBench } from './bench-recording.js';
import { printReplayBench, runReplayBench } from './bench-replay.js';
import { printScreenBench, runScreenBench } from './bench-screen.js';
import { runViewBench } from './bench-view.js';
import { printCoreBench, runCoreBench } from './core-bench.js';

const words = process.argv.slice(2);
const jsonAt = words.indexOf('--json');
const jsonPath = jsonAt >= 0 ? words[jsonAt + 1] : undefined;

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} CPUs, Node ${process.version}\n`);
console.log('Pairing and ranking, by allocations outstanding');
const core = await runCoreBench();
printCoreBench(core);

console.log('\nRecording: size, and decoding alone');
const recording = await runRecordingBench(words.filter((word, i) => !word.startsWith('--') && i !== jsonAt + 1));
printRecordingBench(recording);

console.log('\nDecode + pair + rank of a recording, one core: the two above one after the other');
const decode = recording.find((row) => row.codec === 'brotli')?.decodeEventsPerSecond ?? Number.NaN;
const together = core.map((row) => ({
  habit: row.habit,
  outstanding: row.outstanding,
  eventsPerSecond: 1 / (1 / decode + 1 / row.medianEventsPerSecond),
}));
for (const row of together) {
  console.log(
    row.habit.padStart(9),
    row.outstanding.toLocaleString('en').padStart(11),
    `${(row.eventsPerSecond / 1e6).toFixed(1)} M events/s`,
  );
}

console.log('\nReading a recording and going to any time in it');
const replay = await runReplayBench();
printReplayBench(replay);

console.log('\nA recording of this machine beside perf record and perf kmem stat, the same traffic at the same time');
const perfKmem = await runPerfKmemBench();
printPerfKmemBench(perfKmem);

console.log('\nImporting text of other tools');
const texts = runImportBench(300);
printImportBench(texts);

console.log('\nThe screen, 160x50');
const view = await runViewBench();
console.log(
  `a frame for a new report ${view.reportFrameCpuMs.toFixed(2)} ms of CPU, ${view.reportFrameBytes} bytes; ` +
    `key to frame ${view.keyToFrameMs.median.toFixed(0)} ms (95th percentile ${view.keyToFrameMs.p95.toFixed(0)} ms)`,
);

console.log('\nThe screen over its worker, a recording playing');
const screen = await runScreenBench();
printScreenBench(screen);

if (jsonPath !== undefined) {
  writeFileSync(
    jsonPath,
    `${JSON.stringify({ node: process.version, core, recording, together, replay, perfKmem, texts, view, screen }, null, 2)}\n`,
  );
}
