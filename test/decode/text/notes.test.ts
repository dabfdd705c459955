import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

/** Lines made in the form of perf script of 6.1. */
const line = (i: number, event: string): string => `  sh 101 [00${i % 2}]  7.00000${i}: kmem:${event}\n`;
const FREE = 'kfree: call_site=g+0x1 ptr=0xffff888100000100';

function notesOf(text: string): string {
  return importText('perf-script', text).host.notes.join('\n');
}

describe('the notes of a text', () => {
  it('say that frees alone tell nothing of what is held', () => {
    const frees = line(1, FREE) + line(2, FREE);
    expect(notesOf(frees)).toContain('the text has frees and no allocations, so nothing can be said of what is held');
    const alloc = line(
      3,
      'kmalloc: call_site=f+0x1 ptr=0xffff888100000100 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL',
    );
    expect(notesOf(frees + alloc)).not.toContain('no allocations');
  });

  it('call no line cut that has its flags', () => {
    const strange = 'kmalloc: call_site=f+0x1 ptr: 0xffff888100000100 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL';
    const notes = notesOf(line(1, FREE) + line(2, strange));
    expect(notes).toContain('1 line was not understood');
    expect(notes).not.toContain('too early');
  });
});
