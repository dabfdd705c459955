/** unfreed diff of saved censuses: what `unfreed census A B` prints. */
import { afterEach, expect, it, vi } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { runDiff } from '../../src/cli/commands/diff.js';
import type { DiffFlags } from '../../src/cli/options/flags.js';
import { censusJson } from '../../src/export/census/census-json.js';
import { censusText } from '../../src/export/census/census-text.js';
import { scratch } from '../helpers/scratch.js';
import { firstCensus, shownCensus } from '../view/fixtures/census.js';

const RECORDING = new URL('../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;
const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
});

const FLAGS: DiffFlags = {
  sort: 'suspect',
  allocator: [],
  minSize: 0,
  older: 0,
  hide: [],
  category: [],
  gone: false,
  includeSelf: false,
  suppress: [],
  watch: [],
  force: false,
  frames: false,
  quiet: false,
  failIf: [],
};

async function printed(a: string, b: string, flags: Partial<DiffFlags> = {}): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += Buffer.from(part).toString('utf8');
    return true;
  });
  await runDiff([a, b], { ...FLAGS, ...flags });
  return text;
}

const saved = (): [string, string] => [
  file('a.json', censusJson(firstCensus())),
  file('b.json', censusJson(shownCensus())),
];

it('is the later one with its changes, in whatever order they are given', async () => {
  const [a, b] = saved();
  const named = { ...shownCensus(), machine: { ...shownCensus().machine, source: b } };
  expect(await printed(a, b)).toBe(censusText(named, { columns: 120, verbose: false }));
  expect(await printed(b, a)).toBe(await printed(a, b));
  const json = JSON.parse(await printed(a, b, { format: 'json' })) as { format: string; sinceSeconds: number };
  expect([json.format, json.sinceSeconds]).toEqual(['unfreed-census', 18]);
});

it('refuses what a census does not have', async () => {
  const [a, b] = saved();
  const refused = async (flags: Partial<DiffFlags>): Promise<string> => {
    const error: unknown = await printed(a, b, flags).catch((caught: unknown) => caught);
    return error instanceof UserError ? error.message : 'nothing was refused';
  };
  expect(await refused({ format: 'svg' })).toBe('svg draws call paths, and a census has no call paths');
  expect(await refused({ grep: 'x' })).toBe('what was given selects call paths, and a census has no call paths');
  expect(await refused({ from: 3 })).toContain('moments of a recording');
  await expect(printed(a, '-')).rejects.toThrow('censuses are compared as files');
});

it('beside a recording without a census says how one is made', async () => {
  const [a] = saved();
  await expect(printed(a, RECORDING)).rejects.toMatchObject({
    nextSteps: ['Make one that does: unfreed record --census, or press C in unfreed live --record FILE.'],
  });
});
