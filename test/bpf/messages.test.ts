import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('messages.c', [
  'references/messages.c',
  'base/log.c',
  'base/options.c',
  'base/event-kinds.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

const references = (...what: string[]): string => program.lines(what)[0].trim();

/** Words of struct skb_shared_info, which begins at word 40: frag_list is its second, frags its seventh and on. */
const LIST = '41';
const FRAGS = ['46 47', '48 49', '50 51', '52 53', '54 55'];

describe('a buffer of a network message', () => {
  it('refers to as many pages as are in use; what else lies in it is data, or old', () => {
    expect(references()).toBe([LIST, ...FRAGS.slice(0, 2)].join(' '));
    expect(references('frags=0')).toBe(LIST);
    expect(references('frags=5')).toBe([LIST, ...FRAGS].join(' '));
  });

  it('of two sk_buffs that lie together: if both have it', () => {
    expect(references('two=1')).toBe([LIST, ...FRAGS.slice(0, 2)].join(' '));
    expect(references('two=1', 'second=8')).toBe('none');
  });

  it.each([
    ['its sk_buff is in no queue, and may be one that a CPU keeps', 'next=0'],
    ['nobody uses it any more', 'users=0'],
    ['it has more pages than there is room for', 'frags=6'],
    ['what should be a page is none', 'frag=0x1234'],
    ['it begins within an object', 'head=8'],
    ['it ends behind the object', 'end=392'],
    ['its data begins in front of it', 'data=-8'],
    ['its data ends behind its end', 'tail=321'],
  ])('is none if %s', (_, what) => {
    expect(references(what)).toBe('none');
  });
});
