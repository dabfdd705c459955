/** Which of a file's symbols names an address. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';

const program = new HostProgram('process/symbols.c', ['process/elf-file.c', 'process/symbol-table.c']);
const places = new Map<string, number>();
afterAll(() => program.remove());

/** 16 bytes for each label; those without a size are of no use as bounds. */
const SOURCE = `
.globl outer, first, __second, _second, weak_one, sized
.weak weak_one
outer:
first: .fill 16, 1, 0x90
__second:
_second:
second_local: .fill 16, 1, 0x90
weak_one:
weak_local: .fill 16, 1, 0x90
inner: .fill 16, 1, 0x90
.size outer, 64
.size first, 16
.size __second, 16
.size _second, 16
.size second_local, 16
.size weak_one, 16
.size weak_local, 16
.size inner, 16
unsized: .fill 16, 1, 0x90
sized: .fill 8, 1, 0x90
.size sized, 8
.fill 8, 1, 0x90
last: .fill 16, 1, 0x90
.type outer, @function
.type first, @function
.type __second, @function
.type _second, @function
.type second_local, @function
.type weak_one, @function
.type weak_local, @function
.type inner, @function
.type unsized, @function
.type sized, @function
.data
variable: .quad 0
.size variable, 8
.type variable, @object
`;

beforeAll(() => {
  program.build();
  const [source, library] = [program.file('symbols.s'), program.file('symbols.so')];
  writeFileSync(source, SOURCE);
  execFileSync('cc', ['-shared', '-nostdlib', '-o', library, source]);
  execFileSync('strip', ['-o', program.file('stripped.so'), library]);
  for (const [, at, name] of execFileSync('nm', [library], { encoding: 'utf8' }).matchAll(/^(\w+) . (\w+)$/gm)) {
    places.set(name, parseInt(at, 16));
  }
});

function ask(file: string, ...addresses: number[]): string[] {
  const input = addresses.map((address) => `${address.toString(16)}\n`).join('');
  return program.lines([program.file(file)], input).map((line) => line.replace(/ [0-9a-f]+ /, ' '));
}

const at = (name: string, offset = 0): number => (places.get(name) ?? 0) + offset;

describe.skipIf(process.arch !== 'x64')('the symbol of an address', () => {
  it('is the innermost one, global before weak before local, of the fewest underscores', () => {
    expect(
      ask('symbols.so', at('first'), at('first', 15), at('second_local', 3), at('weak_local'), at('inner', 1)),
    ).toEqual(['.symtab', 'first 16', 'first 16', '_second 16', 'weak_one 16', 'inner 16']);
  });

  it('is none outside the bytes of any, and where it has no size', () => {
    const asked = [at('unsized'), at('sized', 7), at('sized', 8), at('last'), at('outer', -1), at('variable'), 0];
    expect(ask('symbols.so', ...asked)).toEqual(['.symtab', '-', 'sized 8', '-', '-', '-', '-', '-']);
  });

  it('is of .dynsym in a stripped file, where an outer one holds what has lost its name', () => {
    expect(ask('stripped.so', at('first', 2), at('inner', 1), at('sized'), at('last'))).toEqual([
      '.dynsym',
      'first 16',
      'outer 64',
      'sized 8',
      '-',
    ]);
  });
});
