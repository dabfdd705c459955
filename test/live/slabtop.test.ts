/** The figures of `top --caches` beside those of slabtop on this machine, of the caches that stood still meanwhile. */
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatBytes, formatCount } from '../../src/base/format.js';
import { requireRoot } from '../helpers/live.js';

beforeAll(requireRoot);

const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;

const lines = (): Set<string> => new Set(readFileSync('/proc/slabinfo', 'utf8').split('\n').slice(2));

/** Names of the caches whose line did not change while `run` ran. */
async function standing<Result>(run: () => Promise<Result>): Promise<{ result: Result; still: Set<string> }> {
  const before = lines();
  const result = await run();
  const after = lines();
  const names = [...before].filter((line) => after.has(line)).map((line) => line.split(' ')[0]);
  return { result, still: new Set(names) };
}

describe('top --caches', () => {
  it('has the columns of slabtop -o, without a trace', async () => {
    const { result, still } = await standing(async () => {
      const theirs = await execa('slabtop', ['-o', '-s', 'n'], { env: { LC_ALL: 'C' } });
      const ours = await execa('node', [MAIN, 'top', '--caches', '--sort', 'n', '-n', '1000']);
      return { theirs: theirs.stdout, ours: ours.stdout };
    });
    const rows = new Map(result.ours.split('\n').map((line) => [line.split('  ').at(-1) ?? '', line]));
    let compared = 0;
    for (const line of result.theirs.split('\n').slice(7)) {
      const [total, active, use, , slabs, perSlab, size, name] = line.trim().split(/\s+/);
      if (!still.has(name)) continue;
      const row = rows.get(name) ?? '';
      const [, ourActive, ourTotal, ourUse, , ourSlabs, ourPerSlab, ourSize] =
        /^ *([\d,]+) +([\d,]+) +(\d+%) +([\d.]+ \S+) +([\d,]+) +([\d,]+) +([\d.]+ \S+) /.exec(row) ?? [];
      expect([ourTotal, ourActive, ourUse, ourSlabs, ourPerSlab, ourSize], `${name}: ${row}`).toEqual([
        formatCount(Number(total)),
        formatCount(Number(active)),
        use,
        formatCount(Number(slabs)),
        formatCount(Number(perSlab)),
        formatBytes(Number(size.slice(0, -1)) * 1024),
      ]);
      compared++;
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('says in one line what stands above the list of slabtop', async () => {
    const ours = await execa('node', [MAIN, 'top', '--caches']);
    const { stdout } = await execa('slabtop', ['-o'], { env: { LC_ALL: 'C' } });
    const theirs = /Caches \(% used\) +: (\d+) \/ (\d+)/.exec(stdout) ?? [];
    // A cache may get its first object in between.
    const [, all, used] = /^(\d+) caches, (\d+) with objects;/m.exec(ours.stdout) ?? [];
    expect(Math.abs(Number(all) - Number(theirs[2]))).toBeLessThan(3);
    expect(Math.abs(Number(used) - Number(theirs[1]))).toBeLessThan(5);
  });
});
