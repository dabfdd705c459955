/** The lines are of Linux 6.18 unless said otherwise. */
import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

const TASK = '            bash-24569   [001] ..... 11036.620401: ';

function eventsOf(lines: string[]): { events: string[]; badLines: number; notes: string } {
  const text = lines.map((line) => `${line}\n`).join('');
  const { events, decoder, host } = importText('ftrace', text);
  expect(importText('ftrace', text, { chunkBytes: 7 }).events).toEqual(events);
  return { events, badLines: decoder.stats.badLines, notes: host.notes.join('; ') };
}

describe('options/fields', () => {
  const EVENTS = [
    '0us kmem_cache_alloc ffff888118fa0000 4096/4000 pid 24569 bash cache names_cache < getname_flags.part.0+0x24',
    '0us kfree 0 0',
    '0us mm_page_alloc 195c0a 2 pid 24569 bash',
    '0us mm_page_free 237f89 1',
    '0us percpu_alloc_percpu 60795bb0c0d0 32/16 pid 24569 bash < mm_init+0x2bf',
    '0us percpu_free_percpu 60795bb0c110 0',
    '0us alloc_vmap_area ffffc90003fb8000 5 pid 24569 bash',
  ];
  const FIELDS = [
    'kmem_cache_alloc: call_site=getname_flags.part.0+0x24/0x1f0 (-2123577916) ptr=0xffff888118fa0000 (-131386925514752) name=names_cache bytes_req=0xfa0 (4000) bytes_alloc=0x1000 (4096) gfp_flags=0xcc0 (3264) node=0xffffffff (-1) accounted=(0)',
    'kfree: call_site=ida_alloc_range+0x39b/0x400 (-2112078629) ptr=0x0 (0)',
    'mm_page_alloc: pfn=0x195c0a (1661962) order=0x1 (1) gfp_flags=0xd20d0 (860368) migratetype=0x2 (2)',
    'mm_page_free: pfn=0x237f89 (2326409) order=0x0 (0)',
    'percpu_alloc_percpu: call_site=mm_init+0x2bf/0x4d0 (-2127210481) reserved=(0) is_atomic=(0) size=0x10 (16) align=0x8 (8) base_addr=0xffffe8ffffc00000 (-25288771633152) off=0x130d0 (78032) ptr=0x60795bb0c0d0 (106074345619664) bytes_alloc=0x40 (64) gfp_flags=0xcc0 (3264)',
    'percpu_free_percpu: base_addr=0xffffe8ffffc00000 (-25288771633152) off=0x13110 (78096) ptr=0x60795bb0c110 (106074345619728)',
    'alloc_vmap_area: addr=0xffffc90003fb8000 (-60473072713728) size=0x5000 (20480) align=0x4000 (16384) vstart=0xffffc90000000000 (-60473139527680) vend=0xffffe8ffffffffff (-25288767438849) failed=0x0 (0)',
  ];

  it('reads numbers that are printed twice', () => {
    expect(eventsOf(FIELDS.map((line) => TASK + line))).toMatchObject({ events: EVENTS, badLines: 0 });
  });

  it('reads them in reverse, as Linux 6.4 prints them', () => {
    const reversed = FIELDS.map((line) => {
      const [name, rest] = line.split(/: (.*)/);
      const fields = rest.match(/\w+=(?:\(\S+\)|\S*(?: \(\S+\))?)/g) ?? [];
      return `${TASK}${name}: ${fields.toReversed().join(' ')}`;
    });
    expect(reversed[2]).toMatch(/migratetype=0x2 \(2\) .* pfn=0x195c0a \(1661962\)$/);
    expect(eventsOf(reversed)).toMatchObject({ events: EVENTS, badLines: 0 });
  });

  it('says that the kernel prints no stacks there', () => {
    const { badLines, notes } = eventsOf([TASK + FIELDS[2], `${TASK}UNKNOWN TYPE 4`]);
    expect(badLines).toBe(0);
    expect(notes).toContain('options/fields');
  });

  it('takes all ones for a failed page alloc', () => {
    const { events } = eventsOf([
      `${TASK}mm_page_alloc: pfn=0xffffffffffffffff (-1) order=0x9 (9) gfp_flags=0xd20d0 (860368) migratetype=0x2 (2)`,
    ]);
    expect(events).toEqual(['0us mm_page_alloc ffffffffffffffff 512 pid 24569 bash']);
  });
});

