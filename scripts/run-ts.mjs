// node scripts/run-ts.mjs FILE.ts [ARG...]: bundles a TypeScript program of this repository and
// runs it. Options for node itself (--expose-gc) stand before: node --expose-gc scripts/run-ts.mjs
// FILE.ts
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node scripts/run-ts.mjs FILE.ts [ARG...]');
  process.exit(2);
}
const root = new URL('..', import.meta.url).pathname;
// Below node_modules, so that packages outside the bundle are found. The bundle keeps the name of
// the program, so that a stack trace shows it. No program may depend on that name:
// test/scripts.test.ts.
const program = basename(file).replace(/\.tsx?$/, '.mjs');
// The program handles Ctrl-C and ends by itself; the bundle is then removed below.
process.on('SIGINT', () => undefined);
const directory = mkdtempSync(join(root, 'node_modules', '.run-ts-'));
let status = 1;
try {
  const bundle = await rolldown({
    // The program, and beside it the threads that it may start; see build.mjs.
    input: {
      [program]: resolve(file),
      'worker.js': join(root, 'src/session/screen/worker.ts'),
      'decode-thread.js': join(root, 'src/recording/threads/entry.ts'),
    },
    platform: 'node',
    external: ['react-devtools-core', 'rolldown', /^vitest/],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'warn',
  });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  await bundle.write({ dir: directory, format: 'esm', entryFileNames: '[name]', sourcemap: true });
  await bundle.close();
  const run = spawnSync(process.execPath, [...process.execArgv, join(directory, program), ...args], {
    stdio: 'inherit',
  });
  status = run.status ?? 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(status);
