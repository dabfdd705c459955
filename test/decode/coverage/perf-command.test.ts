import { describe, expect, it } from 'vitest';
import { cpusInList, namesEvent, perfCommand } from '../../../src/decode/coverage/perf-command.js';

/** [command line as perf's header joins it, why only some processes were traced, list of CPUs, frequency] */
const LINES: [line: string, processes: string, cpus: string, frequency: string][] = [
  ['/usr/bin/perf record -q -o f.data -a -F 99 -e kmem:kmalloc -e kmem:kfree -- sleep 5 ', '', '', '99'],
  ['perf record -ag -e kmem:*', '', '', ''],
  ['perf record -agF4000 -e kmem:* sleep 1', '', '', '4000'],
  ['perf record -e kmem:kmalloc,kmem:kfree -- ./a.out -a -C 3', 'perf record of a command, without -a', '', ''],
  ['perf record -g -e kmem:kmalloc make -j8', 'perf record of a command, without -a', '', ''],
  // Without a target and a command, perf traces the machine until it is stopped.
  ['perf record -g -e kmem:kmalloc', '', '', ''],
  ['/usr/bin/perf record -q -p 23629 -o pid.data -e kmem:kmalloc -e kmem:kfree ', 'perf record -p 23629', '', ''],
  // A process overrides -a.
  ['perf record -a --pid=17,18 -e kmem:kmalloc', 'perf record -p 17,18', '', ''],
  ['perf record --tid 99 -e kmem:kmalloc sleep 9', 'perf record -t 99', '', ''],
  ['perf record -a -G pods/web -e kmem:kmalloc sleep 9', 'perf record -G pods/web', '', ''],
  ['perf record -C 0,2-3 -e kmem:kmalloc -- sleep 1', '', '0,2-3', ''],
  ['perf record --cpu=1 -e kmem:kmalloc -- sleep 1', '', '1', ''],
  ['perf record --all-cpus --freq 50 -e kmem:kmalloc -- sleep 1', '', '', '50'],
  ['perf record --call-graph dwarf,8192 -a -m 512 -e kmem:kmalloc sleep 5', '', '', ''],
  // Only in the words of perf itself: the command may be another perf.
  ['perf record -a -e kmem:kmalloc -- perf bench sched messaging -F 9 -p 3', '', '', ''],
];

describe('the command line of perf record', () => {
  it.each(LINES)('%s', (line, processes, cpus, frequency) => {
    expect(perfCommand(line)).toMatchObject({ known: true, processes, cpus, frequency });
  });

  it.each(['perf trace -e kmem:kmalloc', 'perf stat record -a', '/bin/record -p 7', '', 'perf'])(
    'nothing is known from: %s',
    (line) => {
      expect(perfCommand(line)).toMatchObject({ known: false, processes: '', cpus: '', frequency: '', filters: [] });
    },
  );

  it('perf kmem record traces the machine', () => {
    expect(perfCommand('/usr/bin/perf kmem record sleep 5')).toMatchObject({ known: true, processes: '' });
  });

  it.each([
    ['perf record -a -e kmem:kmalloc --filter bytes_req < 512 -e kmem:kfree -- sleep 1', 'bytes_req < 512', ''],
    ['perf record -a -e kmem:kmalloc --filter bytes_req<512 sleep 1', 'bytes_req<512', ''],
    ['perf record -e kmem:kmalloc --filter=bytes_req<512&&node==0', 'bytes_req<512&&node==0', ''],
    [
      'perf record -e kmem:kmalloc --filter (bytes_req > 64) && gfp_flags & 0x400 sleep 1',
      '(bytes_req > 64) && gfp_flags & 0x400',
      'perf record of a command, without -a',
    ],
  ])('a filter ends where its expression does: %s', (line, text, processes) => {
    expect(perfCommand(line)).toMatchObject({ filters: [{ events: 'kmem:kmalloc', text }], processes });
  });

  it('counts the CPUs of a list', () => {
    expect(['0', '0-3', '0,2,4-5', '1,1', 'x', '3-'].map(cpusInList)).toEqual([1, 4, 4, 1, 0, 0]);
  });

  it('finds an event in the argument of -e', () => {
    expect(namesEvent('kmem:*', 'kmem:kfree')).toBe(true);
    expect(namesEvent('kmem:kmalloc,kmem:kfree', 'kmem:kfree')).toBe(true);
    expect(namesEvent('{kmem:kmalloc,kmem:kfree}', 'kmem:kfree')).toBe(true);
    expect(namesEvent('kmem:kfree:k', 'kmem:kfree')).toBe(true);
    expect(namesEvent('kmem:kmalloc*', 'kmem:kfree')).toBe(false);
    expect(namesEvent('cycles', 'kmem:kfree')).toBe(false);
    expect(namesEvent('kmem.kfree', 'kmem:kfree')).toBe(false);
  });
});
