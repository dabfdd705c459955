import { expect, it } from 'vitest';
import { parseSpaces, SPACE_COLUMNS } from '../../../src/proc/process/spaces.js';

const HEAD = `# number pid ${SPACE_COLUMNS.join(' ')}`;

it('reads a line a process', () => {
  const text = `${HEAD}\n1 4711 432512 19904 11000 8904 0 0 19904 1200 3 10240 8 4\n3 4712 0 0 0 0 0 0 0 0 0 0 0 0\n`;
  const found = parseSpaces(text);
  expect(found.map(({ number, pid }) => [number, pid])).toEqual([
    [1, 4711],
    [3, 4712],
  ]);
  expect(SPACE_COLUMNS.map((name) => found[0][name])).toEqual([
    432512, 19904, 11000, 8904, 0, 0, 19904, 1200, 3, 10240, 8, 4,
  ]);
});

it('goes by the names of the columns: others are passed over, missing ones are not known', () => {
  expect(parseSpaces('# pid later_kb number rss_kb\n7 99 2 5')).toMatchObject([
    { number: 2, pid: 7, rss_kb: 5, minflt: -1 },
  ]);
});

it.each([
  ['', 0],
  ['1 2 3', 0],
  [HEAD, 0],
  [`${HEAD}\n0 1 2\n65536 1 2\nx 1\n-1 1\n1.5 2\n`, 0],
  [`${HEAD}\n1 x\n\n\n`, 0],
  [`${HEAD}\n1 2 99999999999999999999 -5 0x10\n`, 1],
])('of %j it reads what can be read', (text, count) => {
  const found = parseSpaces(text);
  expect(found).toHaveLength(count);
  for (const process of found) for (const name of SPACE_COLUMNS) expect(process[name]).toBe(-1);
});

it('reads at most 65,535 processes', () => {
  const lines = Array.from({ length: 70_000 }, (_, i) => `${1 + (i % 60_000)} 5`);
  expect(parseSpaces([HEAD, ...lines].join('\n'))).toHaveLength(65_535);
});
