import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('read.c', ['memory/read.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** Reads with 16 KiB a call; page 8 cannot be read. */
function read(how: 'split' | 'whole', ...requests: string[]): string[] {
  return program.lines(['16384', ',8,', how, ...requests]);
}
const pieces = (lines: string[]): string[] => lines.slice(0, -2);

describe('many reads in few calls', () => {
  it('what is longer than a call comes in pieces, in order, each with its place', () => {
    expect(pieces(read('split', '100000+9008', '200000+10'))).toEqual([
      '0 +0 4000',
      '0 +4000 4000',
      '0 +8000 1008',
      '1 +0 10',
    ]);
  });

  it('what cannot be read whole is read again up to each page: all but the hole comes', () => {
    expect(pieces(read('split', '6010+3fe8', '200000+8', '8000+8', '8000+1000'))).toEqual([
      '0 +0 ff0',
      '0 +ff0 1000',
      '0 +1ff0 1000 cannot be read',
      '0 +2ff0 ff8',
      '1 +0 8',
      '2 +0 8 cannot be read',
      '3 +0 1000 cannot be read',
    ]);
  });

  it('without pieces it comes whole or not at all, up to 64 KiB, also where a call is shorter', () => {
    expect(pieces(read('whole', '100000+10000', '7ff8+10', '7ff0+8', '9000+1000'))).toEqual([
      '0 +0 10000',
      '1 +0 10 cannot be read',
      '2 +0 8',
      '3 +0 1000',
    ]);
  });

  it('lengths that are no words do not disturb the next: pieces are aligned', () => {
    expect(pieces(read('whole', '100000+3', '200000+8', '300000+d', '400000+10'))).toEqual([
      '0 +0 3',
      '1 +0 8',
      '2 +0 d',
      '3 +0 10',
    ]);
  });

  it.each([
    [31, 1],
    [60, 2],
  ])(
    '%i small ones are %i calls of 16 KiB, for each place stands for 512 bytes, beside one for each look in between and one for the last read',
    (nr, calls) => {
      const requests = Array.from({ length: nr }, (_, i) => `${(0x100000 + i * 4096).toString(16)}+8`);
      expect(read('whole', ...requests).at(-1)).toBe(`calls ${calls + nr + 1}`);
    },
  );
});

it('a single read across a hole fails, and gives zeros', () => {
  expect(read('whole', '100000+8').at(-2)).toBe('0x7ff0+20 cannot be read, zeros');
  expect(program.lines(['16384', ',', 'whole', '100000+8']).at(-2)).toBe('0x7ff0+20 read, its bytes');
});
