import { describe, expect, it } from 'vitest';
import { LOSS_REPORTED } from '../../../src/event/losses.js';
import { importText } from '../../helpers/text-import.js';

const TRACE = `# tracer: nop
#
# entries-in-buffer/entries-written: 4/4   #P:2
#
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
      hold-pipes-13240   [001] .....  2414.640788: kmem_cache_alloc: call_site=alloc_inode+0xa3/0xd0 ptr=00000000010b1f08 name=inode_cache bytes_req=616 bytes_alloc=624 gfp_flags=GFP_KERNEL node=-1 accounted=true
      hold-pipes-13240   [001] .....  2414.640841: <stack trace>
 => trace_event_raw_event_kmem_cache_alloc
 => kmem_cache_alloc_lru_noprof
 => alloc_inode
      hold-pipes-13240   [001] d..2.  2414.640900: kfree: call_site=foo+0x1/0x2 ptr=00000000010b1f08
      hold-pipes-13240   [001] d..2.  2414.640901: <stack trace>
 => trace_event_raw_event_kfree
 => kfree
`;

const LONG_TRACE = `           <...>-13264   (  13260) [000] .....  2415.824692: kmalloc: call_site=alloc_inode+0xa3/0xd0 ptr=ffff88816bcc49c0 bytes_req=616 bytes_alloc=1024 gfp_flags=GFP_KERNEL node=-1 accounted=true
           <...>-13264   (  13260) [000] .....  2415.824719: <stack trace>
 => trace_event_raw_event_kmalloc+0xe1/0x160 <ffffffff815ca091>
 => __kmalloc_noprof+0x22c/0x570 <ffffffff8163603c>
 => lp_get_pages+0xa3/0xd0 [leak_pages] <ffffffffc06e56c3>
`;

const REPORT = `cpus=2
imp1:       hold-pipes-13405 [001]  2464.977309: kmalloc:              (alloc_pipe_info+0x5d) call_site=alloc_pipe_info+0x5d ptr=0xffff88814f8166c0 bytes_req=176 bytes_alloc=192 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO node=-1 accounted=true
imp1:       hold-pipes-13405 [001]  2464.977312: kernel_stack:         <stack trace >
=> trace_event_raw_event_kmalloc (ffffffff815c6de1)
=> __kmalloc_cache_noprof (ffffffff81634007)
=> alloc_pipe_info (ffffffff816c7acd)
`;

function page(task: string, time: string, pfn: string): string {
  return `${task} .....  ${time}: mm_page_alloc: page=00000000010b1f08 pfn=${pfn} order=0 migratetype=0 gfp_flags=GFP_KERNEL\n`;
}

function stack(task: string, time: string, ...frames: string[]): string {
  return `${task} .....  ${time}: <stack trace>\n${frames.map((frame) => ` => ${frame}\n`).join('')}`;
}

const CPU0 = '            bash-10      [000]';
const CPU1 = '            bash-11      [001]';

