import { defineConfig } from 'vitest/config';

/**
 * Three projects. `unit` touches no kernel and runs in parallel. `live` traces this machine: one file at a time, one test
 * at a time, for a tracer sees the whole machine. `slow` takes long or needs other programs (npm run test:slow).
 */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/live/**', 'test/slow/**'],
          // One for each CPU; the default leaves one idle, which of two is half of the time.
          maxWorkers: '100%',
          // Against a hang, not against a slow or busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          fileParallelism: false,
          // A CI machine does other things too, and a tracer sees them all. What passes only at a second try is said.
          retry: process.env['CI'] === 'true' ? 1 : 0,
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        extends: true,
        test: { name: 'slow', include: ['test/slow/**/*.test.ts'], testTimeout: 90_000, hookTimeout: 90_000 },
      },
    ],
  },
});
