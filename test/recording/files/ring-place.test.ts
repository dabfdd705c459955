/** Whatever bears the name of a ring's part: nothing is deleted unless the ring can be written. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { openParts, partPaths } from '../../../src/recording/files/open-parts.js';
import { createRecording } from '../../../src/recording/files/recording-file.js';
import { createRing } from '../../../src/recording/files/recording-ring.js';
import { sampleRecording } from '../../helpers/recording-bytes.js';
import { SAMPLE_HOST } from '../../helpers/sample-trace.js';
import { scratch } from '../../helpers/scratch.js';

const scratchPath = scratch();
let directory = '';
let path = '';
let test = 0;

beforeEach(() => {
  directory = scratchPath(`ring-${test++}`);
  mkdirSync(directory);
  path = join(directory, 'x.unfreed');
  for (const name of [path, `${path}.000001`, `${path}.000002`])
    writeFileSync(name, sampleRecording(), { mode: 0o644 });
});

function ring(force = true): { close: () => void } {
  return createRing(path, { dictionary: new TraceDictionary(), force, maxBytes: 1e6, keep: 3 });
}

function names(): string[] {
  return readdirSync(directory).toSorted();
}

const OBSTACLES: readonly (readonly [string, (at: string) => void])[] = [
  ['a pipe', (at) => execFileSync('mkfifo', [at])],
  ['a folder', (at) => mkdirSync(at)],
  ['a link to a recording', (at) => symlinkSync('x.unfreed.000001', at)],
  ['a dangling link', (at) => symlinkSync('nowhere', at)],
  ['a link to a device', (at) => symlinkSync('/dev/zero', at)],
  ['a file of something else', (at) => writeFileSync(at, 'my thesis')],
];

describe('createRing', () => {
  it.each(OBSTACLES)('refuses %s with the name of a part, and deletes nothing', (_, make) => {
    make(`${path}.000003`);
    const before = names();
    expect(() => ring()).toThrow('x.unfreed.000003 is not a part of this recording');
    expect(names()).toEqual(before);
  });

  it.each(OBSTACLES.slice(0, 5))('refuses %s with its own name, and deletes nothing', (_, make) => {
    rmSync(path);
    make(path);
    const before = names();
    expect(() => ring()).toThrow(/is a (device or a pipe|folder|symbolic link)/);
    expect(names()).toEqual(before);
  });

  it('without force deletes nothing; with it, the parts of the earlier ring, and what is new is private', () => {
    rmSync(path);
    expect(() => ring(false)).toThrow('x.unfreed.000001 exists already, a part of an earlier recording');
    expect(names()).toHaveLength(2);
    writeFileSync(path, sampleRecording(), { mode: 0o644 });
    writeFileSync(`${path}.000007`, '');
    ring().close();
    expect(names()).toEqual(['x.unfreed']);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.geteuid?.() === 0)('refuses a directory in which nothing may be renamed', () => {
    chmodSync(directory, 0o555);
    const before = names();
    expect(() => ring()).toThrow('permission denied');
    expect(names()).toEqual(before);
    chmodSync(directory, 0o755);
  });
});

it('a ring ends, readable, before it would rename a part over what came meanwhile', () => {
  const made = createRing(path, { dictionary: new TraceDictionary(), force: true, maxBytes: 1000, keep: 3 });
  const errors: string[] = [];
  made.onError = (error) => errors.push(error.message);
  writeFileSync(`${path}.000001`, 'my thesis');
  made.fact({ type: 'host', facts: SAMPLE_HOST });
  for (let i = 0; i < 9; i++) {
    // Made: words that compress badly.
    const text = Array.from({ length: 200 }, (_, n) => Math.imul(n + i * 500, 2654435761).toString(36)).join(' ');
    made.fact({ type: 'counters', timeNs: i, source: 'vmstat', text });
    made.flush();
  }
  made.close();
  expect(errors).toEqual([`${path}.000001 is not a part of this recording, and has the name of one`]);
  expect(readFileSync(`${path}.000001`, 'utf8')).toBe('my thesis');
  expect(lstatSync(path).size).toBeGreaterThan(1000);
});

describe('readers', () => {
  it.each(OBSTACLES)('pass by %s with the name of a part', async (_, make) => {
    rmSync(`${path}.000001`);
    rmSync(`${path}.000002`);
    make(`${path}.000001`);
    const paths = await partPaths(path);
    expect(paths).toEqual([path]);
    const opened = await openParts(paths);
    for (const handle of opened.handles) handle.close();
  });
});

describe('createRecording', () => {
  it('replaces at once with force, and when it is whole where it is asked to', () => {
    const options = { dictionary: new TraceDictionary(), force: true };
    const before = readFileSync(path);
    const later = createRecording(path, { ...options, nameWhenWhole: true });
    later.sink.fact({ type: 'clock', timeNs: 5 });
    later.flush();
    expect(readFileSync(path).equals(before)).toBe(true);
    later.discard();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(names()).toHaveLength(3);
    const atOnce = createRecording(path, options);
    atOnce.flush();
    expect(readFileSync(path).equals(before)).toBe(false);
    atOnce.close();
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });
});
