import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('references.c', [
  'references/free-lists.c',
  'references/chains.c',
  'references/tally.c',
  'base/json.c',
  'base/log.c',
  'base/options.c',
  'base/event-kinds.c',
]);
beforeAll(() => program.build());
afterAll(() => program.remove());

const free = (size: number, objects: number, random: string, link: number, ...list: (number | string)[]): string =>
  program.lines(['free', ...[size, objects, random, link, ...list].map(String)])[0].trim();

/** Each line's number, and the names of its links; a hint behind =. */
const chains = (...lines: string[]): [number, string][] =>
  program.lines(['chains'], `${lines.join('\n')}\n`).map((line) => {
    const [, number, json] = /^(\d+) (.*)$/.exec(line) ?? [];
    const { chain } = JSON.parse(json) as { chain: { name: string; hint?: string }[] };
    return [Number(number), chain.map(({ name, hint }) => (hint === undefined ? name : `${name}=${hint}`)).join('<')];
  });

it('each byte of each object of a slab leads to its object, whatever its size', () => {
  expect(program.lines(['shapes'])).toEqual(['all found']);
});

describe('the list of free objects', () => {
  it.each([
    ['plain links', '0'],
    ['links that are mixed with a number of their cache and with their place', '0x9f3c2b1a88776655'],
  ])('%s', (_, random) => {
    expect(free(64, 512, random, 32, 5, 0, 511, 7)).toBe('0 5 7 511');
    expect(free(1128, 28, random, 564 & ~7, 27, 3)).toBe('3 27');
    expect(free(8, 4096, random, 0, 4095)).toBe('4095');
    expect(free(8, 4096, random, 0)).toBe('');
  });

  it.each([
    ['one that leads between two objects', [4, '-']],
    ['one that leads past the last object', [4, 512]],
    ['a ring', [4, 9, 2, 4]],
  ])('is not believed: %s', (_, list) => {
    for (const random of ['0', '0x9f3c2b1a88776655']) {
      expect(free(64, 512, random, 32, ...list)).toMatch(/torn$/);
    }
  });
});

it('amounts are added up by pairs, thousands of them', () => {
  const pairs = Array.from({ length: 5000 }, (_, i) => `${i % 50} ${(i * 7) % 61}`);
  const sums = new Map<string, number>();
  for (const [i, pair] of pairs.entries()) sums.set(pair, (sums.get(pair) ?? 0) + i);
  const lines = pairs.map((pair, i) => `${pair} ${i}`).join('\n');
  expect(program.lines(['tally'], lines)).toEqual([...sums].map(([pair, sum]) => `${pair} ${sum}`));
  expect(program.lines(['tally'], '1 2 4294967296\n2 1 1\n1 2 5\n')).toEqual(['1 2 4294967301', '2 1 1']);
});

describe('chains', () => {
  it('the same chain has one number, each other chain another', () => {
    const lines = ['a<b=f', 'a=f<b', 'a<b', 'a<b=f', 'b=f', 'a<b=g'];
    const numbers = chains(...lines).map(([number]) => number);
    expect(numbers[3]).toBe(numbers[0]);
    expect(new Set(numbers).size).toBe(5);
    expect(chains(...lines).map(([, text]) => text)).toEqual(lines);
  });

  it('thousands of them', () => {
    const lines = Array.from({ length: 2500 }, (_, i) => `cache_${i % 70}=hint_${i % 30}<up_${i}`);
    const answers = chains(...lines, ...lines);
    expect(answers.map(([, text]) => text)).toEqual([...lines, ...lines]);
    expect(answers.slice(2500)).toEqual(answers.slice(0, 2500));
    expect(new Set(answers.map(([number]) => number)).size).toBe(2500);
  });

  it('a list, or a ring of two kinds, is one link and not as many as it has members', () => {
    expect(chains('below a<a<b=f', 'below a<c<a<b=f', 'below a<a=f').map(([, text]) => text)).toEqual([
      'a<b=f',
      'a<b=f',
      'a<a=f',
    ]);
  });

  it('what is far away is left out', () => {
    expect(chains('below a<b<c<d<e<f<g<h=x')[0][1]).toBe('a<b<c<d<e<f');
  });

  it('names of the kernel are escaped, and a hint says its kind and its module', () => {
    const [line] = program.lines(['chains'], 'a"\\\u0001=f\nb=g\n').slice(0, 1);
    expect(line).toContain('"name":"a\\"\\\\\\u0001","hint":"f","hintKind":"function","module":""');
    expect(program.lines(['chains'], 'a=f\nb=g\n')[1]).toContain('"hint":"g","hintKind":"ops","module":"mod"');
  });
});
