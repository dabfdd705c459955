import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

/** As perf 6.1 and Linux 5.10, 6.18 print them; addresses and sizes made so that every cut is another number. */
const PERF = [
  '            node 17059 [000]  1089.794994:            kmem:kfree: call_site=skb_release_data+0x16b ptr=0xffff8881cffdcc00',
  '            node 17059 [000]  1089.794995:          kmem:kmalloc: call_site=unix_alloc+0xb70 ptr=0xffff8881a266c000 bytes_req=5000 bytes_alloc=8192 gfp_flags=GFP_KERNEL node=-1 accounted=false',
  '            node 17059 [000]  1089.794996: kmem:kmem_cache_alloc: call_site=__d_alloc+0x2d ptr=0xffff8881ed693900 name=dentry bytes_req=192 bytes_alloc=208 gfp_flags=GFP_KERNEL node=-1 accounted=true',
  '            node 17059 [000]  1089.794997:  kmem:kmem_cache_free: call_site=do_sys_openat2+0x88 ptr=0xffff888118fa6000 name=names_cache',
  '            node 17059 [000]  1089.794998:    kmem:mm_page_alloc: page=0x13e9bd pfn=0x13e9bd order=10 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP',
  '            node 17059 [000]  1089.794999:     kmem:mm_page_free: page=0x13e9bd pfn=0x13e9bd order=10',
  '            node 17059 [000]  1089.795000: percpu:percpu_alloc_percpu: call_site=mm_init+0x2bf reserved=0 is_atomic=0 size=16 align=8 base_addr=0xffffe8ffffc00000 off=78032 ptr=0x60795bb0c0d0 bytes_alloc=64 gfp_flags=GFP_KERNEL',
  '            node 17059 [000]  1089.795001: percpu:percpu_free_percpu: base_addr=0xffffe8ffffc00000 off=78096 ptr=0x60795bb0c110',
  '            node 17059 [000]  1089.795002: vmalloc:alloc_vmap_area: va_start: 18446683600636837888 size=20480 align=16384 vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=0',
  '            node 17059 [000]  1089.795003: vmalloc:free_vmap_area_noflush: va_start=0xffffc90003fb8000 nr_lazy=3 nr_lazy_max=32768',
];
const OLD_PERCPU =
  '            node 17059 [000]  1089.795000: percpu:percpu_alloc_percpu: reserved=0 is_atomic=0 size=24 align=8 base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000';
const FTRACE = [
  '            bash-24569   [001] ..... 11036.620401: kmalloc: call_site=eventfs_set_attr+0x10d/0x140 ptr=0000000016b83355 bytes_req=6000 bytes_alloc=8192 gfp_flags=GFP_NOFS|__GFP_ZERO node=-1 accounted=false',
  '            bash-24569   [001] ..... 11036.620402: kfree: call_site=ida_alloc_range+0x39b/0x400 ptr=00000000bd41278c',
  '            bash-24569   [001] ..... 11036.620403: mm_page_alloc: page=00000000177cc8ce pfn=1661962 order=11 migratetype=2 gfp_flags=__GFP_RECLAIMABLE',
  '            bash-24569   [001] ..... 11036.620404: mm_page_free: page=00000000113c82d1 pfn=2326409 order=10',
  '            bash-24569   [001] ..... 11036.620405: percpu_free_percpu: base_addr=00000000519690e9 off=78096 ptr=00000000d1f66be0',
];
const FIELDS = [
  '            bash-24569   [001] ..... 11036.620401: kmalloc: call_site=a+0x10d/0x140 (-2120941331) ptr=0xffff8881205874c0 (-131386801883968) bytes_req=0x3cc (972) bytes_alloc=0x400 (1024) gfp_flags=0xd40 (3392) node=0xffffffff (-1)',
  '            bash-24569   [001] ..... 11036.620402: kfree: call_site=a+0x39b/0x400 (-2112078629) ptr=0xffff8881205874c0 (-131386801883968)',
  '            bash-24569   [001] ..... 11036.620403: mm_page_free: pfn=0x237f89 (2326409) order=0xa (10)',
  '            bash-24569   [001] ..... 11036.620403: mm_page_free: order=0xa (10) pfn=0x237f89 (2326409)',
];
const TEXTS: [name: string, format: 'perf-script' | 'ftrace', lines: string[]][] = [
  ['perf script', 'perf-script', PERF],
  ['perf script of 5.10', 'perf-script', [OLD_PERCPU, ...PERF.slice(0, 2)]],
  ['tracefs', 'ftrace', FTRACE],
  ['options/fields', 'ftrace', FIELDS],
];

/** An event without its time. */
function facts(event: string): string {
  return event.replace(/^\S+ /, '');
}

