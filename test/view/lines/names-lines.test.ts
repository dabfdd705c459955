import { expect, it } from 'vitest';
import { rowNames } from '../../../src/rank/report/row-names.js';
import { emptyThing } from '../../../src/things/thing.js';
import { namesLines } from '../../../src/view/lines/names-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';

const FILE = { ...emptyThing('file'), fs: 'tmpfs', mount: '/dev/shm' };
const LOOKED = {
  stackId: 1,
  allocator: 0,
  looked: 256,
  lookedBytes: 1 << 20,
  known: 250,
  knownBytes: 1 << 19,
  timeNs: 0,
};

function texts(paths: readonly string[], width: number, rowBytes = 1 << 28): string[] {
  const things = paths.map((path) => ({ thing: { ...FILE, path }, different: 1, count: 125, bytes: 1 << 18 }));
  return namesLines(rowNames({ ...LOOKED, things }), rowBytes, width).map(lineText);
}

it('is a line for each thing, and what of the sample is not known', () => {
  expect(texts(['/dev/shm/a', '/dev/shm/b'], 60).map((line) => line.trimEnd())).toEqual([
    'BELONGS TO',
    '   ~64.0 MiB    25%  /dev/shm/a (tmpfs on /dev/shm)',
    '   ~64.0 MiB    25%  /dev/shm/b (tmpfs on /dev/shm)',
    '  of 256 looked at, 1.00 MiB, of 6 nothing is known',
  ]);
  // All of it was looked at.
  expect(texts(['/dev/shm/a'], 60, 1 << 20)[1]).toBe('     256 KiB    25%  /dev/shm/a (tmpfs on /dev/shm)');
  expect(namesLines(undefined, 4096, 60)).toEqual([]);
  // Nothing is known of any of the sample.
  expect(texts([], 60)).toEqual([]);
});

it('has no figures for the devices of a module', () => {
  const thing = { ...emptyThing('device'), path: 'pci 0000:00:1f.6 eth0' };
  const lines = namesLines(rowNames({ ...LOOKED, things: [{ thing, different: 1, count: 0, bytes: 0 }] }), 4096, 60);
  expect(lineText(lines[1])).toBe(`${' '.repeat(21)}device pci 0000:00:1f.6 eth0`);
});

it.each([30, 60, 120])('stays within %i columns with any names, and keeps both ends of a long path', (width) => {
  const lines = texts([...HOSTILE_NAMES, `/start/${'deep/'.repeat(200)}end`], width);
  for (const line of lines) {
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(lineWidth([[line]])).toBeLessThanOrEqual(width);
  }
  if (width > 60) expect(lines.at(-2)).toMatch(/\/start\/deep.*….*end \(tmpfs on \/dev\/shm\)$/);
});