describe('latency-format', () => {
  const ALLOC =
    'kmalloc: call_site=eventfs_set_attr+0x10d/0x140 ptr=0000000016b83355 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_NOFS|__GFP_ZERO node=-1 accounted=false';
  const FREE = 'kfree: call_site=ida_alloc_range+0x39b/0x400 ptr=0000000016b83355';

  it.each([
    [
      'the kernel',
      '    bash-24569     1..... 11036620401us : ',
      '    bash-24569     1d..1. 11036620409us!: ',
      'bash',
      '8us',
    ],
    ['an older kernel', 'kworker/-4       0dNh2  123us+: ', 'kworker/-4       0d...  131us : ', 'kworker/', '8us'],
    ['a comm with a space', '  my prg-7       12..... 123us : ', '  my prg-7       12..... 131us$: ', 'my prg', '8us'],
    [
      'trace-cmd report -l',
      '    bash-24569   1.....  11036.620401: ',
      '    bash-24569   1.....  11036.620409: ',
      'bash',
      '8us',
    ],
    [
      'verbose',
      '            bash   24569   1 0 00000000 00000000 [291d57671] 11036620.401ms (+0.004ms): ',
      '            bash   24569   1 0 00000000 00000004 [291d57679] 11036620.409ms (+0.001ms): ',
      'bash',
      '8us',
    ],
    [
      'verbose, of a clock without seconds',
      '         my prog    4569   1 0 00000000 00000000 [00000000000003e8] 1000 (+0): ',
      '         my prog    4569   1 0 00000000 00000004 [0000000000002328] 9000 (+8000): ',
      'my prog',
      '8us',
    ],
  ])('reads the layout of %s', (_, first, second, comm, time) => {
    const { events, badLines } = eventsOf(['# tracer: nop', '#', first + ALLOC, second + FREE]);
    expect(badLines).toBe(0);
    expect(events[0]).toMatch(new RegExp(`^0us kmalloc 16b83355 64/60 pid \\d+ ${comm} < eventfs_set_attr`));
    expect(events[1]).toBe(`${time} kfree 16b83355 0`);
  });

  it('gives stacks to their events there', () => {
    const { events, badLines } = eventsOf([
      `    node-24892     1..... 16836us : ${ALLOC}`,
      '    node-24892     1..... 16846us+: <stack trace>',
      ' => trace_event_raw_event_kmalloc',
      ' => __kmalloc_noprof',
      ' => alloc_it',
    ]);
    expect(badLines).toBe(0);
    expect(events).toEqual(['0us kmalloc 16b83355 64/60 pid 24892 node < __kmalloc_noprof < alloc_it']);
  });
});

describe('other layouts of tracefs and trace-cmd', () => {
  it('reads lines of only name and fields (nocontext-info), with their stacks', () => {
    const { events, notes } = eventsOf([
      '# tracer: nop',
      'mm_page_alloc: page=000000004e8423b6 pfn=0x12e060 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE',
      '<stack trace>',
      ' => __alloc_pages',
      ' => do_anonymous_page',
      'mm_page_free: page=000000004e8423b6 pfn=0x12e060 order=0',
    ]);
    expect(events).toEqual([
      '0us mm_page_alloc 12e060 1 < __alloc_pages < do_anonymous_page',
      '0us mm_page_free 12e060 1',
    ]);
    expect(notes).toContain('have no times');
  });

  it('reads lines without flags (noirq-info), and of 2.6.32', () => {
    const { events } = eventsOf([
      '            bash-24569   [001]  11036.620401: kfree: call_site=a+0x1/0x2 ptr=0000000016b83355',
      '  gnome-terminal-1567  [000]  11036.620402: kfree: call_site=ffffffff81113a26 ptr=ffff8800798e5800',
    ]);
    expect(events).toEqual(['0us kfree 16b83355 0', '1us kfree ffff8800798e5800 0']);
  });

  it('reads the page frees of kernels before 3.3', () => {
    const task = '  gnome-terminal-1567  [000]  4415.246';
    const { events, badLines } = eventsOf([
      `${task}400: mm_page_alloc: page=ffffea0003db9f40 pfn=1155801 order=1 migratetype=0 gfp_flags=GFP_KERNEL`,
      `${task}401: mm_page_free_direct: page=ffffea0003db9f40 pfn=1155801 order=1`,
      `${task}402: mm_pagevec_free: page=ffffea0003dbb000 pfn=1155900 order=0 cold=0`,
    ]);
    expect(badLines).toBe(0);
    expect(events.slice(1)).toEqual(['1us mm_page_free 11a2d9 2', '2us mm_page_free 11a33c 1']);
  });

  it('reads trace-cmd report -R: raw fields', () => {
    const { events } = eventsOf([
      '            bash-10    [000]    50.000001: kmalloc:               call_site=0xffffffff92d10d97 ptr=0xffff9e0e8571e000 bytes_req=4000 bytes_alloc=4096 gfp_flags=0xcc0 node=-1',
      '            bash-10    [000]    50.000002: alloc_vmap_area:       addr=0xffffc90003fb8000 size=0x5000 align=0x4000 vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=0',
    ]);
    expect(events).toEqual([
      '0us kmalloc ffff9e0e8571e000 4096/4000 pid 10 bash < ffffffff92d10d97',
      '1us alloc_vmap_area ffffc90003fb8000 5 pid 10 bash',
    ]);
  });

  it('reads trace-cmd report --ts-diff', () => {
    const { events } = eventsOf([
      '            bash-10    [000]    50.000001:          kfree:                call_site=a+0x1 ptr=0xffff9e0e8571e000',
      '            bash-10    [000]    50.000004: (+3)     kfree:                call_site=a+0x1 ptr=0xffff9e0e8571f000',
    ]);
    expect(events).toEqual(['0us kfree ffff9e0e8571e000 0', '3us kfree ffff9e0e8571f000 0']);
  });

  it('passes over the lines of the function tracer', () => {
    const { badLines } = eventsOf([
      `${TASK}kfree: call_site=a+0x1/0x2 ptr=0000000016b83355`,
      `${TASK}vfs_read <-ksys_read`,
    ]);
    expect(badLines).toBe(0);
  });
});

