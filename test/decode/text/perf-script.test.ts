import { describe, expect, it } from 'vitest';
import { LOSS_REPORTED } from '../../../src/event/losses.js';
import { importText } from '../../helpers/text-import.js';

const KMALLOC = `perf   197/197   [000]    31.355125:          kmem:kmalloc: call_site=alloc_cpumask_var_node+0x1b ptr=0xffff8881003bdbe8 bytes_req=6 bytes_alloc=8 gfp_flags=GFP_KERNEL|__GFP_ZERO node=-1 accounted=false
\tffffffff812ae0a0 __kmalloc_node+0x1a0 ([kernel.kallsyms])
\tffffffffc02e75db lp_make_buffer ([leak_pages])
\tffffffff81a0011f entry_SYSCALL_64_after_hwframe ([kernel.kallsyms])
\t           ee137 sched_setaffinity@@GLIBC_2.3.4 (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t          146f2c [unknown] (/usr/bin/perf)

`;

/** One event line of a task, without -g. */
function event(task: string, rest = 'kmem:kfree: call_site=foo+0x1 ptr=0xffff888100000040'): string {
  return `${task} [001]  1000.000001: ${rest}\n`;
}

function comms(task: string): string[] {
  const { dictionary, events } = importText(
    'perf-script',
    event(task, 'kmem:mm_page_alloc: page=0xffffea0000000040 pfn=0x1 order=0 migratetype=0 gfp_flags=GFP_KERNEL'),
  );
  expect(events).toHaveLength(1);
  return [dictionary.comms.name(1), events[0].replace(/^.* pid (\d+) .*$/, '$1')];
}

/** A free with a call path, one of four. */
function freeEvent(i: number): string {
  return (
    event('perf 197', `kmem:kfree: call_site=foo+0x1 ptr=0xffff8881${(0x1000000 + i * 64).toString(16)}0`) +
    `\tffffffff812ae0a0 kfree+0x1a0 ([kernel.kallsyms])\n\tffffffff812ae0b${i % 4} close_${i % 4}+0x1 ([kernel.kallsyms])\n\n`
  );
}

