/** The record commands that findings recommend run on this machine, and what they recommend next reads the recording. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MAIN } from '../../helpers/cli.js';
import { requireRoot } from '../../helpers/live.js';
import { allFindings } from '../../helpers/next-commands.js';

const folder = mkdtempSync(join(tmpdir(), 'unfreed-next-'));
beforeAll(() => {
  requireRoot();
  // As it is called where it is installed.
  writeFileSync(join(folder, 'unfreed'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(folder, 'unfreed'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command in a shell, in a folder of its own. */
async function run(command: string): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  const env = { PATH: `${folder}:${process.env.PATH ?? ''}` };
  return await execa('sh', ['-c', command], { cwd: folder, env, reject: false, stdin: 'ignore', timeout: 120_000 });
}

it('records as each finding says, for two seconds, and reads it', async () => {
  // One of each set of allocators, and the command that reads it.
  const pairs = new Map<string, string[]>();
  for (const { next } of await allFindings()) {
    const record = next.find((text) => text.startsWith('unfreed record'));
    const allocator = /--allocator (\S+)/.exec(record ?? '')?.[1];
    const read = next.find((text) => text.startsWith('unfreed top') && text.includes('.unfreed'));
    if (record === undefined || allocator === undefined) continue;
    if (pairs.get(allocator)?.[1] === undefined) pairs.set(allocator, read === undefined ? [record] : [record, read]);
  }
  expect([...pairs.keys()].toSorted()).toEqual(expect.arrayContaining(['page', 'percpu', 'slab', 'vmalloc,percpu']));
  for (const [record, read] of pairs.values()) {
    const short = record.replace(/--duration \S+/, '--duration 2s').replace('unfreed record', 'unfreed record --force');
    const recorded = await run(short);
    expect([short, recorded.exitCode, recorded.stderr]).toEqual([short, 0, recorded.stderr]);
    if (read === undefined) continue;
    const answer = await run(read);
    expect([read, answer.exitCode, answer.stderr]).toEqual([read, 0, answer.stderr]);
    expect(answer.stdout).toContain('RAM ');
  }
});