function read(format: 'perf-script' | 'ftrace', lines: string[], end = '\n') {
  const { events, decoder } = importText(format, lines.join('\n') + end);
  const { badLines, cutLines } = decoder.stats;
  return { events: events.map(facts), count: events.length, badLines, cutLines };
}

describe('a cut line', () => {
  it.each(TEXTS)('gives no number that the whole line does not have, wherever it is cut: %s', (_, format, lines) => {
    const whole = new Set(read(format, lines).events);
    expect(whole.size).toBeGreaterThanOrEqual(3);
    for (const [at, line] of lines.entries()) {
      const others = lines.filter((_other, index) => index !== at);
      for (let column = line.indexOf(': ') + 2; column < line.length; column++) {
        const cut = line.slice(0, column);
        const isAtEnd = column % 2 === 0;
        // The order of a page free, cut in one line alone, is the one number that nothing shows to be cut.
        if (!isAtEnd && cut.endsWith('order=1')) continue;
        const text = isAtEnd ? [...others, cut] : [...lines, cut, ...others];
        const { events, badLines } = read(format, text, isAtEnd ? '' : '\n');
        expect({ cut, strange: events.filter((event) => !whole.has(event)) }).toEqual({ cut, strange: [] });
        expect(badLines).toBeLessThanOrEqual(1);
      }
    }
  });

  it.each(TEXTS)('gives none in a text that was cut at a column: %s', (_, format, lines) => {
    const whole = new Set(read(format, lines).events);
    for (let column = 70; column < 190; column++) {
      const text = lines.map((line) => line.slice(0, column));
      const { events } = read(format, [...text, ...text]);
      // Until a line is known to be cut there, a free of order 1 may be one of order 10: it frees nothing that was seen.
      const strange = events.filter((event) => !whole.has(event) && !/^mm_page_free \w+ 2$/.test(event));
      expect({ column, strange }).toEqual({ column, strange: [] });
    }
  });

  it('is counted, and named in the notes', () => {
    const { badLines, cutLines } = read('perf-script', [...PERF, PERF[1].slice(0, 142)]);
    expect({ badLines, cutLines }).toEqual({ badLines: 1, cutLines: 1 });
    const { host } = importText('perf-script', `${PERF[1].slice(0, 142)}\n${PERF[0]}\n`);
    expect(host.notes).toContain('1 line was not understood');
    expect(host.notes.join()).toContain('ends too early');
  });

  it('is not one whose number is no number', () => {
    const { badLines, cutLines } = read('perf-script', [PERF[0], PERF[1].replace('bytes_req=5000', 'bytes_req=x')]);
    expect({ badLines, cutLines }).toEqual({ badLines: 1, cutLines: 0 });
  });

  it('leaves the order of a page free alone where no line was cut, and doubts it where lines were', () => {
    const free = '  a 1 [000]  1.000001: kmem:mm_page_free: page=0x1 pfn=0x1 order=1';
    const long = '  a 1 [000]  1.000001: kmem:mm_page_alloc: page=0x1 pfn=0x123456 order=0 migr'.slice(0, free.length);
    expect(read('perf-script', [free, free])).toMatchObject({ badLines: 0, count: 2 });
    expect(read('perf-script', [long, free])).toMatchObject({ badLines: 2, cutLines: 2 });
    // A longer line shows that the first one was not cut at the width of a screen.
    expect(read('perf-script', [long, PERF[1], free])).toMatchObject({ badLines: 1, cutLines: 1 });
  });
});

describe('a whole line', () => {
  it.each(TEXTS)('is never lost because it ends in a number: %s', (_, format, lines) => {
    for (const line of lines) {
      expect({ line, ...read(format, [line]) }).toMatchObject({ line, badLines: 0, count: 1 });
      expect(read(format, [...lines, line])).toMatchObject({ badLines: 0 });
    }
  });

  it.each([
    ['the pointer of kmalloc(0)', '0x10'],
    ['NULL', '(nil)'],
    ['NULL with 0x', '0x0'],
    ['a 32-bit pointer', '0xc147dd20'],
  ])('may end in %s', (_, pointer) => {
    const line = `  a 1 [000]  1.000001: kmem:kfree: call_site=b+0x1 ptr=${pointer}`;
    expect(read('perf-script', [line])).toMatchObject({ badLines: 0, count: 1 });
  });

  it('may have a pointer of fewer digits, if the text has others of that length', () => {
    const alloc = PERF[1].replace('0xffff8881a266c000', '0x8a3f2000');
    const free = PERF[0].replace('0xffff8881cffdcc00', '0x8a3f2000');
    expect(read('perf-script', [alloc, free])).toMatchObject({ badLines: 0, count: 2 });
    expect(read('perf-script', [PERF[1], free])).toMatchObject({ badLines: 1, cutLines: 1 });
  });
});