describe('PerfScriptDecoder', () => {
  it('reads an event with its call path, without its user frames', () => {
    const { events, decoder, host } = importText('perf-script', KMALLOC);
    expect(events).toEqual([
      '0us kmalloc ffff8881003bdbe8 8/6 pid 197 perf < __kmalloc_node+0x1a0 < lp_make_buffer [leak_pages] < entry_SYSCALL_64_after_hwframe',
    ]);
    expect(decoder.stats).toMatchObject({ lines: 7, events: 1, badLines: 0, hashedPointers: false });
    expect(host).toMatchObject({ collector: 'perf-script', allocators: ['slab'], hooks: ['kmem:kmalloc'] });
    expect(host.notes).toEqual(['user frames were left out of the call paths']);
  });

  it('gives one free in 16 its call path, whatever repeats among the frees', () => {
    const { events } = importText(
      'perf-script',
      KMALLOC + Array.from({ length: 6400 }, (_, i) => freeEvent(i)).join(''),
    );
    const sited = events.filter((line) => line.includes('kfree ') && line.includes(' < '));
    expect(Math.abs(sited.length - 400)).toBeLessThan(4);
    for (let i = 0; i < 4; i++) expect(sited.filter((line) => line.includes(`close_${i}`)).length).toBeGreaterThan(90);
  });

  it('keeps user frames by name when asked to: their addresses mean another thing in each process', () => {
    const { events } = importText('perf-script', KMALLOC, { userFrames: true });
    expect(events[0].split(' < ').slice(3)).toEqual([
      'entry_SYSCALL_64_after_hwframe',
      'sched_setaffinity@@GLIBC_2.3.4 [libc.so.6]',
      '[unknown] [perf]',
    ]);
  });

  it.each(['5.10', '6.1', '7.2'])('reads every event of ours as Linux %s prints it', (kernel) => {
    const cache = kernel === '7.2' ? 'name=dentry ' : '';
    const node = kernel === '5.10' ? '' : ' node=-1 accounted=true';
    const pfn = kernel === '5.10' ? '1189888' : '0x122800';
    const percpu =
      kernel === '5.10'
        ? 'reserved=0 is_atomic=0 size=24 align=8 base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000'
        : 'call_site=foo+0x1 reserved=0 is_atomic=0 size=24 align=8 base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000 bytes_alloc=96 gfp_flags=GFP_KERNEL';
    const text = [
      `kmem:kmalloc: call_site=foo+0x1 ptr=0xffff888100000100 bytes_req=700 bytes_alloc=1024 gfp_flags=GFP_KERNEL${node}`,
      `kmem:kmem_cache_alloc: call_site=foo+0x1 ptr=0xffff888100000200 ${cache}bytes_req=192 bytes_alloc=200 gfp_flags=GFP_KERNEL${node}`,
      `kmem:mm_page_alloc: page=0xffffea00048a0000 pfn=${pfn} order=3 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_COMP`,
      `kmem:mm_page_free: page=0xffffea00048a0000 pfn=${pfn} order=3`,
      `kmem:mm_page_free_batched: page=0xffffea00048a0000 pfn=${pfn} order=0`,
      `kmem:kmem_cache_free: call_site=foo+0x1 ptr=0xffff888100000200${kernel === '5.10' ? '' : ' name=dentry'}`,
      'kmem:kfree: call_site=foo+0x1 ptr=0xffff888100000100',
      'kmem:kfree: call_site=foo+0x1 ptr=(nil)',
      `percpu:percpu_alloc_percpu: ${percpu}`,
      'percpu:percpu_free_percpu: base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000',
    ].map((rest) => event('            bash  2001', rest));
    const { events, decoder } = importText('perf-script', text.join(''));
    expect(events.map((line) => line.replace('0us ', '').replace(' pid 2001 bash', ''))).toEqual([
      'kmalloc ffff888100000100 1024/700 < foo+0x1',
      `kmem_cache_alloc ffff888100000200 200/192${kernel === '7.2' ? ' cache dentry' : ''} < foo+0x1`,
      'mm_page_alloc 122800 8',
      'mm_page_free 122800 8',
      'kmem_cache_free ffff888100000200 0',
      'kfree ffff888100000100 0',
      'kfree 0 0',
      kernel === '5.10' ? 'percpu_alloc_percpu 607fc0001000 24/24' : 'percpu_alloc_percpu 607fc0001000 48/24 < foo+0x1',
      'percpu_free_percpu 607fc0001000 0',
    ]);
    expect([...decoder.skippedEvents]).toEqual([['kmem:mm_page_free_batched', 1]]);
    expect(decoder.stats.badLines).toBe(0);
  });

  it('reads vmalloc areas: decimal with a colon when taken, hex when given back', () => {
    const { events } = importText(
      'perf-script',
      event(
        'sh 7',
        'vmalloc:alloc_vmap_area: va_start: 18446683600570023936 size=12289 align=1 vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=0',
      ) +
        event(
          'sh 7',
          'vmalloc:alloc_vmap_area: va_start: 18446744073709551600 size=4096 align=1 vstart=0x0 vend=0x0 failed=1',
        ) +
        event('sh 7', 'vmalloc:free_vmap_area_noflush: va_start=0xffffc90000000000 nr_lazy=3 nr_lazy_max=32768'),
    );
    expect(events).toEqual([
      '0us alloc_vmap_area ffffc90000000000 4 pid 7 sh',
      '0us alloc_vmap_area 0 1 pid 7 sh',
      '0us free_vmap_area_noflush ffffc90000000000 0',
    ]);
  });

  it.each([
    'page=(nil) pfn=0x0',
    'page=(nil) pfn=0',
    'page=0x0 pfn=18446744073709551615',
    'page=(nil) pfn=-1',
    'pfn=0xffffffffffffffff',
  ])('passes a failed page alloc on as address all ones: %s', (fields) => {
    const { events } = importText(
      'perf-script',
      event('sh 7', `kmem:mm_page_alloc: ${fields} order=0 migratetype=0 gfp_flags=0`),
    );
    expect(events).toEqual(['0us mm_page_alloc ffffffffffffffff 1 pid 7 sh']);
  });

  it('keeps nine digits of time, and counts from the first event, whatever its kind', () => {
    const lines = [
      '999999.999999999: kmem:rss_stat: x',
      '1000000.000000001: kmem:kfree: ptr=0xffff888100000020',
      '1000001.500000000: kmem:kfree: ptr=0xffff888100000020',
    ];
    const { events, log } = importText('perf-script', lines.map((line) => `sh 7 [000] ${line}\n`).join(''));
    expect(events).toEqual(['0.002us kfree ffff888100000020 0', '1500000.001us kfree ffff888100000020 0']);
    expect(log.ending).toEqual({ timeNs: 1500000001, reason: 'stopped', detail: '' });
  });

  it.each([
    ['            perf  1234', 'perf', '1234'],
    ['kworker/0:1-ev 12/12 ', 'kworker/0:1-ev', '12'],
    ['my prog 12/13 ', 'my prog', '12'],
    ['a 1 [000] 2.0: 55/56 ', 'a 1 [000] 2.0:', '55'],
    ['x [001] y 55 ', 'x [001] y', '55'],
    ['[001] 9', '[001]', '9'],
    ['[0] 0.000000:a: 9', '[0] 0.000000:a:', '9'],
    ['[0] 0.000000: a 9', '[0] 0.000000: a', '9'],
    ['[0] 0.000000: 1 9', '[0] 0.000000: 1', '9'],
    ['1 [0] 0.000000: 9', '1 [0] 0.000000:', '9'],
    ['1/2 3 77/78 ', '1/2 3', '77'],
    ['-5 77', '-5', '77'],
    ['kmem:kfree: 77', 'kmem:kfree:', '77'],
    ['# hidden 77', '# hidden', '77'],
    ['ünï 日本 77', 'ünï 日本', '77'],
    [':-1    -1/-1   ', ':-1', '0'],
    ['swapper     0/0    ', 'swapper', '0'],
  ])('finds comm and pid in %j', (task, comm, pid) => {
    expect(comms(task)).toEqual([comm, pid]);
  });

  it('reads lines without a cpu, with a period, and with other trailing fields', () => {
    const { events, decoder } = importText(
      'perf-script',
      'my prog  25687  3264.721280:          1                          kmem:kfree: call_site=a+0x1 ptr=0xffff888100000040\n' +
        'sh 25687 [001] 3264.721281:         12 kmem:kfree: (a+0x1) call_site=a+0x1 ptr=0xffff888100000040\r\n',
    );
    expect(events).toEqual(['0us kfree ffff888100000040 0', '1us kfree ffff888100000040 0']);
    expect(decoder.stats.badLines).toBe(0);
  });

  it('takes the call site for the call path only of text without stacks', () => {
    const line = event(
      'sh 7',
      'kmem:kmalloc: call_site=foo+0x12 ptr=0xffff888100000040 bytes_req=1 bytes_alloc=8 gfp_flags=0',
    );
    const bare = importText('perf-script', line);
    expect(bare.events[0]).toMatch(/ < foo\+0x12$/);
    expect(bare.host.notes[0]).toContain('no call paths');
    const stacked = importText('perf-script', KMALLOC + line);
    expect(stacked.events[1]).not.toContain('<');
    expect(stacked.dictionary.stacks.size).toBe(1);
  });

  it('tells kernel frames by their dso where the address does not', () => {
    const frames = [
      '7f0012345678 a ([kernel.kallsyms])',
      '7f0012345679 b (/usr/lib/debug/boot/vmlinux-6.1.0)',
      '7f001234567a c (/lib/modules/6.1.0/kernel/net/nf-tables.ko.xz)',
      '7f001234567b d ([guest.kernel.kallsyms])',
      '7f001234567c e (/proc/kcore)',
      '7f001234567d f ([ext4])',
      'ffffffffc0000000 bpf_prog_6deef7357e7b4530_sd_fw (bpf_prog_6deef7357e7b4530_sd_fw)',
      'ffffffffc0000010 [unknown] ([kernel.kallsyms])',
      'ffffffff81000000 g (inlined)',
      'ffffffff81000000 h+0x8 ([kernel.vmlinux])',
      '7ffd00001000 clock_gettime ([vdso])',
      'ffffffff81000099 never seen: it stands behind a user frame ([kernel.kallsyms])',
    ];
    const text = KMALLOC.split('\n')[0] + frames.map((frame) => `\n\t${frame}`).join('') + '\n\n';
    const { events } = importText('perf-script', text);
    expect(events[0].split(' < ').slice(1)).toEqual([
      'a',
      'b',
      'c [nf_tables]',
      'd',
      'e',
      'f [ext4]',
      'bpf_prog_6deef7357e7b4530_sd_fw [bpf]',
      'ffffffffc0000010',
      'h+0x8',
    ]);
  });

  it('counts what perf says was lost, by cpu', () => {
    const lost =
      'perf 25687 [001]  3264.725924: PERF_RECORD_LOST lost 852\nsh 9 [001]  3264.800000: PERF_RECORD_LOST lost 3\n';
    const { losses, decoder } = importText('perf-script', `${KMALLOC}${lost}LOST 5 events!\n`);
    expect(losses.map(({ cause, cpu, count }) => [cause, cpu, count])).toEqual([
      [LOSS_REPORTED, 1, 855],
      [LOSS_REPORTED, -1, 5],
    ]);
    expect(decoder.stats.lostEvents).toBe(860);
  });

  it('never reads an uncounted loss as none', () => {
    const { losses, host } = importText(
      'perf-script',
      `${KMALLOC}Warning:\nProcessed 2232 events and lost 3 chunks!\n`,
    );
    expect(losses).toEqual([{ cause: LOSS_REPORTED, kind: 0, cpu: -1, count: 1, bytes: 0, countWithBytes: 0 }]);
    expect(host.notes).toContain('events were lost, and the text does not say how many');
  });

  it('takes the machine from perf script --header', () => {
    const { host } = importText(
      'perf-script',
      `# ========\n# captured on    : Sat Nov 21 11:37:12 2026\n# hostname : vm\n# os release : 6.18.44\n# arch : x86_64\n# nrcpus online : 2\n# total memory : 24684092 kB\n# time of first sample : 2378.164219\n# reference time: 2026-11-21 11:37:10.206528 = 1795261030.206528 (TOD) = 2376.798349290 (monotonic)\n# ========\n#\n${KMALLOC}`,
    );
    expect(host).toMatchObject({
      hostname: 'vm',
      kernel: '6.18.44',
      arch: 'x86_64',
      cpus: 2,
      memTotalBytes: 24684092 * 1024,
      startUnixMs: 1795261031572,
    });
  });

  it('counts what it does not understand, and goes on', () => {
    const { decoder, events, host } = importText(
      'perf-script',
      `${KMALLOC}what is this\nsh 7 [000] 40.000000: kmem:kfree: call_site=x\nsh 7 [000] 40.000000: kmem:kfree: ptr=(____ptrval____)\n` +
        `sh 7 [000] 40.000000: kmem:mm_page_free: pfn=0x1 order=99\n\n${'x'.repeat(70000)}\n${KMALLOC}`,
    );
    expect(events).toHaveLength(2);
    expect(decoder.stats).toMatchObject({ badLines: 4, longLines: 1, firstBadLine: 'what is this' });
    expect(host.notes).toEqual(
      expect.arrayContaining(['1 line was too long, and skipped', '4 lines were not understood']),
    );
  });

  it('says so when a text holds nothing', () => {
    const { log } = importText('perf-script', '');
    expect(log.ending).toEqual({ timeNs: 0, reason: 'stopped', detail: 'the text holds no allocation event' });
    expect(log.calls[0].call).toBe('host');
  });
});
