import { expect, it } from 'vitest';
import { ImageTable } from '../../../src/pair/processes/image-table.js';

it('knows images by their numbers, and is bounded', () => {
  const table = new ImageTable();
  table.take({ number: 3, buildId: 'ab', path: '/usr/lib/libc.so.6' });
  table.take({ number: 3, buildId: 'ab', path: '/usr/lib/libc.so.6' });
  for (const number of [0, 2 ** 22, 1.5, Number.NaN]) table.take({ number, buildId: '', path: 'x' });
  expect(table.all()).toEqual([{ number: 3, buildId: 'ab', path: '/usr/lib/libc.so.6' }]);
  expect([table.get(3)?.path, table.get(4)]).toEqual(['/usr/lib/libc.so.6', null]);
  const path = 'x'.repeat(4096);
  for (let number = 4; number < 70_000; number++) table.take({ number, buildId: '', path });
  expect(table.size).toBe(65_536);
  expect(table.all().reduce((sum, image) => sum + image.path.length, 0)).toBeLessThanOrEqual(2 ** 24);
  expect(ImageTable.restore(JSON.parse(JSON.stringify(table.save())))?.save()).toEqual(table.save());
});

it.each([null, [1], [{ number: 1, buildId: '' }], [{ number: 0, buildId: '', path: '' }]])(
  'is not restored from %j',
  (saved) => {
    expect(ImageTable.restore(saved)).toBeNull();
  },
);