describe('FtraceTextDecoder', () => {
  it('reads a tracefs trace, without the tracer’s own frames, and says that pointers are hashed', () => {
    const { events, host, decoder } = importText('ftrace', TRACE);
    expect(events).toEqual([
      '0us kmem_cache_alloc 10b1f08 624/616 pid 13240 hold-pipes cache inode_cache < kmem_cache_alloc_lru_noprof < alloc_inode',
      '112us kfree 10b1f08 0 < kfree',
    ]);
    expect(host).toMatchObject({ collector: 'ftrace', cpus: 2, allocators: ['slab'] });
    expect(host.notes[0]).toContain('pointers are hashed');
    expect(decoder.stats).toMatchObject({ hashedPointers: true, badLines: 0, lostEvents: 0 });
  });

  it('reads addresses, offsets, modules and tgids where options print them', () => {
    const { events, dictionary, log } = importText('ftrace', LONG_TRACE);
    expect(events).toEqual([
      '0us kmalloc ffff88816bcc49c0 1024/616 pid 13260 <...> < __kmalloc_noprof+0x22c < lp_get_pages+0xa3 [leak_pages]',
    ]);
    const { frames } = dictionary.stacks;
    expect(frames.find(0xffffffff, 0xc06e56c3)).toBeGreaterThan(0);
    expect(log.calls.filter((call) => call.call === 'symbol' && call.entry.addressLo === 0xc06e56c3)).toHaveLength(1);
  });

  it('reads trace-cmd report, with its buffer names, and gives real pointers for real', () => {
    const { events, host, decoder } = importText('trace-cmd', REPORT);
    expect(events).toEqual([
      '0us kmalloc ffff88814f8166c0 192/176 pid 13405 hold-pipes < __kmalloc_cache_noprof < alloc_pipe_info',
    ]);
    expect(host).toMatchObject({ collector: 'trace-cmd', cpus: 2, notes: [] });
    expect(decoder.stats).toMatchObject({ hashedPointers: false, badLines: 0 });
  });

  it('gives each stack to the event of its own CPU', () => {
    const { events } = importText(
      'ftrace',
      page(CPU0, '1.000000', '0x10') +
        page(CPU1, '1.000001', '0x11') +
        stack(CPU0, '1.000002', 'a') +
        stack(CPU1, '1.000003', 'b'),
    );
    expect(events).toEqual(['0us mm_page_alloc 10 1 pid 10 bash < a', '1us mm_page_alloc 11 1 pid 11 bash < b']);
  });

  it('gives an interrupt’s stack to the interrupt’s event when it comes between another’s', () => {
    const { events } = importText(
      'ftrace',
      page(CPU0, '1.000000', '0x10') +
        page(CPU0, '1.000001', '0x11') +
        stack(CPU0, '1.000002', 'irq') +
        stack(CPU0, '1.000003', 'task'),
    );
    expect(events.map((line) => line.split(' < ')[1])).toEqual(['task', 'irq']);
  });

  it('never gives the stack of a skipped, bad or freeing event to another, though a free may have one', () => {
    const { events, decoder } = importText(
      'ftrace',
      page(CPU0, '1.000000', '0x10') +
        stack(CPU0, '1.000001', 'right') +
        `${CPU0} .....  1.000002: mm_page_alloc_zone_locked: page=00000000010b1f08 pfn=0x10 order=0 migratetype=0\n` +
        stack(CPU0, '1.000003', 'wrong') +
        `${CPU0} .....  1.000004: mm_page_alloc: page=00000000010b1f08 pfn=? order=0\n` +
        stack(CPU0, '1.000005', 'wrong') +
        `${CPU0} .....  1.000006: kfree: call_site=x ptr=ffff888100000040\n` +
        stack(CPU0, '1.000007', 'wrong') +
        stack(CPU0, '1.000008', 'stray'),
    );
    expect(events).toEqual(['0us mm_page_alloc 10 1 pid 10 bash < right', '6us kfree ffff888100000040 0 < wrong']);
    expect(decoder.stats.badLines).toBe(1);
    expect([...decoder.skippedEvents]).toEqual([['mm_page_alloc_zone_locked', 1]]);
  });

  it('finds the event of a stack across batches and chunks', () => {
    const many = Array.from({ length: 40_000 }, (_, i) => {
      const time = `1.${String(i).padStart(6, '0')}`;
      return (
        page(CPU0, time, `0x${(i + 16).toString(16)}`) +
        page(CPU1, time, '0x1') +
        stack(CPU0, time, `f${i % 7}`) +
        stack(CPU1, time, 'g')
      );
    });
    const { log, dictionary } = importText('ftrace', many.join(''));
    expect(log.eventRows).toHaveLength(80_000);
    expect(dictionary.stacks.size).toBe(8);
    expect(log.eventRows.filter((row) => row[6] === 0)).toEqual([]);
  });

  it('appends user frames to the kernel’s when asked to', () => {
    const text =
      page(CPU0, '1.000000', '0x10') +
      stack(CPU0, '1.000001', 'a') +
      `${CPU0} .....  1.000002: <user stack trace>\n =>  <00007f1234567890>\n => /lib/libc.so.6[+0x1234]\n`;
    expect(importText('ftrace', text).events[0]).toMatch(/ < a$/);
    expect(importText('ftrace', text).host.notes).toContain('user frames were left out of the call paths');
    expect(importText('ftrace', text, { userFrames: true }).events[0]).toMatch(
      / < a < 7f1234567890 < \/lib\/libc.so.6\[\+0x1234\]$/,
    );
  });

  it.each([
    ['   kworker/0:1-ev-77     [000]', 'kworker/0:1-ev', 77],
    ['         my prog-77      [000]', 'my prog', 77],
    [' a-1 [000] 1.0:-77       [000]', 'a-1 [000] 1.0:', 77],
    ['           [001]-77      [000]', '[001]', 77],
    ['      a-1 [0] 5: b:-77   [000]', 'a-1 [0] 5: b:', 77],
    [' a-1 [0] x 5: b:-77      [000]', 'a-1 [0] x 5: b:', 77],
    [' => aaaaaaaaaaaa-77      [000]', '=> aaaaaaaaaaaa', 77],
    ['          <idle>-0       [000]', '<idle>', 0],
    ['           a b-5-77      (-------) [000]', 'a b-5', 77],
    ['           (x) y-77      (     70) [000]', '(x) y', 70],
    ['first:            my prog-77      [000]', 'my prog', 77],
  ])('finds comm and pid in %j', (task, comm, pid) => {
    const { log, dictionary, decoder } = importText(
      'ftrace',
      // After a stack, because a line that starts with "=>" could be taken for a frame there.
      page(CPU0, '0.000001', '0x9') + stack(CPU0, '0.000002', 'a') + page(task, '1.000000', '0x10'),
    );
    expect(log.eventRows).toHaveLength(2);
    expect([dictionary.comms.name(log.eventRows[1][8]), log.eventRows[1][7]]).toEqual([comm, pid]);
    expect(decoder.stats.badLines).toBe(0);
  });

  it('passes a failed page alloc on as address all ones', () => {
    const { events } = importText(
      'ftrace',
      `${CPU0} .....  1.000000: mm_page_alloc: page=0000000000000000 pfn=0x0 order=9 migratetype=0 gfp_flags=0\n`,
    );
    expect(events).toEqual(['0us mm_page_alloc ffffffffffffffff 512 pid 10 bash']);
  });

  it.each([
    ['CPU:1 [LOST 123 EVENTS]', 1, 123, false],
    ['CPU:0 [LOST EVENTS]', 0, 1, true],
    ['CPU:7 [204600 EVENTS DROPPED]', 7, 204600, false],
    ['CPU:7 [EVENTS DROPPED]', 7, 1, true],
    ['# entries-in-buffer/entries-written: 100/130   #P:2', -1, 30, false],
  ])('counts %s', (line, cpu, count, uncounted) => {
    const { losses, decoder } = importText('ftrace', `${line}\n${page(CPU0, '1.000000', '0x10')}`);
    expect(losses).toEqual([{ cause: LOSS_REPORTED, kind: 0, cpu, count, bytes: 0, countWithBytes: 0 }]);
    expect(decoder.stats).toMatchObject({ lostEvents: count, lostUncounted: uncounted });
  });

  it('takes the counts of a clock without a point for nanoseconds, and says so', () => {
    const { events, host } = importText('ftrace', page(CPU0, '1000', '0x10') + page(CPU0, '3500', '0x11'));
    expect(events.map((line) => line.split(' ')[0])).toEqual(['0us', '2.5us']);
    expect(host.notes.join()).toContain('the unit of the trace clock is not known');
  });
});
