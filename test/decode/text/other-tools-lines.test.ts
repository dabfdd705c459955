/** Lines of another tool in a text. */
import { describe, expect, it } from 'vitest';
import { readText } from '../../helpers/text-import.js';

const at = (i: number): string => `7.${String(i).padStart(6, '0')}`;
const perfLine = (i: number): string =>
  `sh 7 [000] ${at(i)}: kmem:kmalloc: call_site=f+0x1 ptr=0xffff8880${(0x1000_0000 + i * 64).toString(16)} bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n`;
const ftraceLine = (i: number): string =>
  `              sh-7       [000] .....     ${at(i)}: kmalloc: call_site=f+0x1/0x20 ptr=ffff8880${(0x2000_0000 + i * 64).toString(16)} bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n`;

function lines(count: number, line: (i: number) => string, from = 0): string {
  return Array.from({ length: count }, (_, i) => line(from + i)).join('');
}

describe('a text of two tools', () => {
  it.each([
    ['perf, then tracefs', lines(10, perfLine) + lines(20, ftraceLine, 10), 20],
    ['tracefs, then fewer of perf', lines(20, ftraceLine) + lines(10, perfLine, 20), 20],
  ])('says that the lines of one were not understood (%s)', (_, text, events) => {
    const read = readText(text);
    expect(read.events).toHaveLength(events);
    expect(read.summary?.problems[0].what).toBe('10 of 30 event lines (33 %) were not understood');
  });

  it('takes messages before the first event for no events', () => {
    const read = readText(`$ perf script -i perf.data # kmem:kmalloc\nversion = 6\n${lines(3, perfLine)}`);
    expect(read.summary?.problems).toEqual([]);
  });
});
