/** The lines are those of perf 6.1 for one recording, printed with other fields each time. */
import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

const ALLOC =
  'call_site=sched_setaffinity+0x10c ptr=0xffff888102cabe00 bytes_req=30 bytes_alloc=32 gfp_flags=GFP_KERNEL node=-1 accounted=false';
const FREE = 'call_site=sched_setaffinity+0x160 ptr=0xffff888102cabe00';

/** Both events behind these columns; 'NAME' stands for the name with its colon. */
function both(first: string, second = first): string {
  return `${first.replace('NAME', 'kmem:kmalloc:')}${ALLOC}\n${second.replace('NAME', 'kmem:kfree:')}${FREE}\n`;
}

const NO_TASK = { pid: 0, comm: '' };
const PERF = { pid: 23215, comm: 'perf' };
/** With the time of the first event counted from itself, as everywhere. */
const AFTER_8_US = '8us';

describe('the columns of perf script -F', () => {
  it.each<[fields: string, text: string, task: { pid: number; comm: string }, time: string]>([
    [
      '+misc',
      both(
        '            perf 23215 [000] K     10962.064982:          NAME ',
        '            perf 23215 [001] K     10962.064990:            NAME ',
      ),
      PERF,
      AFTER_8_US,
    ],
    [
      '+misc of a user’s context, without a mode',
      both(
        '            perf 23215 [000]       10962.064982:          NAME ',
        '            perf 23215 [001] USp   10962.064990:            NAME ',
      ),
      PERF,
      AFTER_8_US,
    ],
    [
      '+misc,+period,+flags',
      both(
        '            perf 23215 [000] K     10962.064982:          1          NAME                         ',
        '            perf 23215 [001] K     10962.064990:          1            NAME   hw int       ',
      ),
      PERF,
      AFTER_8_US,
    ],
    [
      '+tod',
      both(
        '            perf 23215 [000] 2026-11-30 01:23:51.462406 10962.064982: NAME ',
        '            perf 23215 [000] 2026-11-30 01:23:51.462414 10962.064990: NAME ',
      ),
      PERF,
      AFTER_8_US,
    ],
    [
      '+tod,+misc,-cpu',
      both(
        '            perf 23215 K     2026-11-30 01:23:51.462406 10962.064982: NAME ',
        '            perf 23215 K     2026-11-30 01:23:51.462414 10962.064990: NAME ',
      ),
      PERF,
      AFTER_8_US,
    ],
    [
      'comm,pid,tid,time,event,trace',
      both('            perf 23215/23216 10962.064982: NAME ', '            perf 23215/23216 10962.064990: NAME '),
      PERF,
      AFTER_8_US,
    ],
    [
      'pid,tid,cpu,time,event,trace',
      both('23215/23216 [000] 10962.064982:          NAME ', '23215/23216 [001] 10962.064990:            NAME '),
      { pid: 23215, comm: '' },
      AFTER_8_US,
    ],
    [
      'comm,cpu,time,event,trace',
      both('            perf [000] 10962.064982: NAME ', '            perf [001] 10962.064990: NAME '),
      { pid: 0, comm: 'perf' },
      AFTER_8_US,
    ],
    [
      'comm,time,event,trace',
      both('            perf 10962.064982: NAME ', '            perf 10962.064990: NAME '),
      { pid: 0, comm: 'perf' },
      AFTER_8_US,
    ],
    [
      'cpu,time,event,trace',
      both('[000] 10962.064982:          NAME ', '[001] 10962.064990:            NAME '),
      NO_TASK,
      AFTER_8_US,
    ],
    ['time,event,trace', both('10962.064982:          NAME ', '10962.064990:            NAME '), NO_TASK, AFTER_8_US],
    ['-L', both('    perf 23215   0 10962.064982: NAME ', '    perf 23215   1 10962.064990: NAME '), PERF, AFTER_8_US],
    [
      '-L of a short thread number, newer perf',
      both('    perf      15   0     2.064982: NAME ', '    perf      15   1     2.064990: NAME '),
      { pid: 15, comm: 'perf' },
      AFTER_8_US,
    ],
    [
      '-cpu, of a short thread number',
      both('             a 5    15     2.064982: NAME ', '             a 5    15     2.064990: NAME '),
      { pid: 15, comm: 'a 5' },
      AFTER_8_US,
    ],
    [
      '-event',
      both('            perf 23215 [000] 10962.064982: ', '            perf 23215 [001] 10962.064990: '),
      PERF,
      AFTER_8_US,
    ],
    ['time,trace', both('10962.064982: ', '10962.064990: '), NO_TASK, AFTER_8_US],
    ['-time', both('            perf 23215 [000]          NAME '), PERF, '0us'],
    ['-time,+period,+misc', both('            perf 23215 [000] K              1          NAME '), PERF, '0us'],
    ['comm,tid,event,trace', both('            perf 23215          NAME '), PERF, '0us'],
    ['comm,misc,event,trace', both('            perf K              NAME '), { pid: 0, comm: 'perf' }, '0us'],
    ['comm,event,trace', both('            perf          NAME '), { pid: 0, comm: 'perf' }, '0us'],
    ['cpu,event,trace', both('[000]          NAME '), NO_TASK, '0us'],
    ['event,trace', both('         NAME '), NO_TASK, '0us'],
    ['trace', both(''), NO_TASK, '0us'],
  ])('%s', (_, text, { pid, comm }, time) => {
    const { events, decoder } = importText('perf-script', text);
    const task = pid === 0 && comm === '' ? '' : ` pid ${pid} ${comm}`;
    expect(events).toEqual([
      `0us kmalloc ffff888102cabe00 32/30${task} < sched_setaffinity+0x10c`,
      `${time} kfree ffff888102cabe00 0`,
    ]);
    expect(decoder.stats.badLines).toBe(0);
    expect(importText('perf-script', text, { chunkBytes: 7 }).events).toEqual(events);
  });

  it('tells what a text without times or names cannot show', () => {
    expect(importText('perf-script', both('NAME ')).host.notes.join()).toContain('have no times');
    expect(importText('perf-script', both('10962.064982: ')).host.notes.join()).toContain('have no names');
    const named = importText('perf-script', both('sh 7 [000] 10962.064982: NAME ')).host.notes.join();
    expect(named).not.toMatch(/no times|no names/);
  });

  it('tells events without a name by their fields', () => {
    const { events, decoder } = importText(
      'perf-script',
      [
        'call_site=foo+0x1 ptr=0xffff888100000200 name=dentry bytes_req=192 bytes_alloc=200 gfp_flags=GFP_KERNEL',
        'call_site=foo+0x1 ptr=0xffff888100000200 name=dentry',
        'page=0xffffea00048a0000 pfn=0x122800 order=3 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_COMP',
        'page=0xffffea00048a0000 pfn=0x122800 order=0 migratetype=0 percpu_refill=1',
        'page=0xffffea00048a0000 pfn=0x122800 order=3',
        'call_site=foo+0x1 reserved=0 is_atomic=0 size=24 align=8 base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000 bytes_alloc=96 gfp_flags=GFP_KERNEL',
        'base_addr=0xffffe8ffffc00000 off=4096 ptr=0x607fc0001000',
        'va_start: 18446683600570023936 size=12289 align=1 vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=0',
        'va_start=0xffffc90000000000 nr_lazy=3 nr_lazy_max=32768',
      ].join('\n'),
    );
    expect(events.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
      'kmem_cache_alloc ffff888100000200 200/192',
      'kmem_cache_free ffff888100000200 0',
      'mm_page_alloc 122800 8',
      'mm_page_free 122800 8',
      'percpu_alloc_percpu 607fc0001000 48/24',
      'percpu_free_percpu 607fc0001000 0',
      'alloc_vmap_area ffffc90000000000 4',
      'free_vmap_area_noflush ffffc90000000000 0',
    ]);
    expect(decoder.stats).toMatchObject({ badLines: 0, namelessEvents: 8 });
    expect([...decoder.skippedEvents]).toEqual([['without a name', 1]]);
  });

  it('never takes a line without a time for an event in a text that has times', () => {
    const { events, decoder } = importText('perf-script', `${both('sh 7 [000] 10.064982: NAME ')}${both('NAME ')}`);
    expect(events).toHaveLength(2);
    expect(decoder.stats.badLines).toBe(2);
  });

  it('takes the function that the kmem plugin found for a bare call site', () => {
    const { events } = importText(
      'perf-script',
      'fio 27621 [047] 31165.119986: kmem:kmalloc: (do_io_submit+0x194) call_site=ffffffff878a1da4 ptr=0xffff91224f606f00 bytes_req=190 bytes_alloc=192 gfp_flags=GFP_KERNEL\n' +
        'fio 27621 [047] 31165.119987: kmem:kmalloc: call_site=0xffffffff878a1da5 ptr=0xffff91224f607f00 bytes_req=190 bytes_alloc=192 gfp_flags=GFP_KERNEL\n' +
        'fio 27621 [047] 31165.119988: kmem:kmalloc: (a+0x1) call_site=b+0x2 ptr=0xffff91224f608f00 bytes_req=190 bytes_alloc=192 gfp_flags=GFP_KERNEL\n' +
        'fio 27621 [047] 31165.119989: kmem:kmalloc: call_site=c+0x3 [dm_mod] ptr=0xffff91224f609f00 bytes_req=190 bytes_alloc=192 gfp_flags=GFP_KERNEL\n',
    );
    expect(events.map((line) => line.split(' < ')[1])).toEqual([
      'do_io_submit+0x194',
      'ffffffff878a1da5',
      'b+0x2',
      'c+0x3 [dm_mod]',
    ]);
  });
});
