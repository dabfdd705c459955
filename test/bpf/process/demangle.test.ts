import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const program = new HostProgram('process/demangle.c', ['process/demangle.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

const ask = (...names: string[]): string[] => program.lines([], `${names.join('\n')}\n`);

describe('names as their languages write them', () => {
  it.each([
    [
      '_ZN2v88internal4Heap28AllocateExternalBackingStoreERKSt8functionIFPvmEEm',
      'v8::internal::Heap::AllocateExternalBackingStore',
    ],
    ['_Znwm', 'operator new'],
    ['_ZdlPvm', 'operator delete'],
    ['_ZNSt6vectorIiSaIiEE9push_backERKi', 'std::vector<int, std::allocator<int> >::push_back'],
    ['_ZN12_GLOBAL__N_15DepthILi20EE3runERKSt8functionIFiiEE', '(anonymous namespace)::Depth<20>::run'],
    ['_ZN3foo3barEv.cold', 'foo::bar'],
    // Rust: legacy names without their hash, and v0.
    ['_ZN4core3fmt5write17h0123456789abcdefE', 'core::fmt::write'],
    [
      '_ZN61_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt17h1a2b3c4d5e6f7081E',
      '<alloc::vec::Vec<T> as core::fmt::Debug>::fmt',
    ],
    ['_RNvCskwGfYPst2Cb_3foo16example_function', 'foo::example_function'],
    ['_RNvMsr_NtCs3ssYzQotkvD_3std4pathNtB5_7PathBuf3new', '<std::path::PathBuf>::new'],
  ])('%s', (name, expected) => {
    expect(ask(name)).toEqual([`= ${expected}`]);
  });

  it.each(['malloc', '', '_', '_Z', '_ZN', '_R', '_start', '__libc_start_main', '_Z1', '_ZNSt', '_R9', '?f@@YAXXZ'])(
    '%j is none',
    (name) => {
      expect(ask(name)).toEqual(['-']);
    },
  );
});

/** Substitution i of a mangled name: S_, S0_, S1_ and so on in base 36. */
function substitution(i: number): string {
  return i === 0 ? 'S_' : `S${(i - 1).toString(36).toUpperCase()}_`;
}

/** The name of a function whose parameter k is a pair of parameter k - 1: written out, it doubles each time. */
function doubling(levels: number): string {
  let name = '_ZN1X1fI1A';
  for (let i = 0; i < levels; i++) name += i === 0 ? '1BIS1_S1_E' : `S2_I${substitution(i + 2)}${substitution(i + 2)}E`;
  return `${name}EEv`;
}

describe('names that are made to harm', () => {
  it('one that doubles is written while it is short, and given up when it is not', () => {
    const [short, long, after] = ask(doubling(3), doubling(40), '_Znwm');
    expect(short).toMatch(/^= X::f<.*B<A, A>/);
    expect(long).toBe('-');
    expect(after).toBe('= operator new');
  });

  it('long and deep ones come back', () => {
    const deep = `_Z1f${'P'.repeat(3000)}i`;
    const nested = `_ZN${'1a'.repeat(2000)}Ev`;
    const names = [deep, nested, `_Z1f${'I'.repeat(4000)}`, `_R${'NC'.repeat(1500)}`, `_ZN${'9'.repeat(3000)}aE`];
    names.push(`_Z1f${'x'.repeat(60_000)}`, `_RNvC${'u'.repeat(2000)}3foo`, `_RINvC1a1f${'B_'.repeat(1000)}E`);
    expect(ask(...names)).toHaveLength(names.length);
  });

  it('changed ones come back, whatever they say', () => {
    const base = '_ZN2v88internal12_GLOBAL__N_16InvokeEPNS0_7IsolateERKNS1_12InvokeParamsEISt8functionIFPvmEEE';
    const letters = 'SIENKR_0123456789LTDpcvX$.';
    const random = seededRandom(7);
    const next = (below: number): number => Math.floor(random() * below);
    const names = Array.from({ length: 3000 }, () => {
      const text = base.split('');
      for (let i = next(8); i >= 0; i--) text[2 + next(text.length - 2)] = letters[next(letters.length)];
      return text.slice(0, 3 + next(text.length)).join('');
    });
    const answers = ask(...names);
    expect(answers).toHaveLength(names.length);
    expect(answers.filter((line) => line !== '-').length).toBeGreaterThan(5);
  });
});
