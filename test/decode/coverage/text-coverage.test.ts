/** Gaps that the importers find in whole texts. */
import { describe, expect, it } from 'vitest';
import { importNotes } from '../../../src/decode/text/text-stats.js';
import type { TextFormat } from '../../../src/decode/text-decoders.js';
import type { CoverageGap } from '../../../src/event/host-facts.js';
import { eventLine, leakText, perfHeader, WITH_PERIOD, WITHOUT_PERIOD } from '../../helpers/perf-text.js';
import { importText } from '../../helpers/text-import.js';

const BOTH = [eventLine('kmem:kmalloc'), eventLine('kmem:kfree')];
const RECORD = 'perf record -a -e kmem:kmalloc -e kmem:kfree -- sleep 20';

function gapsOf(text: string, format: TextFormat = 'perf-script', pageSize?: number): CoverageGap[] {
  return importText(format, text, { pageSize }).host.coverage;
}

const causes = (gaps: CoverageGap[]): string[] => gaps.map(({ cause }) => cause);

const ofFilter = (filtered: string): CoverageGap[] =>
  gapsOf(perfHeader({ cmdline: `perf record -a ${filtered} -- sleep 9`, events: BOTH }) + leakText());

/** The head of a file of one CPU, as 6.18 wrote it; the events are made. */
const head = (entries: number, cpus = 2): string =>
  `# tracer: nop\n#\n# entries-in-buffer/entries-written: ${entries}/${entries}   #P:${cpus}\n#\n`;

const tracefsLine = (cpu: number, pid: number, i: number, fields: string): string =>
  `            bash-${pid}   [00${cpu}] ..... 10989.${String(56883 + i).padStart(6, '0')}: ${fields}`;

const body = (cpu: number, pairs: number, pid = 23681): string =>
  Array.from({ length: pairs }, (_, i) => {
    const ptr = `ptr=ffff8881${(0x10000 + i).toString(16)}000`;
    const alloc = `kmalloc: call_site=f+0x1/0x40 ${ptr} bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL`;
    return `${tracefsLine(cpu, pid + (i % 2), i, alloc)}\n${tracefsLine(cpu, pid, i, `kfree: call_site=g+0x2/0x90 ${ptr}`)}\n`;
  }).join('');

const pagePair = (i: number): string =>
  [
    `sh 10${i % 3} [00${i % 2}] 7.00000${i}: kmem:mm_page_alloc: page=0x1563d${i} pfn=0x1563d${i} order=0 migratetype=0 gfp_flags=GFP_KERNEL`,
    `sh 10${i % 3} [00${i % 2}] 7.00000${i}: kmem:mm_page_free: page=0x1563d${i} pfn=0x1563d${i} order=0`,
  ].join('\n');

const pages = `${Array.from({ length: 9 }, (_, i) => pagePair(i)).join('\n')}\n`;

const pathOf = (frame: string): string =>
  pages.replace('GFP_KERNEL\n', `GFP_KERNEL\n\t${frame} ([kernel.kallsyms])\n\n`);

/** As perf prints the events of kernel 3.10, whose format it cannot parse; pointers and times are made. */
const unparsedLine = (name: string, page: string, order: number, i: number): string =>
  `sh 101 [000] 7.00000${i}: kmem:${name}: [FAILED TO PARSE] page=${page} order=${order}`;

const sizeOf = (text: string, given?: number): { pageSize: number; gaps: CoverageGap[] } => {
  const { host } = importText('perf-script', text, { pageSize: given });
  return { pageSize: host.pageSize, gaps: host.coverage };
};

