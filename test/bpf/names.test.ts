/** Names of functions: read as a whole, or each asked of the kernel. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('names.c', ['memory/names.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

const answers = [
  'ffffffff81000a5a kernel_clone+0x5a/0x90',
  'ffffffffc0000010 load+0x10/0x20 [some_module]',
  'ffffffffc0001000 fn.isra.0+0x0/0x20 [bpf]',
  'ffff888000001000 0xffff888000001000',
  '1 +0x1/0x2',
].map((line) => `${line}\n`);
const ask = (how: string, syslog: 0 | 1, ...addresses: string[]): string[] =>
  program.lines([how, String(syslog), ...addresses], answers.join(''));

it('the kernel is asked once for each: name, module, and where the function begins', () => {
  const addresses = ['ffffffff81000a5a', 'ffffffffc0000010', 'ffffffffc0001000'];
  expect(ask('asked', 1, ...addresses, ...addresses)).toEqual([
    ...Array.from({ length: 2 }, () => [
      'kernel_clone [] ffffffff81000a00',
      'load [some_module] ffffffffc0000000',
      'fn.isra.0 [bpf] ffffffffc0001000',
    ]).flat(),
    'asked 3, table 0',
  ]);
});

it('what is no function has no name', () => {
  expect(ask('asked', 1, 'ffff888000001000', '1', '2')).toEqual(['none', 'none', 'none', 'asked 3, table 0']);
});

it('without CAP_SYSLOG there are no names, and nobody is asked', () => {
  expect(ask('asked', 0, 'ffffffff81000a5a')).toEqual(['none', 'asked 0, table 0']);
});

it.each(['all', 'table-only'])('%s: from the table of all symbols, by the byte itself', (how) => {
  expect(ask(how, 1, '1000', '1001')).toEqual(['from_table [] 1000', 'none', 'asked 0, table 1']);
});
