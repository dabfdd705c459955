import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('orc.c', ['kernel/orc.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

function ask(form: string, table: string[], ...addresses: string[]): string[] {
  return program.lines([form], `${[...table, 'end of table', ...addresses].join('\n')}\n`);
}

/** Frames found by sp, like nearly all in a kernel, so that the loader accepts the table. */
const USUAL = ['ffffffff81f00000', 'ffffffff81f00010', 'ffffffff81f00020', 'ffffffff81f00030'].map(
  (pc) => `${pc} sp 8 undefined 0 call`,
);

describe('how a frame ends, from Linux 6.4 on', () => {
  it.each([
    ['found by sp', 'sp 24 undefined 0 call', 'call +24 bp 0'],
    ['found by sp, and it saved bp', 'sp 48 prev_sp -16 call', 'call +48 bp 16'],
    ['found by bp', 'bp 16 prev_sp -16 call', 'bp +16 bp 16'],
    ['a stack that was realigned', 'bp_indirect -8 bp 0 call', 'bp indirect -8 bp 0'],
    ['a change to the interrupt stack', 'sp_indirect 8 undefined 0 call', 'sp indirect +8 bp 0'],
    ['registers of an interrupted kernel', 'sp 0 undefined 0 regs signal', 'interrupted +0 bp 0'],
    ['registers of a caller', 'sp 16 undefined 0 regs', 'regs +16 bp 0'],
    ['the end of the stack', 'undefined 0 undefined 0 end', 'end'],
    ['bp saved above the frame', 'sp 48 prev_sp 16 call', 'not for us'],
    ['bp saved at no whole word', 'sp 48 prev_sp -12 call', 'not for us'],
    ['bp saved deeper than 12 bits of words', 'sp 48 prev_sp -32768 call', 'not for us'],
    ['bp saved by sp', 'sp 48 sp -16 call', 'not for us'],
    ['bp kept by a frame found by sp', 'sp 48 bp 0 call', 'not for us'],
    ['found by R10', '6 0 undefined 0 call', 'not for us'],
    ['a signal frame that is a call', 'sp 24 undefined 0 call signal', 'not for us'],
    ['partial registers', 'sp 0 undefined 0 partial', 'not for us'],
    ['registers found by bp', 'bp 0 undefined 0 regs', 'not for us'],
    ['undefined', 'undefined 0 undefined 0 undefined', 'not for us'],
  ])('%s', (_, entry, expected) => {
    expect(ask('6.4', [`ffffffff81000100 ${entry}`, ...USUAL], 'ffffffff81000110')).toEqual([expected]);
  });
});

describe('the same before 6.4, where types have other numbers', () => {
  it.each([
    ['6.2', 'sp 24 undefined 0 call', 'call +24 bp 0'],
    ['6.2', 'sp 0 undefined 0 regs', 'interrupted +0 bp 0'],
    ['6.2', 'undefined 0 undefined 0 call end', 'end'],
    ['6.2', 'undefined 0 undefined 0 call', 'not for us'],
    ['6.2', 'sp 0 undefined 0 partial', 'not for us'],
    ['6.2', 'sp 24 undefined 0 call end', 'not for us'],
    ['6.3', 'sp 0 undefined 0 regs signal', 'interrupted +0 bp 0'],
    ['6.3', 'sp 0 undefined 0 regs', 'regs +0 bp 0'],
    ['6.3', 'sp 24 undefined 0 call signal', 'not for us'],
    ['6.3', 'undefined 0 undefined 0 call end', 'end'],
  ])('%s: %s', (form, entry, expected) => {
    expect(ask(form, [`ffffffff81000100 ${entry}`, ...USUAL], 'ffffffff81000110')).toEqual([expected]);
  });
});

it('an address that was called from is looked up by the byte before it, one that was interrupted by itself', () => {
  const table = [
    'ffffffff81000100 sp 16 undefined 0 call',
    'ffffffff81000110 sp 32 undefined 0 call',
    'ffffffff81000120 sp 64 undefined 0 call',
    ...USUAL,
  ];
  expect(
    ask('6.4', table, 'ffffffff81000110', 'ffffffff81000110 interrupted', 'ffffffff81000111', 'ffffffff81000121'),
  ).toEqual(['call +16 bp 0', 'call +32 bp 0', 'call +32 bp 0', 'call +64 bp 0']);
});

it('outside the core text, and in front of the first entry, there is nothing', () => {
  const table = ['ffffffff81000100 sp 16 undefined 0 call', ...USUAL];
  expect(
    ask(
      '6.4',
      table,
      'ffffffffc0001000',
      'ffffffff80ffffff',
      'ffffffff81000100',
      'ffffffff82000001',
      'ffffffff82000000',
    ),
  ).toEqual(['not for us', 'not for us', 'not for us', 'not for us', 'call +8 bp 0']);
});

describe('a table that is not believed', () => {
  it('whose entries have another form', () => {
    const why = "the kernel's unwind table has a form that is new to this version";
    expect(ask('8 bytes', USUAL, 'ffffffff81f00000')).toEqual([why]);
  });

  it('of a kernel that has none', () => {
    expect(ask('none', [], 'ffffffff81f00000')).toEqual(['the kernel has no ORC unwind table']);
  });

  it('whose registers have other numbers, as those of 7.3 have: sp 3, bp 4', () => {
    const table = USUAL.map((entry) => entry.replace('sp', '3'));
    expect(ask('6.4', table, 'ffffffff81f00000')).toEqual([
      "the kernel's unwind table has numbers that are new to this version",
    ]);
  });

  it('that is not sorted', () => {
    expect(ask('6.4', [USUAL[1], USUAL[0]].map(String), 'ffffffff81f00000')).toEqual([
      'the unwind table is not sorted',
    ]);
  });
});
