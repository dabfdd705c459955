import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll } from 'vitest';

/**
 * Builds the decode thread's program for the tests of a file, which run the sources. Returns a
 * function for its URL.
 */
export function decodeThreadProgram(): () => URL {
  const root = new URL('../..', import.meta.url).pathname;
  let directory = '';
  beforeAll(async () => {
    // Below node_modules, so that packages left outside the bundle are found.
    directory = mkdtempSync(join(root, 'node_modules', '.decode-thread-'));
    const input = { 'decode-thread': join(root, 'src/recording/threads/entry.ts') };
    const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
    await bundle.write({ dir: directory, format: 'esm', entryFileNames: '[name].mjs' });
    await bundle.close();
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return () => pathToFileURL(join(directory, 'decode-thread.mjs'));
}
