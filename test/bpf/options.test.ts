import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('options.c', ['base/options.c', 'base/event-kinds.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

const DEFAULTS = [
  'output -, duration 0, max-bytes 0, buffer 67108864, min-size 0',
  'sample 1, seed 0, max-overhead 0.0000, min-age 0, max-young 262144, max-stacks 65536',
  'allocators page slab percpu vmalloc',
  'attach 0, stacks 0, twins 2, self 0, self-pids',
  'audit 1000, ready-fd -1',
];

it('without arguments', () => {
  expect(program.lines([])).toEqual(DEFAULTS);
});

const stages = (line: string): string | undefined =>
  /census 1 262144(?<rest>.*)$/.exec(program.lines(line.split(' ')).at(-1) ?? '')?.groups?.['rest'];

it('stages of a census, of the last list alone, and caches', () => {
  expect(stages('--census')).toBe('');
  expect(stages('--census --stages types,pages')).toBe(' 0 2');
  expect(stages('--stages holders,orphans --stages types --census --cache kmalloc-64 --cache TCP')).toBe(
    ' 2 kmalloc-64 TCP',
  );
});

it('a census, so many times', () => {
  expect(stages('--census --repeat 5 --stages types')).toBe(' 5 times 2');
  for (const times of ['0', '-1', '1.5', 'x']) expect(program.run(['--census', '--repeat', times]).status).toBe(2);
});

describe('what is given', () => {
  it.each([
    [
      'sizes in bytes or with K, M, G',
      '--buffer 128k --min-size 1KiB --max-bytes 2G',
      0,
      'output -, duration 0, max-bytes 2147483648, buffer 131072, min-size 1024',
    ],
    [
      'times in seconds or with a unit',
      '--duration 1.5 -o x',
      0,
      'output x, duration 1500000000, max-bytes 0, buffer 67108864, min-size 0',
    ],
    ['minutes', '--duration 2m', 0, 'output -, duration 120000000000, max-bytes 0, buffer 67108864, min-size 0'],
    [
      'a sample and its seed',
      '--sample 16 --sample-seed 0',
      1,
      'sample 16, seed 0 given, max-overhead 0.0000, min-age 0, max-young 262144, max-stacks 65536',
    ],
    [
      'a share of the CPU time, with its sign or without',
      '--max-overhead 1.5%',
      1,
      'sample 1, seed 0, max-overhead 0.0150, min-age 0, max-young 262144, max-stacks 65536',
    ],
    [
      'an age, and room',
      '--min-age 500ms --max-young 7 --max-stacks 8',
      1,
      'sample 1, seed 0, max-overhead 0.0000, min-age 500000000, max-young 7, max-stacks 8',
    ],
    ['a census', '--census --budget 25% --call-bytes 64K', 4, 'audit 1000, ready-fd -1, census 0.25 65536'],
    [
      'what a census reads at once, up to 256K',
      '--census --call-bytes 1M',
      4,
      'audit 1000, ready-fd -1, census 1 262144',
    ],
    ['some allocators, in any order', '--allocators vmalloc,page', 2, 'allocators page vmalloc'],
    [
      'choices',
      '--attach tp --stacks fast --twins off --self keep --self-pid 4 --self-pid 5',
      3,
      'attach 2, stacks 2, twins 0, self 2, self-pids 4 5',
    ],
    [
      'flags',
      '--audit 1 --audit-goes-on --ready-fd 3 --steps --die-with-parent --probe --verbose',
      4,
      'audit 1 goes on, ready-fd 3, dies with parent, probe, verbose',
    ],
  ])('%s', (_, line, changed, expected) => {
    expect(program.lines(line.split(' '))).toEqual(DEFAULTS.with(changed, expected));
  });

  it('the last of two', () => {
    expect(program.lines(['--allocators', 'page', '--allocators', 'slab'])[2]).toBe('allocators slab');
  });

  it('a command, whose options are its own', () => {
    expect(program.lines(['--', 'ls', '--output', '-l'])).toEqual([
      ...DEFAULTS,
      'command: ls',
      'command: --output',
      'command: -l',
    ]);
  });
});

describe('wrong usage: exit status 2, one sentence', () => {
  it.each([
    ['--duration soon', "--duration: 'soon' is not a number"],
    ['--duration 5d', "--duration: '5d' ends in 'd', which is no unit here"],
    ['--duration -5', "--duration: '-5' is not a number"],
    ['--duration nan', "--duration: 'nan' is not a number"],
    ['--duration 0.5ms', "--duration: '0.5ms' is shorter than 1ms"],
    ['--buffer 63K', '--buffer: 63K is not from 64K to 1G'],
    ['--buffer 1025M', '--buffer: 1025M is not from 64K to 1G'],
    ['--max-bytes 1000000', '--max-bytes: 1000000 is less than 1M'],
    ['--sample 3', '--sample: 3 is not a power of two'],
    ['--sample 0', "--sample: '0' is not a whole number from 1 to 1048576"],
    ['--sample 2x', "--sample: '2x' is not a whole number from 1 to 1048576"],
    ['--sample-seed -1', "--sample-seed: '-1' is not a whole number from 0 to 4294967295"],
    ['--sample-seed 4294967296', "--sample-seed: '4294967296' is not a whole number from 0 to 4294967295"],
    ['--max-overhead 0', '--max-overhead: 0 is not from 0.1 to 50'],
    ['--max-overhead 51%', '--max-overhead: 51% is not from 0.1 to 50'],
    ['--min-age 99ms', '--min-age: 99ms is not from 100ms to 1h'],
    ['--min-age 2h', '--min-age: 2h is not from 100ms to 1h'],
    ['--allocators page,heap', "--allocators: 'heap' is none of page, slab, percpu, vmalloc"],
    ['--allocators ,', '--allocators: the list is empty'],
    ['--stages pages,frames', "--stages: 'frames' is none of pages, holders, types, orphans"],
    ['--memory 1023k', '--memory: 1023k is less than 1M'],
    ['--scans 11', "--scans: '11' is not a whole number from 1 to 10"],
    ['--stages ,', '--stages: the list is empty'],
    [`--cache ${Array.from({ length: 17 }, (_, i) => `c${i}`).join(' --cache ')}`, '--cache: at most 16 times'],
    ['--self none', "--self: 'none' is not a choice"],
    ['--twins A', "--twins: 'A' is not a choice"],
    ['--self-pid 1 --self-pid 2 --self-pid 3 --self-pid 4 --self-pid 5', '--self-pid: at most 4 times'],
    ['--budget 0', '--budget: 0 is not from 1 to 100'],
    ['--budget 101%', '--budget: 101% is not from 1 to 100'],
    ['--call-bytes 4095', '--call-bytes: 4095 is not from 4K to 1M'],
    ['--call-bytes 2M', '--call-bytes: 2M is not from 4K to 1M'],
    ['--census -o x', '--census traces nothing and writes to stdout: no CMD, -o or --probe with it'],
    ['--names -o x', '--names traces nothing and writes to stdout: no CMD, -o, --probe or --census with it'],
    ['--names --census', '--names traces nothing and writes to stdout: no CMD, -o, --probe or --census with it'],
    ['--census -- ls', '--census traces nothing and writes to stdout: no CMD, -o or --probe with it'],
    ['ls', "'ls': a command to run comes after --"],
  ])('%s', (line, sentence) => {
    expect(program.run(line.split(' '))).toEqual({
      status: 2,
      stdout: '',
      stderr: `unfreed-collect: ${sentence} (--help tells more)\n`,
    });
  });

  it('an option that there is not', () => {
    const run = program.run(['--no-such-option']);
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('unfreed-collect: --help tells what there is\n');
  });
});

it('--version names the stream, --help every allocator of the table', () => {
  expect(program.run(['--version'])).toMatchObject({ status: 0, stdout: 'unfreed-collect 1.2.3, stream version 1\n' });
  const help = program.run(['--help']);
  expect(help.status).toBe(0);
  expect(help.stdout).toContain('  --allocators LIST    of page,slab,percpu,vmalloc (default: all)\n');
});
