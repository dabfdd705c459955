import { describe, expect, it } from 'vitest';
import { globMatches, parsePattern, parseRules } from '../../../src/rank/select/path-rules.js';
import { pairText } from '../../helpers/text-trace.js';

describe('a file of rules', () => {
  it('has a pattern and its reason in each line that is not empty or a comment', () => {
    const text = '# pools\n\n  a < b  # why # really  \r\nc [mod]# d';
    expect(parseRules(text).rules).toEqual([
      { pattern: 'a < b', reason: 'why # really' },
      { pattern: 'c [mod]', reason: 'd' },
    ]);
    expect(parseRules('').rules).toEqual([]);
  });

  it.each([
    ['ok # x\nkfree_skb', 2, /must give its reason/],
    ['a #  ', 1, /must give its reason/],
    ['a+0x12 # x', 1, /offsets are no part of a rule/],
    ['a < < b # x', 1, /no function where one was expected/],
    ['a b # x', 1, /'a b' is no function/],
    ['a [b # x', 1, /'a \[b' is no function/],
    ['... # x', 1, /at least one function/],
    [`${'a'.repeat(513)} # x`, 1, /513 characters, at most 512/],
    [`${Array(17).fill('a').join(' < ')} # x`, 1, /17 frames, at most 16/],
    [`a # ${'x'.repeat(201)}`, 1, /201 characters, at most 200/],
    ['a # x\n'.repeat(1001), 1001, /more than 1000 rules/],
  ])('%j is refused', (text, line, reason) => {
    const { error } = parseRules(text);
    expect(error?.line).toBe(line);
    expect(error?.reason).toMatch(reason);
  });

  it('gives patterns that are runs of frames, with any frames between', () => {
    expect(parsePattern('a<b [m*] < ... < c')).toEqual([
      [
        { symbol: 'a', module: null },
        { symbol: 'b', module: 'm*' },
      ],
      [{ symbol: 'c', module: null }],
    ]);
  });
});

describe('a glob', () => {
  it.each([
    ['', '', true],
    ['*', '', true],
    ['a', 'ab', false],
    ['a*', 'ab', true],
    ['*b', 'abab', true],
    ['*b?', 'abab', false],
    ['a?c', 'abc', true],
    ['a*b*c', 'axbxbxc', true],
    ['a*b*c', 'axbxbx', false],
    ['.*', 'abc', false],
    ['A', 'a', false],
  ])('%j and %j: %j', (glob, text, expected) => {
    expect(globMatches(glob, text)).toBe(expected);
  });

  it('takes no more steps than text times glob', () => {
    // A backtracking regular expression would never end on this.
    expect(globMatches('*a'.repeat(200), `${'a'.repeat(400)}b`)).toBe(false);
  });
});

const TRACE = `
  0 alloc a 64 comm=ls __kmalloc < take.isra.0 < run_noprof < main[wifi]
  1 alloc b 32 comm=cat take < asm_common_interrupt < victim
  2 alloc c 16 walk < run < main[wifi]
  3 palloc 8 order 0 ?leaf < walk`;

function rule(pattern: string): { pattern: string; reason: string } {
  return { pattern, reason: `because ${pattern}` };
}

/** Returns the bytes of the call paths that a rule matches, largest first. */
function matched(pattern: string): number[] {
  const report = pairText(TRACE).report({ watch: [rule(pattern)], sort: 'bytes' });
  return report.stacks.map((stack) => stack.bytes);
}

describe('a call path is under a rule', () => {
  it.each([
    ['take', [64, 32]],
    ['take.isra.0', [64]],
    ['t?ke', [64, 32]],
    ['*', [4096, 64, 32, 16]],
    ['run', [64, 16]],
    ['take < run', [64]],
    ['__kmalloc < run', []],
    ['__kmalloc < ... < run', [64]],
    ['__kmalloc < ... < ma*', [64]],
    ['run < ... < run', []],
    ['... < walk < ...', [4096, 16]],
    ['main [wifi]', [64, 16]],
    ['* [w*]', [64, 16]],
    ['main [kernel]', []],
    ['walk [kernel]', [4096, 16]],
    ['victim', []],
    ['0xffff*', [4096]],
  ])('%s', (pattern, expected) => {
    expect(matched(pattern)).toEqual(expected);
  });
});

