import { describe, expect, it } from 'vitest';
import { parseKallsyms } from '../../src/symbols/kernel-symbols.js';

const parse = (text: string) => parseKallsyms(new TextEncoder().encode(text));

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('parseKallsyms', () => {
  const table = parse(
    [
      'ffffffff81000000 T _stext',
      'ffffffff81000100 t do_one_thing',
      'ffffffff81000180 W weak_thing',
      'ffffffff82000000 D some_data',
      'ffffffffc0000040 t later_in_module\t[leak_pages]',
      'ffffffffc0000000 t init_module\t[leak_pages]',
      '0000000000000000 A percpu_thing',
    ].join('\n'),
  );

  it('finds the function an address lies in', () => {
    expect(table.resolve(0xffffffff, 0x81000100)).toEqual({ symbol: 'do_one_thing', offset: 0, module: null });
    expect(table.resolve(0xffffffff, 0x8100017f)).toEqual({ symbol: 'do_one_thing', offset: 0x7f, module: null });
    expect(table.resolve(0xffffffff, 0x81000180)).toEqual({ symbol: 'weak_thing', offset: 0, module: null });
  });

  it('sorts modules that the kernel lists in their own order, and knows their names', () => {
    expect(table.resolve(0xffffffff, 0xc0000045)).toEqual({
      symbol: 'later_in_module',
      offset: 5,
      module: 'leak_pages',
    });
    expect(table.resolve(0xffffffff, 0xc0000010)).toEqual({ symbol: 'init_module', offset: 16, module: 'leak_pages' });
  });

  it('finds nothing below the first symbol or far behind the last', () => {
    expect(table.resolve(0xffffffff, 0x80ffffff)).toBeNull();
    expect(table.resolve(0, 0)).toBeNull();
    expect(table.resolve(0xffffffff, 0xc0200000)).toBeNull();
    expect(parse('').resolve(1, 1)).toBeNull();
  });

  it('keeps only text symbols', () => {
    expect(table.size).toBe(5);
    expect(table.resolve(0xffffffff, 0x82000000)).toBeNull();
  });

  it('finds addresses by name, with and without the module', () => {
    expect(table.locate('do_one_thing', 0x12, null)).toEqual({ addressHi: 0xffffffff, addressLo: 0x81000112 });
    expect(table.locate('init_module', 1, 'leak_pages')).toEqual({ addressHi: 0xffffffff, addressLo: 0xc0000001 });
    expect(table.locate('init_module', 1, null)).toEqual({ addressHi: 0xffffffff, addressLo: 0xc0000001 });
    expect(table.locate('init_module', 1, 'other')).toBeNull();
    expect(table.locate('nowhere', 0, null)).toBeNull();
  });

  it('takes the namesake that is long enough for the offset', () => {
    const twins = parse('1000 t twin\n1010 t other\n2000 t twin\n2100 t end\n');
    expect(twins.locate('twin', 8, null)).toEqual({ addressHi: 0, addressLo: 0x1008 });
    expect(twins.locate('twin', 0x20, null)).toEqual({ addressHi: 0, addressLo: 0x2020 });
  });

  it('carries an address over the low word', () => {
    const edge = parse('00000001fffffff0 t edge\n');
    expect(edge.locate('edge', 0x20, null)).toEqual({ addressHi: 2, addressLo: 0x10 });
    expect(edge.resolve(2, 0x10)).toEqual({ symbol: 'edge', offset: 0x20, module: null });
  });

  it('of two names for one address takes the first, as the kernel does', () => {
    expect(parse('1000 T first\n1000 T alias\n').resolve(0, 0x1008)?.symbol).toBe('first');
  });

  it('says when the kernel hid the addresses', () => {
    const hidden = parse('0000000000000000 T _stext\n0000000000000000 t do_one_thing\n');
    expect(hidden).toMatchObject({ size: 0, hidden: true });
    expect(table.hidden).toBe(false);
  });

  it('counts lines that are no symbols and goes on', () => {
    const hostile = [
      'not a symbol',
      '1000 t',
      '1000 t ',
      '10000000000000000 t seventeen_digits',
      '1000tname',
      `1000 t ${'x'.repeat(513)}`,
      '1000 t open\t[module',
      '\u001b[31m',
      '2000 t good',
    ].join('\n');
    expect(parse(hostile)).toMatchObject({ size: 1, malformedLines: 8 });
    expect(parse(hostile).resolve(0, 0x2001)?.symbol).toBe('good');
  });

  it('hands on hostile names unharmed, for the screen to make safe', () => {
    const hostile = parse('1000 t \u001b[2Jév\u0000il __proto__\t[constructor]\n2000 t __proto__\n');
    expect(hostile.resolve(0, 0x1000)).toEqual({
      symbol: '\u001b[2Jév\u0000il __proto__',
      offset: 0,
      module: 'constructor',
    });
    expect(hostile.locate('__proto__', 0, null)).toEqual({ addressHi: 0, addressLo: 0x2000 });
    expect(hostile.locate('toString', 0, null)).toBeNull();
  });

  it('survives being cut at every byte', () => {
    const whole = new TextEncoder().encode('ffffffffc0000040 t one\t[mod]\nffffffff81000100 T two\n');
    for (let end = 0; end <= whole.length; end++) {
      const cut = parseKallsyms(whole.subarray(0, end));
      expect(cut.size + cut.malformedLines).toBeLessThanOrEqual(2);
    }
  });

  it('agrees with a plain search over random tables', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seeded(seed);
      const rows = Array.from({ length: 200 }, (_, i) => ({
        address: (BigInt(Math.floor(random() * 4)) << 32n) | BigInt(Math.floor(random() * 4096) + 1),
        name: `f${i}`,
      }));
      const table2 = parse(rows.map((row) => `${row.address.toString(16)} t ${row.name}`).join('\n'));
      for (let probe = 0; probe < 50; probe++) {
        const hi = Math.floor(random() * 4);
        const lo = Math.floor(random() * 5000);
        const address = (BigInt(hi) << 32n) | BigInt(lo);
        let best: { address: bigint; name: string } | null = null;
        for (const row of rows) {
          if (row.address <= address && (best === null || row.address > best.address)) best = row;
        }
        const far = best === null || address - best.address >= 1n << 20n;
        expect(table2.resolve(hi, lo)?.symbol ?? null, `seed ${seed}`).toBe(far ? null : best?.name);
      }
    }
  });
});
