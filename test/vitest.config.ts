import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/**
 * Ends a hang; no slow or busy machine takes so long. Longer than one wait within a test
 * (test/helpers/patience.ts), whose error names the condition it waited for.
 */
const HANG_MS = 180_000;

/** Unit tests that together take half as long as all others (npm run test:long). */
const LONG = [
  'test/bpf/preload/paths.test.ts',
  'test/bpf/process/hostile.test.ts',
  'test/bpf/stream.test.ts',
  'test/cli/ascii.test.ts',
  'test/cli/at.test.ts',
  'test/cli/bad-input.test.ts',
  'test/cli/caches/top-caches.test.ts',
  'test/cli/census/census.test.ts',
  'test/cli/completion/real-shells.test.ts',
  'test/cli/coverage.test.ts',
  'test/cli/diff.test.ts',
  'test/cli/dumps.test.ts',
  'test/cli/export.test.ts',
  'test/cli/hostile.test.ts',
  'test/cli/import.test.ts',
  'test/cli/marks/events.test.ts',
  'test/cli/odd-texts.test.ts',
  'test/cli/output.test.ts',
  'test/cli/recordings.test.ts',
  'test/cli/rules.test.ts',
  'test/cli/triage-recording.test.ts',
  'test/cli/usage.test.ts',
  'test/decode/dump/damaged.test.ts',
  'test/decode/text-decoders.test.ts',
  'test/decode/text/cut-lines.test.ts',
  'test/decode/transit/transit.test.ts',
  'test/export/hostile.test.ts',
  'test/export/long-output.test.ts',
  'test/rank/groups/planted-findings.test.ts',
  'test/rank/rows/suspicion.test.ts',
  'test/rank/verdict/planted-leaks.test.ts',
  'test/rank/verdict/shapes.test.ts',
  'test/rank/verdict/shares.test.ts',
  'test/rank/verdict/verdict.test.ts',
  'test/readme.test.ts',
  'test/recording/damage.test.ts',
  'test/recording/files/rotation.test.ts',
  'test/recording/files/spooled-recording.test.ts',
  'test/recording/round-trip.test.ts',
  'test/recording/threads/threaded-recording.test.ts',
  'test/recordings/growth.test.ts',
  'test/session/live/late-recording.test.ts',
  'test/session/replay/replay-driver.test.ts',
  'test/session/replay/replay-ring.test.ts',
  'test/session/replay/replay-spool.test.ts',
  'test/triage/hostile-texts.test.ts',
  'test/view/frames-replay.test.ts',
  'test/view/reducer/any-keys.test.ts',
  'test/view/reducer/held-order.test.ts',
  'test/view/start-screen.test.ts',
  'test/view/terminal/terminal-program.test.ts',
];

/**
 * Tests that run some of their seeds in npm test and all of them in npm run test:long
 * (test/helpers/seeds.ts).
 */
const ALL_CASES = [
  'test/pair/checkpoint/checkpoint.test.ts',
  'test/pair/live-ranges.test.ts',
  'test/pair/live-table.test.ts',
  'test/pair/pairing-model.test.ts',
  'test/pair/process-memory.test.ts',
  'test/pair/processes/block-lists.test.ts',
  'test/rank/groups/group-model.test.ts',
  'test/rank/rank-model.test.ts',
  'test/rank/trust/sample-estimate.test.ts',
  'test/recording/mutation.test.ts',
  'test/recording/processes.test.ts',
  'test/recording/files/parted-recording.test.ts',
  'test/view/reducer/any-keys.test.ts',
  'test/view/replay-screens.test.ts',
];

/** Live tests that last: slow leaks, rings, rights, every mode, and much memory that moves (npm run test:live-long). */
const LIVE_LONG = [
  'test/live/bpftrace.test.ts',
  'test/live/census/beside-trace.test.ts',
  'test/live/census/holders.test.ts',
  'test/live/census/orphans.test.ts',
  'test/live/census/processes.test.ts',
  'test/live/census/run.test.ts',
  'test/live/census/screen.test.ts',
  'test/live/census/types.test.ts',
  'test/live/contiguous.test.ts',
  'test/live/gone.test.ts',
  'test/live/heap/heap.test.ts',
  'test/live/held-by-reference.test.ts',
  'test/live/intervals.test.ts',
  'test/live/limits.test.ts',
  'test/live/loads.test.ts',
  'test/live/marks/marks.test.ts',
  'test/live/modes.test.ts',
  'test/live/moved-pages.test.ts',
  'test/live/recordings.test.ts',
  'test/live/removed-cgroups.test.ts',
  'test/live/rights.test.ts',
  'test/live/side-by-side.test.ts',
  'test/live/spaces/command-heap.test.ts',
  'test/live/triage/next-commands.test.ts',
  'test/live/triage/old-tools.test.ts',
  'test/live/triage/plants.test.ts',
  'test/live/verdicts.test.ts',
  'test/live/zram.test.ts',
];

const ROOT = new URL('..', import.meta.url).pathname;
for (const file of [...LONG, ...ALL_CASES, ...LIVE_LONG]) {
  // A file that was moved would never run, or never with all of its seeds.
  if (!existsSync(`${ROOT}${file}`)) throw new Error(`test/vitest.config.ts: there is no ${file}`);
}

/**
 * Of the projects of unit tests. The files of a worker share its modules, which are loaded once and not for each file: that
 * was half of the time. So a test must leave nothing behind in a module. One worker for each CPU; the default leaves one idle,
 * which is half of a machine with two.
 */
const SHARED = { isolate: false, maxWorkers: '100%', testTimeout: HANG_MS, hookTimeout: HANG_MS };

/** Of the projects that trace this machine. */
const LIVE = {
  fileParallelism: false,
  // A CI machine does other things too, and a tracer sees them all. Tests that pass only at a second
  // try are reported.
  retry: process.env['CI'] === 'true' ? 1 : 0,
  testTimeout: HANG_MS,
  hookTimeout: HANG_MS,
};

/**
 * Five projects. `unit` touches no kernel and runs in parallel. `live` traces this machine: one
 * file at a time, one test at a time, because a tracer sees the whole machine. `long` are unit
 * tests, and all seeds of unit tests, and `live-long` live tests, that would make npm test last more
 * than five minutes. `slow` takes long or needs other programs (npm run test:slow).
 */
export default defineConfig({
  root: ROOT,
  test: {
    provide: { allCases: false },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/live/**', 'test/slow/**', ...LONG],
          ...SHARED,
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          exclude: LIVE_LONG,
          ...LIVE,
        },
      },
      {
        extends: true,
        test: {
          name: 'live-long',
          include: LIVE_LONG,
          ...LIVE,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: [...LONG, ...ALL_CASES],
          provide: { allCases: true },
          ...SHARED,
        },
      },
      {
        extends: true,
        test: { name: 'slow', include: ['test/slow/**/*.test.ts'], testTimeout: HANG_MS, hookTimeout: HANG_MS },
      },
    ],
  },
});
