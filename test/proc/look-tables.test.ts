import { describe, expect, it } from 'vitest';
import { cellNumber, tableRows, tableText } from '../../src/proc/look-tables.js';

describe('the tables of a look', () => {
  it('give back any name', () => {
    const names = ['a\tb', 'c\nd', 'back\\slash', '\\t', 'é\r', ''];
    const text = tableText(
      'table/limits',
      names.map((name) => [name, null, 5, 'files']),
    );
    const rows = tableRows('table/limits', text);
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows[0]).toEqual({ name: 'a\tb', used: '', max: '5', unit: 'files', holder: '' });
  });

  it('are read by the names of their columns, whatever their order', () => {
    expect(tableRows('table/census', 'what\tnew\tcache\nfiles\tx\tfilp\n')).toEqual([
      { cache: 'filp', counted: '', what: 'files' },
    ]);
  });

  it('are empty where there is no text, and skip a line that is too long', () => {
    expect(tableRows('table/census', undefined)).toEqual([]);
    expect(tableRows('table/census', `cache\tcounted\twhat\n${'x'.repeat(70_000)}\nfilp\t1\t\n`)).toHaveLength(1);
  });

  it('have numbers only where a cell is one', () => {
    expect(['12', '-3', '1.5', '', '1e3', '99999999999999999', 'NaN'].map(cellNumber)).toEqual([
      12,
      -3,
      1.5,
      null,
      null,
      null,
      null,
    ]);
  });
});
