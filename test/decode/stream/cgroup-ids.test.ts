import { expect, it } from 'vitest';
import { CgroupIds } from '../../../src/decode/stream/cgroup-ids.js';
import { NameTable } from '../../../src/event/tables/name-table.js';

/** The u64 of a number, as the stream has it. */
function id(number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number), true);
  return bytes;
}

it('a cgroup keeps its path after its end, until its number is used again', () => {
  const table = new NameTable(100);
  const ids = new CgroupIds(table);
  const nameOf = (number: number): string => table.name(ids.entry(id(number), 0, 8));
  ids.define(id(7), 0, '/ci/1');
  expect(nameOf(7)).toBe('7:/ci/1');
  expect(ids.remove(id(7), 0)).toBe('7:/ci/1');
  // Its last tasks may be named later.
  expect(nameOf(7)).toBe('7:/ci/1');
  ids.define(id(7), 0, '/ci/2');
  expect(nameOf(7)).toBe('7:/ci/2');
  expect(ids.remove(id(8), 0)).toBe('');
});

it('300,000 cgroups that come and go leave room for those that stay', () => {
  const table = new NameTable(65_535);
  const ids = new CgroupIds(table);
  ids.define(id(1), 0, '/');
  for (let number = 2; number < 300_000; number++) {
    ids.define(id(number), 0, `/ci/${number % 100}`);
    ids.remove(id(number), 0);
  }
  ids.define(id(400_000), 0, '/late');
  const nameOf = (number: number): string => table.name(ids.entry(id(number), 0, 8));
  expect(nameOf(1)).toBe('1:/');
  expect(nameOf(400_000)).toMatch(/:\/late$/);
});
