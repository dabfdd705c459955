import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('kallsyms.c', [
  'kernel/kallsyms.c',
  'kernel/machinery.c',
  'base/log.c',
  'base/options.c',
  'base/event-kinds.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** Returns the loader's answers about a kallsyms text, and its notes. */
function ask(text: string, ...questions: string[]): string[] {
  const path = program.file('kallsyms');
  writeFileSync(path, text);
  return program.lines([path], `${questions.join('\n')}\n`);
}

const KERNEL = `
0000000000001000 A fixed_percpu_data
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000100 t do_one
ffffffff81000200 W weak_one
ffffffff81000300 d a_table
ffffffff81000400 T last_one
`.trimStart();

describe('a return address gets the function that holds the byte before it', () => {
  it('inside a function, and right behind its last call', () => {
    expect(ask(KERNEL, 'name ffffffff81000120', 'name ffffffff81000200', 'name ffffffff81000201')).toEqual([
      'do_one+0x20 []',
      'do_one+0x100 []',
      'weak_one+0x1 []',
    ]);
  });

  it('of several names for one address the first is taken', () => {
    expect(ask(KERNEL, 'name ffffffff81000001')).toEqual(['_stext+0x1 []']);
  });

  it('data is no function; below the first and far behind the last there is nothing', () => {
    expect(ask(KERNEL, 'name ffffffff81000380', 'name ffffffff81000000', 'name ffffffff81200401')).toEqual([
      'weak_one+0x180 []',
      '-',
      '-',
    ]);
  });

  it('small addresses are per-CPU offsets, whatever their type says', () => {
    expect(ask(`0000000000001000 T percpu_thing\n${KERNEL}`, 'name 1001')).toEqual(['-']);
  });
});

describe('what starts at an address, exactly', () => {
  const variables = Array.from(
    { length: 1000 },
    (_, i) => `${(0xffffffff82000000n + BigInt(i) * 64n).toString(16)} ${'dDrRbB'[i % 6]} var_${i}\n`,
  );
  const text = `${KERNEL}${variables.join('')}ffffffffc0005000 d mod_table\t[mod]\n`;

  it('a function at its first byte alone', () => {
    expect(
      ask(text, 'function ffffffff81000100', 'function ffffffff81000101', 'function ffffffff810000ff', 'first'),
    ).toEqual(['do_one+0 []', '-', '-', 'ffffffff81000000']);
  });

  it('variables of all kinds, of modules too; a place between two belongs to the one before it', () => {
    expect(
      ask(text, 'data ffffffff82000000', 'data ffffffff82000047', 'data ffffffffc0005010', 'data ffffffff81000100'),
    ).toEqual(['var_0+0 []', 'var_1+0x7 []', 'mod_table+0x10 [mod]', '-']);
    // A function's place is never a variable's, nor the other way round.
    expect(ask(text, 'function ffffffff82000000', 'name ffffffff82000001')).toEqual(['-', '-']);
  });

  it('what has no symbol is not taken for the last that has one, nor for a mark', () => {
    const marks = 'ffffffff8200fa00 D __end_of_it\nffffffff8200fa10 d __BTF_ID__struct__task_struct__1\n';
    expect(ask(`${KERNEL}${variables.join('')}${marks}`, 'data ffffffff8200fa20', 'data ffffffff8202fa20')).toEqual([
      'var_999+0x60 []',
      '-',
    ]);
  });

  it('where only ends of sections have names, they are no variables', () => {
    expect(ask(`${KERNEL}ffffffff82000000 D __start_rodata\n`, 'data ffffffff82000010')).toEqual(['-']);
  });

  it('behind _etext the letter of code is that of data too, unless data has no names', () => {
    const behind = 'ffffffff81000500 T _etext\nffffffff83550548 T huge_zero_folio\n';
    const asked = ['data ffffffff83550550', 'data ffffffff81000500'];
    expect(ask(`${KERNEL}${behind}${variables.join('')}`, ...asked)).toEqual([
      'huge_zero_folio+0x8 []',
      'a_table+0x200 []',
    ]);
    expect(ask(`${KERNEL}${behind}`, ...asked)).toEqual(['-', '-']);
  });
});

it('modules and BPF programs come behind the core kernel, in any order, with their own names', () => {
  const text = `${KERNEL}ffffffffc0002000 t second\t[mod_b]
ffffffffc0001000 t first\t[mod_a]
ffffffffc0003000 t bpf_prog_6deef7357e7b4530_kfree_ptr\t[bpf]
`;
  expect(ask(text, 'name ffffffffc0001010', 'name ffffffffc0002010', 'name ffffffffc0003010')).toEqual([
    'first+0x10 [mod_a]',
    'second+0x10 [mod_b]',
    'bpf_prog_6deef7357e7b4530_kfree_ptr+0x10 [bpf]',
  ]);
});

it('is asked for names of any kind, exactly', () => {
  const text = `${KERNEL}ffffffff82000000 r __start_orc_unwind\nffffffffc0001000 T do_one_more\t[mod]\n`;
  expect(ask(text, 'find __start_orc_unwind', 'find do_one_more', 'find do_on', 'find a_table')).toEqual([
    'ffffffff82000000',
    'ffffffffc0001000',
    '-',
    'ffffffff81000300',
  ]);
});

it('knows the frames of the tracing itself, a program without a name included, up to the allocator', () => {
  const text = `
ffffffff81000000 T bpf_trace_run3
ffffffff81001000 T __traceiter_kmalloc
ffffffff81002000 T kmalloc_trace
ffffffff81003000 T vfs_read
`.trimStart();
  const tracing = 'ffffffff81000010 ffffffff81001010';
  expect(
    ask(
      text,
      `machinery ${tracing} ffffffff81002010`,
      // A program's image has no name until symbols are read again.
      `machinery ffffffffc0000010 ${tracing} ffffffff81002010`,
      'machinery ffffffff81003010 ffffffff81000010',
      // If all frames belonged to the tracing, no call path would be left.
      `machinery ${tracing}`,
      'is ffffffff81000010 bpf_trace_run',
      'is ffffffff81003010 bpf_trace_run',
    ),
  ).toEqual(['2', '3', '0', '0', 'yes', 'no']);
});

describe('texts that no kernel should write', () => {
  it.each([
    [
      'an empty line, a line of an address alone, and of an address and a type',
      '\nffffffff81000110\nffffffff81000110 T\n',
    ],
    ['an address and a blank', 'ffffffff81000110 \n'],
    ['no name', 'ffffffff81000110 T \n'],
    ['no type', 'ffffffff81000110  x\n'],
    ['a NUL for a type', 'ffffffff81000110 \0 x\n'],
    ['a module without a name', 'ffffffff80000000 t x\t\nffffffff80000000 t x\t[\nffffffff80000000 t x\t[]\n'],
    ['letters for an address', 'xyz T hostile\n'],
    ['a tab first', '\t[mod]\n'],
  ])('%s: passed over', (_, hostile) => {
    expect(ask(`${hostile}${KERNEL}`, 'name ffffffff81000120', 'find do_one')).toEqual([
      'do_one+0x20 []',
      'ffffffff81000100',
    ]);
  });

  it('a short line is not read together with the one before it', () => {
    const text = '0000000000000000 d hidden_one\nffffffff82000000 \nffffffff82000000\n';
    expect(ask(text, 'find hidden_one').slice(0, 1)).toEqual(['-']);
  });

  it('a name of 511 characters, the longest that Linux has, and one of 5,000', () => {
    const [long, longer] = ['l'.repeat(511), 'm'.repeat(5000)];
    expect(
      ask(
        `${KERNEL}ffffffff81000500 t ${long}\nffffffff81000600 t ${longer}\nffffffff81000700 t end\n`,
        'name ffffffff81000501',
        'name ffffffff81000601',
        'find end',
      ),
    ).toEqual([`${long}+0x1 []`, `${longer}+0x1 []`, 'ffffffff81000700']);
  });

  it('a last line that is not ended is left out, it may be cut', () => {
    expect(ask(`${KERNEL}ffffffff81000500 t half_a_na`, 'name ffffffff81000510')).toEqual(['last_one+0x110 []']);
  });

  it('more text than a buffer holds: no line is lost at its ends', () => {
    const addresses = Array.from({ length: 30_000 }, (_, i) => 0xffffffff81000000n + BigInt(i) * 16n);
    const text = addresses.map((address, i) => `${address.toString(16)} t fn_${i}\n`).join('');
    const questions = addresses.map((address) => `name ${(address + 1n).toString(16)}`);
    expect(ask(text, ...questions)).toEqual(addresses.map((_, i) => `fn_${i}+0x1 []`));
  });
});

it('without addresses, or without the file, call paths have no names, and a note says what to do', () => {
  const hidden = KERNEL.replaceAll(/^[0-9a-f]{16}/gm, '0000000000000000');
  expect(ask(hidden, 'name ffffffff81000120')).toEqual([
    '-',
    expect.stringMatching(/^note: .*kallsyms hides its addresses: call paths have no names; it needs CAP_SYSLOG/),
  ]);
  expect(program.lines(['/no/such/file'], 'name ffffffff81000120\n')).toEqual([
    '-',
    'note: /no/such/file cannot be read: call paths have addresses, no names',
  ]);
});
