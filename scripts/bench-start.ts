/**
 * Measures the start of the screen in a terminal: from Enter to the first painted line, and to the first report, of
 * `unfreed live` and of a bare `unfreed`. Runs each RUNS times on the machine as it is, then RUNS times with a busy loop
 * on each CPU. Needs root.
 *
 *     node scripts/run-ts.mjs scripts/bench-start.ts    (in the top folder, after npm run build)
 */
import { type ChildProcess, spawn as spawnChild } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { spawn } from '@lydell/node-pty';

const RUNS = 5;
/** A start that takes longer hangs. */
const PATIENCE_MS = 30_000;
const MAIN = 'dist/main.js';

interface StartTimes {
  /** ms until a name of this machine or of a step is on the screen. */
  paintedMs: number;
  /** ms until the head of a report is on the screen. */
  reportMs: number;
}

async function startOnce(args: readonly string[]): Promise<StartTimes> {
  const beganMs = performance.now();
  const terminal = spawn(process.execPath, [MAIN, ...args], {
    cols: 80,
    rows: 24,
    // The recording of a bare start is no part of the comparison.
    env: { ...process.env, UNFREED_NO_RECORD: '1' },
  });
  const times = { paintedMs: Number.NaN, reportMs: Number.NaN };
  return await new Promise((resolve) => {
    const timer = setTimeout(() => terminal.kill(), PATIENCE_MS);
    terminal.onData((data) => {
      const now = performance.now() - beganMs;
      if (Number.isNaN(times.paintedMs) && data.includes('unfreed')) times.paintedMs = now;
      if (Number.isNaN(times.reportMs) && /tracing/.test(data)) {
        times.reportMs = now;
        terminal.write('q');
      }
    });
    terminal.onExit(() => {
      clearTimeout(timer);
      resolve(times);
    });
  });
}

/** The median, and the least and the greatest. */
function middle(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${Math.round(sorted[RUNS >> 1])} ms (${Math.round(sorted[0])} to ${Math.round(sorted[RUNS - 1])})`;
}

async function measure(title: string): Promise<void> {
  for (const args of [['live'], []]) {
    const runs: StartTimes[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await startOnce(args));
    process.stdout.write(
      `${title}, ${['unfreed', ...args].join(' ')}: first line after ${middle(runs.map((run) => run.paintedMs))}, ` +
        `first report after ${middle(runs.map((run) => run.reportMs))}\n`,
    );
  }
}

await measure('idle');
const loops: ChildProcess[] = Array.from({ length: availableParallelism() }, () =>
  spawnChild('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
);
try {
  await measure(`${loops.length} busy loops`);
} finally {
  for (const loop of loops) loop.kill();
}
