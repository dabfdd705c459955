import { expect, it } from 'vitest';
import { NameTable, OTHERS } from '../../../src/event/tables/name-table.js';
import { NAMES_LIMIT, TraceDictionary } from '../../../src/event/trace-dictionary.js';

it('gives each name an id of its own while there is room', () => {
  const table = new NameTable(100);
  const ids = ['a', 'b', 'a', ''].map((name) => table.intern(name));
  expect(ids).toEqual([1, 2, 1, 3]);
  expect([table.name(2), table.name(3), table.name(0), table.name(99)]).toEqual(['b', '', '', '']);
});

it('leaves no name without an id, however many there are, and keeps what comes late apart', () => {
  const { comms } = new TraceDictionary();
  for (let i = 0; i < 300_000; i++) {
    const id = comms.intern(`job-${i}`);
    if (id < 1 || id > NAMES_LIMIT) expect.unreachable(`${i} has id ${id}`);
  }
  expect(comms.size).toBeLessThan(NAMES_LIMIT);
  expect(comms.name(comms.intern('job-7'))).toBe('job-7');
  expect(comms.name(comms.intern('job-299999'))).toBe('job-#');
  expect(comms.name(comms.intern('late-leaker'))).toBe('late-leaker');
  expect(comms.name(comms.intern('kworker/3:1'))).toBe('kworker/#:#');
});

it('calls the rest others when families fill the table too, and never passes its limit', () => {
  const table = new NameTable(200);
  const named = Array.from({ length: 1000 }, (_, i) =>
    table.name(table.intern(`${String.fromCodePoint(0x4e00 + i)}x`)),
  );
  expect(named[0]).toBe('一x');
  expect(new Set(named.slice(0, 199)).size).toBe(199);
  expect(named.slice(199)).toEqual(Array.from({ length: 801 }, () => OTHERS));
  expect(table.size).toBe(200);
});

it('reads back what it wrote: names in the order of their ids have the same ids again', () => {
  const first = new NameTable(200);
  for (let i = 0; i < 500; i++) first.intern(`${String.fromCodePoint(97 + (i % 26))}${i}`);
  const again = new NameTable(200);
  for (let id = 1; id <= first.size; id++) expect(again.intern(first.name(id))).toBe(id);
});
