import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * Makes a directory for the tests of a file and removes it afterwards. Returns a function for the
 * path of a file in it, which writes the file if it gets content.
 */
export function scratch(): (name: string, content?: Uint8Array | string) => string {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'unfreed-test-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return (name, content) => {
    const path = join(directory, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
}
