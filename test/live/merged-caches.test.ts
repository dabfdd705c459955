/** A slab cache that this kernel merged is shown by the name of what is in it, beside the name that events give. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { mergedCaches } from '../../src/proc/slab-aliases.js';
import { unfreed } from '../helpers/cli.js';
import { through } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';

const it = modeIt(import.meta.url);
const SLAB = '/sys/kernel/slab';
/** So many that some are in a sample too. */
const PAIRS = '300';

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

/** The names that share the cache of stream sockets, as the kernel lists them; the name alone where none does. */
function namesOfUnix(): string[] {
  const aliases = readdirSync(SLAB)
    .filter((name) => lstatSync(join(SLAB, name)).isSymbolicLink())
    .map((name) => ({ name, target: readlinkSync(join(SLAB, name)) }));
  return mergedCaches(aliases).find((names) => names.includes('UNIX-STREAM')) ?? ['UNIX-STREAM'];
}

it('as it is traced, and in the recording', async () => {
  const names = namesOfUnix();
  const path = join(directory, 'sockets.unfreed');
  const load = await Load.start('hold-sockets', PAIRS, '--kind', 'unix');
  const { run, report, settleHeld, stop } = await startTrace(path);
  await load.go();
  await settleHeld();
  const held = through(report(), 'kmem_cache_alloc', 'sk_prot_alloc', 'hold-sockets');
  expect(held.length).toBeGreaterThan(0);
  const shown = new Set(held.flatMap(({ caches }) => caches));
  expect(run.pipeline.core.hostFacts.mergedCaches.find((group) => group.includes('UNIX-STREAM')) ?? [names[0]]).toEqual(
    names,
  );
  const unix = names.filter((name) => name.startsWith('UNIX'));
  const others = names.filter((name) => !unix.includes(name));
  // Never the name of another cache alone: that is what the kernel's event says.
  for (const label of shown) {
    expect(label.split(' (merged with ')[0]).toBe(unix.join(' or '));
    if (others.length > 0) expect(others.some((name) => label.includes(` (merged with ${name}`))).toBe(true);
  }
  await stop();
  await load.stop();
  const top = await unfreed(['top', path, '--group', 'cache', '--cache', 'UNIX-STREAM', '--comm', 'hold-sockets']);
  expect(top.stdout).toContain([...shown][0]);
});
