import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A directory for the tests of this file, gone afterwards: gives the path of a file in it, written if there is content. */
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
