import { expect, it } from 'vitest';
import { SymbolTable } from '../../src/symbols/symbol-table.js';

it('finds the latest name of an address, and moves its version', () => {
  const symbols = new SymbolTable();
  expect(symbols.find(1, 2)).toBeNull();
  const entry = { addressHi: 0xffffffff, addressLo: 0x81000010, symbol: 'foo', offset: 16, module: null };
  symbols.add(entry);
  expect(symbols.find(0xffffffff, 0x81000010)).toEqual({ symbol: 'foo', offset: 16, module: null });
  const { version } = symbols;
  symbols.add({ ...entry, symbol: 'bar', module: 'usb' });
  expect(symbols.version).not.toBe(version);
  expect(symbols.find(0xffffffff, 0x81000010)).toEqual({ symbol: 'bar', offset: 16, module: 'usb' });
  expect(symbols.find(0xffffffff, 0x81000011)).toBeNull();
});

it('cuts names at 512 characters', () => {
  const symbols = new SymbolTable();
  symbols.add({ addressHi: 0, addressLo: 1, symbol: 'x'.repeat(1e5), offset: 0, module: 'm'.repeat(1e5) });
  expect(symbols.find(0, 1)?.symbol).toHaveLength(512);
  expect(symbols.find(0, 1)?.module).toHaveLength(512);
});
