/**
 * The pc table and the tree of known paths: the loader's half fills them, the programs' own source
 * reads them.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('call-paths.c', [
  'stacks/pc-table.c',
  'stacks/path-tree.c',
  'kernel/kallsyms.c',
  'kernel/machinery.c',
  'kernel/orc.c',
  'base/log.c',
  'base/options.c',
  'base/event-kinds.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

const KALLSYMS = `
ffffffff81000000 T _stext
ffffffff81001000 t __traceiter_kmalloc
ffffffff81002000 t kmalloc
ffffffff81003000 t vfs_read
ffffffff81004000 t do_syscall_64
ffffffff81005000 t entry
ffffffff81006000 t realigned
ffffffff81007000 t asm_interrupt
ffffffff81008000 t return_to_handler
ffffffff81009000 t by_r10
ffffffff8100a000 t bottom
`.trimStart();

/** How the frames of these functions end. */
const ORC = [
  'ffffffff81001000 sp 16 undefined 0 call',
  'ffffffff81002000 sp 32 prev_sp -16 call',
  'ffffffff81003000 sp 48 undefined 0 call',
  'ffffffff81004000 bp 16 prev_sp -16 call',
  'ffffffff81005000 sp 0 undefined 0 regs',
  'ffffffff81006000 bp_indirect -8 bp 0 call',
  'ffffffff81007000 sp 0 undefined 0 regs signal',
  'ffffffff81008000 sp 8 undefined 0 call',
  'ffffffff81009000 6 8 undefined 0 call',
  'ffffffff8100a000 undefined 0 undefined 0 end',
  // As in any kernel, most frames are found by sp.
  'ffffffff8100b000 sp 8 undefined 0 call',
  'ffffffff8100c000 sp 8 undefined 0 call',
];

/** Where kmalloc's paths start: the return address of bpf_trace_run* 80 bytes above the context. */
const START = 'start 0 80 16';

/** struct pt_regs___u of fast-walk.bpf.h, as the host lays it out. */
const [BP, IP, CS, SP] = [0, 8, 16, 24];

/**
 * A read() allocates: kmalloc < vfs_read < do_syscall_64 < entry, and registers from user space.
 * do_syscall_64's frame is found by bp, which kmalloc saved; it begins at 400.
 */
const READ = [
  'stack 80=ffffffff81001010 96=ffffffff81002010 120=@400 128=ffffffff81003010 176=ffffffff81004010',
  `stack 408=ffffffff81005010 ${416 + CS}=33`,
];
const READ_FRAMES = 'ffffffff81002010 ffffffff81003010 ffffffff81004010 ffffffff81005010';

/** asm_interrupt, registers of vfs_read, which was interrupted, and its caller at 640. */
const INTERRUPTED = [
  `stack 80=ffffffff81007010 ${88 + IP}=ffffffff81003000 ${88 + CS}=10 ${88 + SP}=@600 ${88 + BP}=0`,
  'stack 640=ffffffff8100a010',
];
const ANSWERED = ['walk 0', 'walk 0', 'walk 0'];

/** Each walk asks for one pc of the path; after these the table has all of them. */
const LEARNT = Array.from({ length: 5 }, () => 'walk 0');

function run(...lines: string[]): string[] {
  return program.lines([kallsyms()], input(lines));
}

function kallsyms(): string {
  const path = program.file('kallsyms');
  writeFileSync(path, KALLSYMS);
  return path;
}

/** Returns the loader's line about how much of the tree is in use. */
const treeSize = (...lines: string[]): string => program.run([kallsyms()], input(lines)).stderr;

const input = (lines: string[]): string => `${[...ORC, 'end of table', ...lines].join('\n')}\n`;

