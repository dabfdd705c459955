/**
 * Rows of real files, each one compared with what readelf says of the same place; and of functions
 * written in assembly, one for each form that compilers, linkers and libraries write.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';

const program = new HostProgram('process/rows.c', [
  'process/elf-file.c',
  'process/unwind-rows.c',
  'process/cfa.c',
  'process/cie.c',
  'process/eh-frame.c',
  'process/eh-frame-section.c',
  'process/frame-state.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

const LIBC = '/lib/x86_64-linux-gnu/libc.so.6';
const LIBSTDCXX = '/usr/lib/x86_64-linux-gnu/libstdc++.so.6';
const LIBRARIES = [LIBC, LIBSTDCXX].filter((path) => existsSync(path));

interface Row {
  address: string;
  expected: string;
}

/** What a row of `readelf -wF` means to us: its CFA, and where rbp lies. Anything of an expression is "exp". */
function meaning(cfa: string, bp: string, ra: string): string {
  if (ra === 'u') return 'end';
  if (cfa === 'exp') return 'exp';
  if (!/^r[sb]p\+/.test(cfa) || ra !== 'c-8') return 'other';
  return `${cfa} ${/^c[+-]/.test(bp) ? bp : bp === 'u' ? 'same' : 'exp'}`;
}

function ours(line: string): string {
  const [cfa, bp] = line.replace(/,.*/, '').split(' ');
  if (cfa.startsWith('end')) return 'end';
  if (/^(?:plt|\*rbp|signal)/.test(cfa)) return 'exp';
  if (cfa.startsWith('other')) return 'other';
  return `${cfa} ${bp.startsWith('b') || bp === 'lost' ? 'exp' : bp}`;
}