describe('suppressing', () => {
  it('takes call paths out of the ranking, not out of the totals, and says how much and by which rule', () => {
    const { report } = pairText(TRACE);
    const suppress = [rule('take'), rule('run'), rule('nothing')];
    const { stacks, matching, suppressed, outstanding, selection } = report({ suppress });
    expect(stacks.map((stack) => stack.bytes)).toEqual([4096]);
    expect(matching).toEqual({ stacks: 1, rows: 1, bytes: 4096, count: 1 });
    expect(suppressed).toEqual([
      { ...suppress[0], stacks: 2, bytes: 96, count: 2 },
      // The first rule that matches counts the call path.
      { ...suppress[1], stacks: 1, bytes: 16, count: 1 },
      { ...suppress[2], stacks: 0, bytes: 0, count: 0 },
    ]);
    expect(outstanding).toEqual(report().outstanding);
    expect(selection.suppress).toEqual(suppress);
  });

  it('counts only what passes the rest of the selection', () => {
    const { suppressed } = pairText(TRACE).report({ suppress: [rule('take')], comm: 'ls' });
    expect(suppressed).toEqual([{ ...rule('take'), stacks: 1, bytes: 64, count: 1 }]);
  });

  it('neighbours are neighbours, also where a trampoline of tracing stands between them', () => {
    const traced = pairText('0 alloc a 64 kmalloc < take+80 < bpf_trampoline_6442491837[bpf] < take+9 < run < main');
    expect(traced.report({ suppress: [rule('kmalloc < take < run')] }).suppressed[0].stacks).toBe(1);
    expect(traced.report({ suppress: [rule('kmalloc < run')] }).suppressed[0].stacks).toBe(0);
  });

  it('goes before grouping', () => {
    const { stacks } = pairText(TRACE).report({ suppress: [rule('main')], group: 'module' });
    expect(stacks.map((stack) => [stack.merged?.label, stack.bytes])).toEqual([['kernel', 4128]]);
  });

  it('follows the names as they come', () => {
    const { core, symbols, report } = pairText(TRACE);
    const before = report({ suppress: [rule('late')] });
    expect(before.suppressed[0].stacks).toBe(0);
    const { hi, lo } = core.dictionary.stacks.frames;
    const frameId = core.dictionary.stacks.frameId(core.paths.stackId[4], 0);
    symbols.add({ addressHi: hi[frameId], addressLo: lo[frameId], symbol: 'late', offset: 1, module: null });
    expect(report({ suppress: [rule('late')] }).suppressed[0]).toMatchObject({ stacks: 1, bytes: 4096 });
  });
});

describe('watching', () => {
  it('ranks nothing else, says which rule a row is under, and what each rule holds', () => {
    const watch = [rule('walk'), rule('take < asm*'), rule('nothing')];
    const { stacks, watched, matching } = pairText(TRACE).report({ watch, sort: 'bytes' });
    expect(stacks.map((stack) => [stack.bytes, stack.watched])).toEqual([
      [4096, 'because walk'],
      [16, 'because walk'],
    ]);
    expect(watched.map(({ stacks: count, bytes }) => [count, bytes])).toEqual([
      [2, 4112],
      [0, 0],
      [0, 0],
    ]);
    expect(matching.stacks).toBe(2);
  });

  it('and suppressing: what is hidden is under no watched rule', () => {
    const { stacks, watched, suppressed } = pairText(TRACE).report({
      watch: [rule('walk')],
      suppress: [rule('run'), rule('take')],
    });
    expect([stacks.length, watched[0].bytes, suppressed[0].bytes, suppressed[1].bytes]).toEqual([1, 4096, 16, 0]);
  });
});
