/** The names of merged slab caches as the bpftrace collector reads them from a directory like /sys/kernel/slab. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cachesMergedHere } from '../../src/collect/bpftrace-host.js';
import { scratch } from '../helpers/scratch.js';

const place = scratch();

test('are those whose links lead to one directory', async () => {
  const slab = place('slab');
  mkdirSync(slab);
  mkdirSync(join(slab, ':A-0001152'));
  mkdirSync(join(slab, 'kmalloc-64'));
  writeFileSync(join(slab, 'file'), '');
  for (const name of ['UNIX', 'UNIX-STREAM', 'signal_cache']) symlinkSync(':A-0001152', join(slab, name));
  symlinkSync(':0000128', join(slab, 'uid_cache'));
  symlinkSync('../slab/:0000128', join(slab, 'odd \u001b[2J'));
  expect(await cachesMergedHere(slab)).toEqual([
    ['UNIX', 'UNIX-STREAM', 'signal_cache'],
    ['odd \u001b[2J', 'uid_cache'],
  ]);
});

test('are none where there is no such directory', async () => {
  expect(await cachesMergedHere('/nowhere/slab')).toEqual([]);
});
