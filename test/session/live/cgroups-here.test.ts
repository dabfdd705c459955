import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CgroupsHere } from '../../../src/session/live/cgroups-here.js';

const mount = mkdtempSync(join(tmpdir(), 'unfreed-cgroups-here-'));
afterAll(() => rmSync(mount, { recursive: true }));

function cgroup(path: string, files: Record<string, string>): void {
  mkdirSync(join(mount, path), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(mount, path, name), text);
}

it.each([
  [2, ['memory.current', 'memory.max', 'memory.peak'], 'max'],
  [1, ['memory.usage_in_bytes', 'memory.limit_in_bytes', 'memory.max_usage_in_bytes'], '9223372036854771712'],
] as const)('reads version %i, not more often than every three seconds', (version, [current, max, peak], none) => {
  let now = 0;
  const here = new CgroupsHere(() => now, { mount, version, hierarchical: true });
  cgroup('a', { [current]: '100\n', [max]: `${none}\n`, [peak]: '300\n' });
  cgroup('a/b', { [current]: '50\n', [max]: '60\n' });
  const read = (): unknown[] => [...here.accounts(['/a', '/a/b', '/gone', '/../../etc', 'cgroup 7'])];
  expect(read()).toEqual([
    ['/a', { current: 100, max: null, peak: 300 }],
    ['/a/b', { current: 50, max: 60, peak: null }],
  ]);
  writeFileSync(join(mount, 'a', current), '200\n');
  now = 2999;
  expect(here.accounts(['/a']).get('/a')?.current).toBe(100);
  now = 3000;
  expect(here.accounts(['/a']).get('/a')?.current).toBe(200);
});

it('says nothing where memory is not counted by cgroup', () => {
  expect(new CgroupsHere(() => 0, null).accounts(['/']).size).toBe(0);
});