/** Reads all rows of `readelf -wF`: each FDE begins with its CIE's, and says only what differs. */
function readelfRows(path: string): Row[] {
  // Its status tells of debug links that lead nowhere, too.
  const { stdout: text } = spawnSync('readelf', ['-wF', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const rows: Row[] = [];
  let columns: string[] = [];
  for (const line of text.split('\n')) {
    if (line.includes(' CIE ')) columns = [];
    else if (line.startsWith('   LOC')) columns = line.trim().split(/\s+/);
    else if (/^[0-9a-f]{16} \S+[ +]/.test(line) && columns.length > 0) {
      const cells = line
        .replaceAll(/ \(\w+\)/g, '')
        .trim()
        .split(/\s+/);
      const cell = (name: string): string => cells[columns.indexOf(name)] ?? 'u';
      rows.push({ address: cells[0], expected: meaning(cell('CFA'), cell('rbp'), cell('ra')) });
    } else if (/ FDE /.test(line)) columns = [];
  }
  // The row of a CIE is of no address.
  return rows.filter(({ address }) => !/^0+$/.test(address));
}

describe.skipIf(process.arch !== 'x64')('the rows of a file', () => {
  it.each(LIBRARIES)('%s: all are as readelf says', (path) => {
    const rows = readelfRows(path);
    expect(rows.length).toBeGreaterThan(20_000);
    const [summary, ...lines] = program.lines([path, 'sections'], rows.map(({ address }) => `${address}\n`).join(''));
    const [fdes, nr, , steps, , unreadable] = summary.split(' ').map(Number);
    const different = rows.flatMap(({ address, expected }, i) => {
      const got = ours(lines[i]);
      // readelf calls a CFA that is an expression so; whether it is a plain step is ours to say.
      return got === expected || (expected === 'exp' && got === 'other') ? [] : [`${address}: ${expected}, not ${got}`];
    });
    expect(different).toEqual([]);
    expect([fdes > 1000, nr > 20_000, steps < 1000, unreadable]).toEqual([true, true, true, 0]);
  });

  it.each(LIBRARIES)('%s: the same where only its segments tell of them', (path) => {
    const addresses = readelfRows(path)
      .slice(0, 2000)
      .map(({ address }) => `${address}\n`)
      .join('');
    const [bySections, ...expected] = program.lines([path, 'sections'], addresses);
    const [bySegments, ...got] = program.lines([path, 'segments'], addresses);
    expect(got).toEqual(expected);
    expect(bySegments.split(' ').slice(0, 6)).toEqual(bySections.split(' ').slice(0, 6));
  });
});

/** Functions whose bytes do not matter, for their call frame instructions do. */
const FORMS: [name: string, instructions: string, expected: string][] = [
  ['plain', '', 'rsp+8 same'],
  ['pushed', '.cfi_def_cfa_offset 16\n.cfi_offset rbp, -16', 'rsp+16 c-16'],
  ['by_bp', '.cfi_def_cfa rbp, 16\n.cfi_offset rbp, -16', 'rbp+16 c-16'],
  ['outermost', '.cfi_undefined rip', 'end+0 same'],
  ['other_register', '.cfi_def_cfa r10, 0', 'other+0 same'],
  ['bp_elsewhere', '.cfi_register rbp, r12', 'rsp+8 lost'],
  ['bp_same', '.cfi_offset rbp, -16\n.cfi_same_value rbp', 'rsp+8 same'],
  ['bp_restored', '.cfi_offset rbp, -16\n.cfi_restore rbp', 'rsp+8 same'],
  ['ra_elsewhere', '.cfi_register rip, rdx', 'other+0 same'],
  ['sp_elsewhere', '.cfi_register rsp, rdx', 'other+0 same'],
  ['ra_moved', '.cfi_offset rip, -24', 'other+0 same'],
  [
    'remembered',
    '.cfi_def_cfa_offset 24\n.cfi_offset rbp, -16\n.cfi_remember_state\n.cfi_def_cfa_offset 8\n.cfi_restore_state',
    'rsp+24 c-16',
  ],
  ['nothing_remembered', '.cfi_escape 0x0b', 'other+0 same'],
  // DW_CFA_def_cfa_expression of 3 bytes: DW_OP_breg6 -16, DW_OP_deref; DW_CFA_expression rbp: DW_OP_breg6 0
  ['realigned', '.cfi_escape 0x0f,3,0x76,0x70,0x06\n.cfi_escape 0x10,6,2,0x76,0', '*rbp-16 b+0'],
  // .plt: sp + 8 + ((rip & 15) >= 11) << 3
  ['plt', '.cfi_escape 0x0f,11,0x77,8,0x80,0,0x3f,0x1a,0x3b,0x2a,0x33,0x24,0x22', 'plt+8 same from 11'],
  ['an_expression', '.cfi_escape 0x0f,3,0x77,8,0x96', 'other+0 same'],
  ['cut_expression', '.cfi_escape 0x0f,9,0x77', 'other+0 same'],
  ['no_instruction', '.cfi_escape 0x3a', 'other+0 same'],
  ['args_size', '.cfi_escape 0x2e,0x20', 'rsp+8 same'],
  ['val_offset', '.cfi_escape 0x14,6,2', 'rsp+8 lost'],
  ['scaled', '.cfi_escape 0x12,7,0x7c\n.cfi_escape 0x11,6,3', 'rsp+32 c-24'],
  ['negative', '.cfi_escape 0x2f,6,2', 'rsp+8 c+16'],
  ['negative_overflow', '.cfi_escape 0x2f,6,0x80,0x80,0x80,0x80,0x80,0x80,0x80,0x80,0x10', 'other+0 same'],
  ['long_number', '.cfi_escape 0x0e,0x80,0x80,0x80,0x80,0x80,0x80,0x80,0x80,0x80,0x80,0x80,1', 'other+0 same'],
  ['greatest_number', '.cfi_escape 0x0e,0xff,0xff,0xff,0xff,0xff,0xff,0xff,0xff,0x7f', 'other+0 same'],
  ['overflow', '.cfi_escape 0x05,6,0xff,0xff,0xff,0xff,0xff,0xff,0xff,0xff,0x7f', 'other+0 same'],
];

/** Builds a shared library of functions of 16 bytes; returns their addresses. */
function assemble(name: string, text: string): Map<string, number> {
  const source = program.file(`${name}.s`);
  const library = program.file(`${name}.so`);
  writeFileSync(source, text);
  execFileSync('cc', ['-shared', '-nostdlib', '-o', library, source], { stdio: 'pipe' });
  const listed = execFileSync('nm', [library], { encoding: 'utf8' });
  return new Map([...listed.matchAll(/^([0-9a-f]+) t (\w+)$/gm)].map(([, at, symbol]) => [symbol, parseInt(at, 16)]));
}

function functionOf(name: string, instructions: string, start = ''): string {
  return `${name}:\n.cfi_startproc ${start}\nnop\n${instructions}\n.fill 15, 1, 0x90\n.cfi_endproc\n`;
}

describe.skipIf(process.arch !== 'x64')('forms of call frame instructions', () => {
  let at: Map<string, number>;
  beforeAll(() => {
    at = assemble('forms', FORMS.map(([name, instructions]) => functionOf(name, instructions)).join(''));
  });

  it.each(FORMS)('%s', (name, _, expected) => {
    const start = at.get(name) as number;
    const address = start + 4;
    const [, line] = program.lines([program.file('forms.so'), 'sections'], `${address.toString(16)}\n`);
    expect(line).toBe(`${expected}, ${start.toString(16)} ${(start + 16).toString(16)}`);
  });

  it('the frame of a signal handler, as the C library describes it', () => {
    const text = readFileSync(LIBC);
    // __restore_rt: mov $15, %rax; syscall
    const place = text.indexOf(Buffer.from([0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 5]));
    expect(place).toBeGreaterThan(0);
    const [, line] = program.lines([LIBC, 'sections'], `${(place - 1).toString(16)}\n`);
    expect(line).toMatch(/^signal\+0 same interrupts, /);
  });

  it('a signal frame with a plain step is passed by it, and its caller was interrupted', () => {
    const places = assemble('frames', functionOf('handler', '.cfi_signal_frame\n.cfi_def_cfa_offset 32'));
    const [, line] = program.lines(
      [program.file('frames.so'), 'sections'],
      `${((places.get('handler') as number) + 1).toString(16)}\n`,
    );
    expect(line).toMatch(/^rsp\+32 same interrupts, /);
  });

  it('between functions, in front of them and behind them there is no row', () => {
    const places = assemble('gaps', `${functionOf('one', '')}.fill 64, 1, 0x90\n${functionOf('two', '')}`);
    const one = places.get('one') as number;
    const asked = [one - 1, one, one + 15, one + 16, one + 79, one + 80, one + 95, one + 96, 0];
    const [, ...lines] = program.lines(
      [program.file('gaps.so'), 'sections'],
      asked.map((address) => `${address.toString(16)}\n`).join(''),
    );
    expect(lines.map((line) => line.split('+')[0])).toEqual([
      'none',
      'rsp',
      'rsp',
      'none',
      'none',
      'rsp',
      'rsp',
      'none',
      'none',
    ]);
  });
});

/** What is said of a file of these bytes. */
function ask(bytes: Uint8Array): string[] {
  writeFileSync(program.file('odd'), bytes);
  return program.lines([program.file('odd'), 'sections'], '1000\n');
}

describe('what is no file with rows', () => {
  it('of no ELF file, of another architecture, or of 32 bits: a sentence', () => {
    const header = readFileSync(program.path).subarray(0, 64);
    expect(ask(Buffer.from('#!/bin/sh\n'))).toEqual(['it is no ELF file']);
    expect(ask(Buffer.alloc(0))).toEqual(['it is no ELF file']);
    const other = Buffer.from(header);
    other.writeUInt16LE(183, 18); // EM_AARCH64
    expect(ask(other)).toEqual(['it is of another architecture than x86-64']);
    const small = Buffer.from(header);
    small[4] = 1;
    expect(ask(small)).toEqual(['it is a 32-bit program']);
    if (process.arch === 'x64') expect(ask(header)).toEqual(['its program headers are cut']);
    expect(program.lines(['/dev/null', 'sections'])).toEqual(['it is no file']);
  });

  it.skipIf(process.arch !== 'x64')('a library without .eh_frame has none, which is no failure', () => {
    assemble('bare', 'f:\nret\n');
    expect(program.lines([program.file('bare.so'), 'sections'], '1000\n')[1]).toBe('none+0 same');
  });
});
