/** `unfreed census` on files: shown, subtracted, written in each format, refused. The live census is in test/live/census. */
import { readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeCensus } from '../../../src/census/judge-census.js';
import { parseCensus } from '../../../src/census/parse-census.js';
import { censusJson } from '../../../src/export/census/census-json.js';
import { unfreed } from '../../helpers/cli.js';
import { holder, link, RAW_CENSUS, rawCensus } from '../../helpers/raw-census.js';
import { scratch } from '../../helpers/scratch.js';

const place = scratch();
const PIPES = [link('slab', 'kmalloc-cg-1k', 'anon_pipe_buf_release')];

function saved(timeMs: number, pages: number): string {
  const census = parseCensus(rawCensus({ holders: [holder('unaccounted', pages, PIPES, 1)] }));
  if (census === null) throw new Error('no census');
  return censusJson(judgeCensus({ source: 'this machine', timeMs, census, possessions: [] }));
}

beforeAll(() => {
  place('monday.json', saved(1_000_000, 100));
  place('friday.json', saved(1_600_000, 1100));
});

describe('censuses of files', () => {
  it('shows one, and of two what grew, in whichever order they are given', async () => {
    const one = await unfreed(['census', place('monday.json')]);
    expect([one.code, one.stderr]).toEqual([0, '']);
    expect(one.stdout).toContain('full pipes; kmalloc-cg-1k{anon_pipe_buf_release}');
    expect(one.stdout).not.toContain('CHANGE');
    const two = await unfreed(['census', place('friday.json'), place('monday.json')]);
    expect(two.stdout).toMatch(/CHANGE is since 10m/);
    expect(two.stdout).toMatch(/1,100 {2}4\.30 MiB {2}\+1,000/);
  });

  it.each([
    ['json', (text: string) => JSON.parse(text) as unknown],
    ['csv', (text: string) => text.split('\r\n').length > 10],
    ['html', (text: string) => text.startsWith('<!doctype html>')],
    ['md', (text: string) => text.startsWith('## Census')],
    ['txt', (text: string) => text.startsWith('census of')],
  ])('writes .%s for its owner alone, and not over an older file', async (suffix, isIt) => {
    const path = place(`out.${suffix}`);
    const { code, stderr } = await unfreed(['census', place('monday.json'), '-o', path]);
    expect([code, stderr]).toEqual([0, '']);
    expect(isIt(readFileSync(path, 'utf8'))).toBeTruthy();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = await unfreed(['census', place('monday.json'), '-o', path]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('--force');
  });

  it('reads back what it wrote, and subtracts that', async () => {
    const path = place('again.json');
    await unfreed(['census', place('friday.json'), '-o', path]);
    const { stdout } = await unfreed(['census', place('monday.json'), path, '--json']);
    const { holders, sinceSeconds } = JSON.parse(stdout) as { holders: { deltaPages: number }[]; sinceSeconds: number };
    expect([holders[0]?.deltaPages, sinceSeconds]).toEqual([1000, 600]);
  });

  it.each([
    ['nothing', '', 1, 'is no census'],
    ['text', 'hello', 1, 'is no census'],
    ['cut', saved(1, 1).slice(0, 500), 1, 'is no census'],
    ['the raw form', JSON.stringify(RAW_CENSUS), 1, 'is no census'],
    ['a later version', saved(1, 1).replace('"version": 1', '"version": 2'), 1, 'is no census'],
  ])('refuses %s, and says how to make one', async (name, text, code, said) => {
    const { code: got, stderr, stdout } = await unfreed(['census', place(`bad-${name}`, text)]);
    expect([got, stdout]).toEqual([code, '']);
    expect(stderr).toContain(said);
    expect(stderr).toContain('unfreed census --format json -o');
  });

  it.each([['--quick'], ['--orphans'], ['--cache', 'dentry'], ['--budget', '10%']])(
    'refuses %s, which is of this machine',
    async (...flags) => {
      const { code, stderr } = await unfreed(['census', place('monday.json'), ...flags]);
      expect(code).toBe(2);
      expect(stderr).toContain(flags[0]);
    },
  );

  it('says what is wrong with a file that is not there, and with a name without a format', async () => {
    expect((await unfreed(['census', place('nowhere.json')])).stderr).toContain('no such file');
    expect((await unfreed(['census', place('monday.json'), '-o', place('x.zip')])).code).toBe(2);
  });

  it.each(['0.5%', '150%', 'much'])('refuses a budget of %s, which is no share of one CPU', async (budget) => {
    const { code, stderr } = await unfreed(['census', '--budget', budget]);
    expect(code).toBe(2);
    expect(stderr).toContain('a share of one CPU, 1% to 100%');
  });
});
