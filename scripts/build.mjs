// Bundles src/ into dist/: one entry for the command line, two for its threads. The first frame of
// the bundle comes in a third of the time that loose modules take.
import { chmodSync } from 'node:fs';
import { rolldown } from 'rolldown';

const root = new URL('..', import.meta.url).pathname;
const bundle = await rolldown({
  cwd: root,
  input: {
    main: 'src/main.ts',
    worker: 'src/session/screen/worker.ts',
    'decode-thread': 'src/recording/threads/entry.ts',
  },
  platform: 'node',
  // Only loaded by ink when DEV=true; not installed.
  external: ['react-devtools-core'],
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  logLevel: 'warn',
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  // Beside the entries: import.meta.url finds worker.js and ../recordings from every chunk.
  chunkFileNames: '[name]-[hash].js',
  banner: (chunk) => (chunk.name === 'main' && chunk.isEntry ? '#!/usr/bin/env node' : ''),
  sourcemap: true,
  cleanDir: true,
});
await bundle.close();
chmodSync(`${root}dist/main.js`, 0o755);
