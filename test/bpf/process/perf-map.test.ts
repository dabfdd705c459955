import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';

const program = new HostProgram('process/perf-map.c', [
  'process/perf-map.c',
  'process/process-files.c',
  'process/elf-file.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

const ask = (...lines: string[]): string[] => program.lines([], `${lines.join('\n')}\n`);

describe("names of a JIT's code", () => {
  it('hold from the start of an entry up to its end', () => {
    expect(
      ask('write 1000 20 one', 'write 1040 10 two three', 'ask fff', 'ask 1000', 'ask 101f', 'ask 1020', 'ask 104f'),
    ).toEqual(['-', 'one 1000 1020', 'one 1000 1020', '-', 'two three 1040 1050']);
  });

  it('are those written last, where code has taken the place of other code', () => {
    expect(
      ask(
        'write 1000 100 old',
        'write 1080 10 inner',
        'write 1040 80 new',
        'ask 1010',
        'ask 1050',
        'ask 1085',
        'ask 10a0',
      ),
    ).toEqual(['old 1000 1100', 'new 1040 10c0', 'new 1040 10c0', 'new 1040 10c0']);
  });

  it('with and without 0x; lines that are none are left out', () => {
    expect(
      ask(
        'write 0x1000 0X10 bad',
        'write 0x2000 0x10 good',
        'write 3000',
        'write 3000 10',
        'write  4000 10 space',
        'write 5000 0 empty',
        'write ',
        'write -6000 10 negative',
        'write ffffffffffffff000 10 long',
        ...['1000', '2000', '3000', '4000', '5000', '6000'].map((address) => `ask ${address}`),
      ),
    ).toEqual(['-', 'good 2000 2010', '-', '-', '-', '-']);
  });

  it('at the end of all addresses', () => {
    expect(ask('write fffffffffffffff0 ffff last', 'ask ffffffffffffffff', 'ask 1')[0]).toMatch(/^last /);
  });

  it('are read again when more has been written, at most once a second', () => {
    const more = 'write 2000 10 late';
    expect(ask('write 1000 10 early', 'ask 1000', more, 'ask 2000', 'pause 1100', 'ask 2000', 'ask 1000')).toEqual([
      'early 1000 1010',
      '-',
      'late 2000 2010',
      'early 1000 1010',
    ]);
  });
});