describe('NULL of kernels before 4.20', () => {
  it.each(['(null)', '  (null)', '          (null)'])('is read behind padding: %j', (nothing) => {
    const { events, badLines } = eventsOf([
      `${TASK}kfree: call_site=c10bfa4a ptr=${nothing}`,
      `${TASK}kmalloc: call_site=c10bfa4a ptr=${nothing} bytes_req=40000 bytes_alloc=65536 gfp_flags=GFP_KERNEL`,
      `${TASK}mm_page_alloc: page=${nothing} pfn=0 order=9 migratetype=1 gfp_flags=GFP_TRANSHUGE`,
      `${TASK}mm_page_alloc: page=${nothing} pfn=18446744073709551615 order=0 migratetype=1 gfp_flags=GFP_TRANSHUGE`,
    ]);
    expect(badLines).toBe(0);
    expect(events.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
      'kfree 0 0',
      'kmalloc 0 65536/40000',
      'mm_page_alloc ffffffffffffffff 512',
      'mm_page_alloc ffffffffffffffff 1',
    ]);
  });
});

describe('the module of a call site', () => {
  it.each([
    ['my_open+0x5d/0x100 [my_mod]', 'my_open+0x5d [my_mod]'],
    ['my_open+0x5d/0x100 [my_mod 8a6b3c]', 'my_open+0x5d'],
    ['my_open [my_mod]', 'my_open [my_mod]'],
    ['0xffffffffc0123456', 'ffffffffc0123456'],
    ['c104deff', 'c104deff'],
  ])('%s', (site, frame) => {
    const { events } = eventsOf([
      `${TASK}kmalloc: call_site=${site} ptr=00000000e70e10e0 bytes_req=8000 bytes_alloc=8192 gfp_flags=GFP_KERNEL`,
    ]);
    expect(events[0].split(' < ')[1]).toBe(frame);
  });
});

describe('the head of a latency-format text', () => {
  it('has the kernel’s release, and how many events were overwritten', () => {
    const { host, losses } = importText(
      'ftrace',
      [
        '# tracer: nop',
        '#',
        '# nop latency trace v1.1.5 on 6.18.44-fc-v669',
        '# --------------------------------------------------------------------',
        '# latency: 0 us, #9354/11929, CPU#0 | (M:PREEMPT(none) VP:0, KP:0, SP:0 HP:0 #P:2)',
        '#    -----------------',
        '    bash-24569     1..... 11036620401us : kfree: call_site=a+0x1 ptr=0000000016b83355',
        '',
      ].join('\n'),
    );
    expect(host).toMatchObject({ kernel: '6.18.44-fc-v669', cpus: 2 });
    expect(losses.map(({ count }) => count)).toEqual([2575]);
  });
});