describe('a text of perf script', () => {
  it('has no gap where the whole machine was traced, alloc and free', () => {
    expect(gapsOf(perfHeader({ cmdline: RECORD, events: BOTH }) + leakText())).toEqual([]);
    expect(gapsOf(leakText())).toEqual([]);
  });

  it('says that frees were not traced, by the list of events', () => {
    const events = [eventLine('kmem:kmalloc'), eventLine('kmem:kmem_cache_alloc'), eventLine('kmem:kfree')];
    // kmem_cache_alloc has its own free, kmalloc's is there.
    const told = { cause: 'frees-not-traced', kinds: ['kmem_cache_alloc'], certain: true, detail: '' };
    expect(gapsOf(perfHeader({ cmdline: RECORD, events }) + leakText())).toEqual([told]);
  });

  it('reads names with a modifier, and the words of newer versions of perf', () => {
    const events = ['kmem:kmalloc:k', 'kmem:mm_page_alloc'].map((name) =>
      eventLine(name).replace('type = 2', 'type = 2 (PERF_TYPE_TRACEPOINT)').replace('0x292', `0x292 (${name})`),
    );
    expect(gapsOf(perfHeader({ cmdline: RECORD, events }) + leakText())).toMatchObject([
      { cause: 'frees-not-traced', kinds: ['mm_page_alloc', 'kmalloc'] },
    ]);
  });

  it('says so before the first event', () => {
    const { log } = importText('perf-script', perfHeader({ events: [eventLine('kmem:kmalloc')] }) + leakText());
    const [first] = log.calls;
    expect(first.call === 'host' && causes(first.facts.coverage)).toEqual(['frees-not-traced']);
  });

  it('does not take a trace without a free for one that did not trace frees, if the header lists them', () => {
    expect(gapsOf(perfHeader({ cmdline: RECORD, events: BOTH }) + leakText({ frees: false }))).toEqual([]);
  });

  it('without a header, finds that no free came', () => {
    const gap = { cause: 'no-frees-seen', kinds: ['kmalloc'], certain: false, detail: '' };
    expect(gapsOf(leakText({ frees: false }))).toEqual([gap]);
    // Of one kind of many, while the other is freed all the time.
    const mixed = gapsOf(leakText() + leakText({ frees: false, name: 'kmem_cache_alloc' }));
    expect(mixed).toMatchObject([{ cause: 'no-frees-seen', kinds: ['kmem_cache_alloc'] }]);
    // Of a kind with few allocs nothing follows.
    expect(gapsOf(leakText() + leakText({ frees: false, name: 'kmem_cache_alloc', events: 1 }))).toEqual([]);
  });

  it.each([
    ['-F 99', `{ sample_period, sample_freq } = 99, ${WITH_PERIOD}, freq = 1`, ['sampled']],
    // The kernel records every event all the same, because each sample has its period.
    ['-c 100', `{ sample_period, sample_freq } = 100, ${WITH_PERIOD}`, []],
    ['--no-period -c 100', `{ sample_period, sample_freq } = 100, ${WITHOUT_PERIOD}`, ['sampled']],
    ['--no-period', `{ sample_period, sample_freq } = 1, ${WITHOUT_PERIOD}`, []],
  ])('perf record %s', (options, attributes, expected) => {
    const events = [eventLine('kmem:kmalloc', attributes), eventLine('kmem:kfree', attributes)];
    const cmdline = `perf record -a ${options} -e kmem:kmalloc -e kmem:kfree -- sleep 20`;
    expect(causes(gapsOf(perfHeader({ cmdline, events }) + leakText()))).toEqual(expected);
  });

  it('knows a frequency by the command line where the list of events says nothing of it', () => {
    const events = ['# event : name = kmem:kmalloc, type = 2', '# event : name = kmem:kfree, type = 2'];
    const cmdline = 'perf record -a -F 250 -e kmem:kmalloc -e kmem:kfree';
    expect(gapsOf(perfHeader({ cmdline, events }) + leakText())).toMatchObject([
      { cause: 'sampled', certain: true, detail: 'perf record -F 250' },
    ]);
  });

  it('knows a sample by the period of its events', () => {
    const text = leakText().replaceAll(/: kmem:/g, ':         57 kmem:');
    expect(gapsOf(text)).toMatchObject([{ cause: 'sampled', detail: 'an event stands for up to 57' }]);
    expect(gapsOf(leakText().replaceAll(/: kmem:/g, ':          1 kmem:'))).toEqual([]);
  });

  it('a list of events with hundreds of CPUs is read to its end', () => {
    const ids = Array.from({ length: 512 }, (_, i) => i + 1000).join(', ');
    const attributes = `{ sample_period, sample_freq } = 99, ${WITH_PERIOD}, freq = 1`;
    const events = BOTH.map((line) => line.replace('835, 836', ids).replace(/\{ sample_period.*$/, attributes));
    expect(causes(gapsOf(perfHeader({ events }) + leakText()))).toEqual(['sampled']);
  });

  it.each([
    ['perf record -p 77 -e kmem:kmalloc -e kmem:kfree', 'some-processes', 'perf record -p 77'],
    ['perf record -e kmem:* -- ./load', 'some-processes', 'perf record of a command, without -a'],
    ['perf record -C 1 -e kmem:* -- sleep 9', 'some-cpus', 'perf record -C 1, of 2 CPUs'],
  ])('%s', (cmdline, cause, detail) => {
    expect(gapsOf(perfHeader({ cmdline, events: BOTH }) + leakText())).toEqual([
      { cause, kinds: [], certain: true, detail },
    ]);
  });

  it('-C of a machine with an unknown number of CPUs may be a part', () => {
    const header = perfHeader({ cmdline: 'perf record -C 1 -e kmem:* -- sleep 9', events: BOTH });
    const unknown = header.replace(/^# nrcpus.*\n/m, '');
    expect(gapsOf(unknown + leakText())).toMatchObject([{ cause: 'some-cpus', detail: 'perf record -C 1' }]);
  });

  it('-C with all CPUs is the whole machine', () => {
    const cmdline = 'perf record -C 0-1 -e kmem:* -- sleep 9';
    expect(gapsOf(perfHeader({ cmdline, events: BOTH }) + leakText())).toEqual([]);
  });

  it('tells a filter of allocs from one of frees', () => {
    expect(ofFilter('-e kmem:kmalloc --filter bytes_req < 512 -e kmem:kfree')).toEqual([
      { cause: 'allocs-filtered', kinds: ['kmalloc'], certain: true, detail: 'bytes_req < 512' },
    ]);
    expect(causes(ofFilter('-e kmem:kmalloc,kmem:kfree --filter common_pid != 9'))).toEqual(['frees-filtered']);
    expect(causes(ofFilter('-e kmem:* --filter common_pid == 9'))).toEqual(['frees-filtered']);
  });

  it('notes that all events are of one process', () => {
    const text = leakText().replaceAll(/ 10[0-2] \[/g, ' 100 [');
    const gap = { cause: 'some-processes', kinds: [], detail: 'pid 100' };
    const short = (lines: number): string => `${text.split('\n').slice(0, lines).join('\n')}\n`;
    expect(gapsOf(short(6))).toEqual([]);
    // 99 events in 3.2 s may be of a quiet machine, 600 in 20 s cannot.
    expect(gapsOf(short(99))).toEqual([{ ...gap, certain: false }]);
    expect(gapsOf(text)).toEqual([{ ...gap, certain: true }]);
    // The header says that all processes were traced.
    expect(gapsOf(perfHeader({ cmdline: RECORD, events: BOTH }) + text)).toEqual([]);
  });
});

describe('a text of tracefs', () => {
  it('of one CPU: the header counts the entries of all', () => {
    expect(gapsOf(head(566) + body(0, 50), 'ftrace')).toEqual([
      {
        cause: 'some-cpus',
        kinds: [],
        certain: true,
        detail: 'CPU 0 of 2, 100 of the 566 entries that the header tells',
      },
    ]);
  });

  it('that lacks some lines is not of one CPU for that', () => {
    expect(gapsOf(head(105) + body(0, 50), 'ftrace')).toMatchObject([{ cause: 'some-cpus', certain: false }]);
    expect(gapsOf(head(105, 4) + body(0, 25) + body(1, 25), 'ftrace')).toEqual([]);
  });

  it('of two CPUs of four, joined', () => {
    expect(gapsOf(head(566, 4) + body(0, 25) + body(1, 25), 'ftrace')).toMatchObject([
      { cause: 'some-cpus', certain: true, detail: '2 CPUs of 4, 100 of the 566 entries that the header tells' },
    ]);
  });

  it('of all CPUs has no gap, and stacks count as entries', () => {
    expect(gapsOf(head(100) + body(0, 25) + body(1, 25), 'ftrace')).toEqual([]);
    const stacks = body(0, 25).replaceAll(/^(.*\.\d{6}): kmalloc.*$/gm, '$&\n$1: <stack trace>\n => f\n => g');
    expect(gapsOf(head(125) + stacks + body(1, 25), 'ftrace')).toEqual([]);
  });

  it('notes that all events are of one CPU where the entries are all there', () => {
    expect(gapsOf(head(50) + body(1, 25), 'ftrace')).toEqual([
      { cause: 'some-cpus', kinds: [], certain: false, detail: 'CPU 1 of 2' },
    ]);
    expect(gapsOf(head(50, 1) + body(0, 25), 'ftrace')).toEqual([]);
  });

  it('of trace-cmd, with allocs alone', () => {
    const allocs = body(0, 20)
      .replaceAll(/^.*kfree.*\n/gm, '')
      .replaceAll(': kmalloc:', ': kmalloc:             ');
    expect(gapsOf(`cpus=2\n${allocs}`, 'trace-cmd')).toEqual([
      { cause: 'no-frees-seen', kinds: ['kmalloc'], certain: false, detail: '' },
    ]);
  });
});

describe('the page size of a text', () => {
  const unknown = { cause: 'page-size', kinds: [], certain: false };

  it('is 4 KiB of x86_64', () => {
    expect(sizeOf(perfHeader({ cmdline: 'perf record -a' }) + pages)).toEqual({ pageSize: 4096, gaps: [] });
  });

  it('is assumed where the text does not tell', () => {
    expect(sizeOf(pages)).toEqual({ pageSize: 4096, gaps: [{ ...unknown, detail: '' }] });
    const arm = perfHeader({ cmdline: 'perf record -a', arch: 'aarch64' });
    expect(sizeOf(arm + pages)).toEqual({ pageSize: 4096, gaps: [{ ...unknown, detail: '' }] });
    const power = perfHeader({ cmdline: 'perf record -a', arch: 'ppc64le' });
    expect(sizeOf(power + pages)).toEqual({ pageSize: 65536, gaps: [{ ...unknown, detail: '' }] });
  });

  it('is told by the kernel, or given', () => {
    const named = perfHeader({ cmdline: 'perf record -a', arch: 'aarch64', kernel: '5.14.0-427.el9.aarch64+64k' });
    expect(sizeOf(named + pages)).toEqual({ pageSize: 65536, gaps: [] });
    expect(sizeOf(pages, 16384)).toEqual({ pageSize: 16384, gaps: [] });
    expect(sizeOf(named + pages, 4096)).toEqual({ pageSize: 4096, gaps: [] });
  });

  it('is shown by a call path', () => {
    expect(sizeOf(pathOf('ffffffff81234567 __x64_sys_read+0x17'))).toEqual({ pageSize: 4096, gaps: [] });
    expect(sizeOf(pathOf('ffff800010234567 el0t_64_sync+0x1a0'))).toEqual({
      pageSize: 4096,
      gaps: [{ ...unknown, detail: 'aarch64' }],
    });
  });

  it('does not matter to a text without pages', () => {
    expect(sizeOf(leakText()).gaps).toEqual([]);
  });

  it('converts the bytes of vmalloc areas', () => {
    const area =
      'sh 101 [000] 7.000000: vmalloc:alloc_vmap_area: va_start: 140737488355328 size=131072 align=65536 vstart=0x0 vend=0xffff failed=0';
    const size = (given: number): string[] => importText('perf-script', `${area}\n`, { pageSize: given }).events;
    expect(size(65536)[0]).toContain(' 2 pid');
    expect(size(4096)[0]).toContain(' 32 pid');
  });
});

describe('page events without a pfn', () => {
  it('are paired by the place of their struct page, also in parts', () => {
    const text = [
      `${unparsedLine('mm_page_alloc', '0xffffea00013b7b40', 0, 1)} gfp_flags=131290 migratetype=0`,
      `${unparsedLine('mm_page_alloc', '0xffffea00013b8000', 2, 2)} gfp_flags=131290 migratetype=0`,
      unparsedLine('mm_page_free', '0xffffea00013b7b40', 0, 3),
      // The second of the four pages.
      unparsedLine('mm_page_free', '0xffffea00013b8040', 0, 4),
      `${unparsedLine('mm_page_alloc', '0x0', 0, 5)} gfp_flags=131290 migratetype=0`,
    ].join('\n');
    const { events, decoder } = importText('perf-script', `${text}\n`);
    const numbers = events.map((event) => event.split(' ').slice(1, 3).join(' '));
    expect(numbers).toEqual([
      'mm_page_alloc 4eded',
      'mm_page_alloc 4ee00',
      'mm_page_free 4eded',
      'mm_page_free 4ee01',
      'mm_page_alloc ffffffffffffffff',
    ]);
    expect(decoder.stats).toMatchObject({ badLines: 0, pagesByPointer: 5 });
  });

  it.each([
    ['hashed', '0x000000001922af53'],
    ['not of 64 bytes', '0xffffea00013b7b38'],
    ['not a pointer', 'none'],
  ])('are counted as not understood where the pointer is %s', (_, page) => {
    const { decoder, events } = importText('perf-script', `${unparsedLine('mm_page_alloc', page, 0, 1)}\n`);
    expect(events).toEqual([]);
    expect(decoder.stats).toMatchObject({ badLines: 1, pagesByPointer: 0, pagesWithoutPlace: 1 });
    const notes = importNotes(decoder.stats, new Map());
    expect(notes.some((note) => note.includes('nothing can be concluded about pages'))).toBe(true);
  });
});
