import { describe, expect, it } from 'vitest';
import { KeptMembers } from '../../../src/collect/bundle/kept-members.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function keep(kept: KeptMembers, text: string, limitBytes: number, part: 'head' | 'tail' = 'head', piece = 3) {
  const sink = kept.keep({ name: 'x', limitBytes, keep: part, timeMs: null });
  for (let at = 0; at < text.length; at += piece) sink?.push(bytes(text.slice(at, at + piece)));
  sink?.end(true);
  return kept.members.at(-1);
}

describe('KeptMembers', () => {
  it.each([1, 2, 3, 5, 100])('cuts a text at a line, from its start or its end (pieces of %d)', (piece) => {
    const text = 'one\ntwo\nthree\n';
    expect(keep(new KeptMembers(), text, 9, 'head', piece)).toMatchObject({ text: 'one\ntwo\n', cut: true });
    expect(keep(new KeptMembers(), text, 9, 'tail', piece)).toMatchObject({ text: 'three\n', cut: true });
    expect(keep(new KeptMembers(), text, 14, 'head', piece)).toMatchObject({ text, cut: false });
    expect(keep(new KeptMembers(), text, 14, 'tail', piece)).toMatchObject({ text, cut: false });
    expect(keep(new KeptMembers(), text, 0, 'head', piece)).toMatchObject({ text: '', cut: true });
  });

  it('keeps no more than its limits, and says so', () => {
    const kept = new KeptMembers(10);
    keep(kept, 'abcdef\n', 100);
    keep(kept, 'gh\nijklm\n', 100);
    expect(kept.members.map(({ text }) => text)).toEqual(['abcdef\n', 'gh\n']);
    expect(kept.full).toBe(false);
    expect(kept.keep({ name: 'x', limitBytes: 5, keep: 'head', timeMs: null })).toBeNull();
    expect(kept.full).toBe(true);
    const few = new KeptMembers(1000, 1);
    keep(few, 'a\n', 100);
    expect(few.wish('x/proc/meminfo', null)).toBeNull();
  });

  it('wants the first bytes alone of a text that is kept from its start', () => {
    const sink = new KeptMembers().keep({ name: 'x', limitBytes: 4, keep: 'head', timeMs: null });
    expect(sink?.wantsMore).toBe(true);
    sink?.push(bytes('abcdef'));
    expect(sink?.wantsMore).toBe(false);
  });
});