describe('the walk by table', () => {
  it('asks for each address once, then has the path, without the frames of the tracing', () => {
    // It asks for the tracepoint's iterator too: only then is that known to be part of the tracing.
    expect(run(START, ...READ, ...LEARNT, 'walk 0')).toEqual([
      'asks for ffffffff81001010',
      'asks for ffffffff81002010',
      'asks for ffffffff81003010',
      'asks for ffffffff81004010',
      'asks for ffffffff81005010',
      READ_FRAMES,
    ]);
  });

  it('follows a stack that was realigned, by the word that bp points to', () => {
    const lines = [START, 'stack 80=ffffffff81002010 104=@600 112=ffffffff81006010 592=@808 800=ffffffff8100a010'];
    expect(run(...lines, 'walk 0', 'walk 0', 'walk 0', 'walk 0')).toEqual([
      'asks for ffffffff81002010',
      'asks for ffffffff81006010',
      'asks for ffffffff8100a010',
      'ffffffff81002010 ffffffff81006010 ffffffff8100a010',
    ]);
  });

  it('goes on through the registers of an interrupted kernel, whose address is looked up as it is', () => {
    expect(run(START, ...INTERRUPTED, ...ANSWERED, 'walk 0')).toEqual([
      'asks for ffffffff81007010',
      'asks for ffffffff81003000 interrupted',
      'asks for ffffffff8100a010',
      'ffffffff81007010 ffffffff81003000 ffffffff8100a010 (not fixed)',
    ]);
  });

  it.each([
    ['where the hook starts is not known', 'walk 1', 'uncalibrated'],
    ['a word that is no address of the kernel', 'stack 96=1234', 'not a pc'],
    ['a frame found by a register that is not followed', 'stack 96=ffffffff81009010', 'not for us'],
    ['an address that the function graph tracer has put there', 'stack 96=ffffffff81008000', 'not for us'],
    ['a module', 'stack 96=ffffffffc0001000', 'not for us'],
  ])('leaves it to the kernel: %s', (_, line, reason) => {
    expect(run(START, ...READ, ...LEARNT, line, 'walk 0', 'walk 0').slice(5)).toContain(reason);
  });

  it('gives up at 64 frames', () => {
    const deep = Array.from({ length: 70 }, (_, i) => `${80 + 48 * i}=ffffffff81003010`);
    expect(run(START, `stack ${deep.join(' ')}`, 'walk 0', 'walk 0')).toEqual([
      'asks for ffffffff81003010',
      'too deep',
    ]);
  });
});

describe('the tree of known paths', () => {
  const KNOWN = [START, ...READ, ...LEARNT, 'walk 0', 'learn 0 ffffffff81002010 77'];
  /** Returns the answers behind those of the walks and "shown". */
  const after = (...lines: string[]): string[] => run(...KNOWN, ...lines).slice(7);

  it('has a path once the loader was shown it, and not before', () => {
    expect(run(...KNOWN.slice(0, -1), 'tree 0 ffffffff81002010').at(-1)).toBe('0');
    expect(run(...KNOWN).at(-1)).toBe('shown');
    expect(after('tree 0 ffffffff81002010')).toEqual(['77']);
  });

  it('finds it wherever on the stack the frame that bp points to lies', () => {
    const moved = `stack 120=@1000 1008=ffffffff81005010 ${1016 + CS}=33`;
    expect(after(moved, 'tree 0 ffffffff81002010')).toEqual(['77']);
  });

  it.each([
    ['the first address, of the tracing, is another', '80=ffffffff81001020'],
    ['the leaf is another', '96=ffffffff81002020'],
    ['the last address is another', '408=ffffffff81005020'],
    ['bp points elsewhere', '120=@1200'],
    ['bp points outside the stack', '120=8'],
    ['the registers are those of the kernel', `${416 + CS}=10`],
  ])('does not take for it what is not: %s', (_, words) => {
    expect(after(`stack ${words}`, 'tree 0 ffffffff81002010')).toEqual(['0']);
  });

  it('is asked by hook and call site', () => {
    expect(after('tree 1 ffffffff81002010', 'tree 0 ffffffff81012010')).toEqual(['0', '0']);
  });

  it('has two paths that differ in one address', () => {
    const other = 'stack 128=ffffffff81003020';
    const lines = [other, 'walk 0', 'walk 0', 'learn 0 ffffffff81002010 78', 'tree 0 ffffffff81002010'];
    expect(after(...lines, 'stack 128=ffffffff81003010', 'tree 0 ffffffff81002010')).toEqual([
      'asks for ffffffff81003020',
      READ_FRAMES.replace('81003010', '81003020'),
      'shown',
      '78',
      '77',
    ]);
  });

  it('has a path once when it is shown twice', () => {
    // Node 0; the iterator, kmalloc, vfs_read, do_syscall_64, the base, entry, the registers, the
    // end and its hash.
    expect(treeSize(...KNOWN)).toBe(
      'unfreed-collect: 1 call paths are in the tree of known ones, which takes 10 of 131072 nodes for them\n',
    );
    expect(treeSize(...KNOWN, 'learn 0 ffffffff81002010 77')).toBe(treeSize(...KNOWN));
  });

  it('does not take a path through the registers of an interrupted kernel', () => {
    expect(run(START, ...INTERRUPTED, ...ANSWERED, 'walk 0', 'learn 0 0 5', 'tree 0 0').slice(4)).toEqual([
      'not shown',
      '0',
    ]);
  });
});
