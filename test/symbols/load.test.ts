import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadKallsyms } from '../../src/symbols/load.js';

it('reads a saved symbol table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unfreed-'));
  try {
    await writeFile(join(folder, 'kallsyms'), 'ffffffff81000000 T _stext\nffffffff81000100 t next\n');
    const table = await loadKallsyms(join(folder, 'kallsyms'));
    expect(table.resolve(0xffffffff, 0x81000004)).toEqual({ symbol: '_stext', offset: 4, module: null });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('reads the symbol table of this machine', async () => {
  const table = await loadKallsyms();
  expect(table.malformedLines).toBe(0);
  expect(table.hidden || table.size > 1000).toBe(true);
  if (table.hidden) return;
  const place = table.locate('kfree', 4, null);
  expect(place).not.toBeNull();
  expect(table.resolve(place?.addressHi ?? 0, place?.addressLo ?? 0)).toMatchObject({ symbol: 'kfree', offset: 4 });
});
