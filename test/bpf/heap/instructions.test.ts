/**
 * Lengths of instructions, each of a library compared with objdump's; and the places of probes in functions that are
 * written here byte by byte.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const program = new HostProgram('heap/instructions.c', ['heap/instruction.c', 'heap/probe-place.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

const LIBRARIES = ['/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/x86_64-linux-gnu/libstdc++.so.6'].filter((path) =>
  existsSync(path),
);

interface Listed {
  bytes: string;
  text: string;
}

/** All instructions of a file as objdump lists them; x87's, with a wait in front, are two of them. */
function listed(path: string): Listed[] {
  const { stdout } = spawnSync('objdump', ['-d', '-w', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const lines = stdout.matchAll(/^ +[0-9a-f]+:\t((?:[0-9a-f]{2} )+) *\t?(.*)$/gm);
  return [...lines]
    .map(([, bytes, text]) => ({ bytes: bytes.replaceAll(' ', ''), text }))
    .filter(({ bytes, text }) => !text.includes('(bad)') && (!bytes.startsWith('9b') || bytes === '9b'));
}

describe.skipIf(LIBRARIES.length === 0)('lengths', () => {
  it.each(LIBRARIES)('%s: all are as objdump says', (path) => {
    const all = listed(path);
    expect(all.length).toBeGreaterThan(200_000);
    const lengths = program.lines(['lengths'], `${all.map(({ bytes }) => bytes).join('\n')}\n`);
    const wrong = all.flatMap(({ bytes, text }, i) =>
      Number(lengths[i].split(' ')[0]) === bytes.length / 2 ? [] : [`${bytes} ${text}: ${lengths[i]}`],
    );
    expect(wrong).toEqual([]);
  });
});

describe('what is no whole instruction', () => {
  it('of any bytes: never longer than what is there, nor than 15 bytes', () => {
    const random = seededRandom(7);
    const inputs = Array.from({ length: 20_000 }, () => {
      const bytes = Buffer.alloc(1 + Math.floor(random() * 20));
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
      return bytes.toString('hex');
    });
    const lengths = program.lines(['lengths'], `${inputs.join('\n')}\n`).map((line) => Number(line.split(' ')[0]));
    expect(lengths.filter((length, i) => length > 15 || length > inputs[i].length / 2)).toEqual([]);
    expect(lengths.filter((length) => length > 0).length).toBeGreaterThan(5000);
  });

  it.each([
    ['e9112233', 'a jump that is cut'],
    ['48', 'REX alone'],
    ['0f', 'half of an opcode'],
    ['6666666666666666666666666666666690', 'too many prefixes'],
    ['06', 'an opcode that 64-bit code lacks'],
    ['8fe878c2ec0e', 'XOP'],
  ])('%s: %s', (bytes) => {
    expect(program.lines(['lengths'], `${bytes}\n`)).toEqual(['0']);
  });
});

/** Code, and where its probe lies. */
const PLACES: [what: string, code: string, place: number][] = [
  ['a push first: the entry', '55 4889e5 5d c3', 0],
  ['test %rdi,%rdi; je: the jump', '4885ff 7401 90 c3', 3],
  ['endbr64; push', 'f30f1efa 55 c3', 4],
  ['endbr64; sub $8,%rsp: rsp moves', 'f30f1efa 4883ec08 55 c3', 0],
  ['mov $1,%edi: an argument is lost', 'bf01000000 55 c3', 0],
  ['mov $1,%eax; push', 'b801000000 55 c3', 5],
  ['mov %rsi,%rdi', '4889f7 55 c3', 0],
  ['mov %rdi,%rax; push %r12', '4889f8 4154 c3', 3],
  ['xor %edx,%edx', '31d2 55 c3', 0],
  ['mov %dh,...: a byte of rdx', 'b601 55 c3', 0],
  ['mov %rsp,%rbp before anything', '4889e5 55 c3', 0],
  ['cmpb $0,mem; jne near', '803d1122330000 0f8511000000 c3', 7],
  ['mov mem,%rax; test; ja', '488b0511223300 4885c0 7701 90 c3', 10],
  ['a load into %rdi', '488b3d11223300 55 c3', 0],
  ['lea mem,%rdx', '488d1511223300 55 c3', 0],
  ['a store', '48897c24f8 55 c3', 5],
  ['a jump of the function leads to the place', '4885ff 7401 90 ebfb c3', 0],
  ['a jump leads in between', '4885ff 31c0 7401 90 ebf9 c3', 0],
  ['a jump leads to the entry', '4885ff 7401 90 ebf8 c3', 3],
  ['a 5-byte nop is passed by', '0f1f440000 55 c3', 5],
  ['a one-byte nop is a place', 'f30f1efa 90 c3', 4],
  ['pause is none', 'f390 c3', 0],
  ['xchg %rax,%r8 looks like a nop', '4885ff 4990 55 c3', 0],
  ['push with REX.W is not emulated', '4885ff 4855 c3', 0],
  ['a call', '31c0 e811223344 c3', 2],
  ['a jump with a prefix of 2 bytes', '31c0 6671 01 90 c3', 0],
  ['ret', '31c0 c3', 0],
  ['what cannot be read behind the place', '4885ff 7401 06 c3', 0],
  ['VEX', 'c5f877 55 c3', 0],
  ['nothing', '', 0],
];

describe('the place of a probe', () => {
  it.each(PLACES)('%s', (_, code, place) => {
    const [line] = program.lines(['places'], `${code.replaceAll(' ', '')}\n`);
    expect(Number(line.split(' ')[0])).toBe(place);
  });

  it.each([
    ['e911000000 90', 22],
    ['eb05', 7],
    ['f30f1efa e911000000', 26],
  ])('%s is a jump alone', (code, target) => {
    expect(program.lines(['places'], `${code.replaceAll(' ', '')}\n`)[0].split(' ')[1]).toBe(String(target));
  });
});
