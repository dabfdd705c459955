import { expect, it } from 'vitest';
import { StackTable } from '../../../src/event/tables/stack-table.js';
import { parsePattern } from '../../../src/rank/select/path-rules.js';
import { RuleMatcher } from '../../../src/rank/select/rule-matcher.js';
import { SymbolTable } from '../../../src/symbols/symbol-table.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 901);
/** Short names of few letters, so that globs match them often. */
const FUNCTIONS = ['a', 'ab', 'aba', 'b', 'ba', 'bb.isra.0', 'ab_noprof'].flatMap((name) => [
  { name, module: null },
  { name, module: 'm' },
]);
const PIECES = ['a', 'a*', '*b', '?', '*', 'b?', 'bb', 'ab', 'a*a', '* [m]', 'ab [kernel]', '?* [?]', '...'];

type Frame = (typeof FUNCTIONS)[number];

/** Matches with the path as a text and the rule as a regular expression: slow, and an independent way. */
function plainMatches(pattern: string, path: Frame[]): boolean {
  const text = path.map(({ name, module }) => `${names(name).join('/')}@${module ?? 'kernel'};`).join('');
  const pieces = pattern.split(' < ').map((piece) => {
    if (piece === '...') return '(?:[^;]*;)*';
    const [symbol, module = '*'] = piece.replace(']', '').split(' [');
    return `(?:[^;@]*/)?${globSource(symbol)}(?:/[^;@]*)?@${globSource(module)};`;
  });
  return new RegExp(`(?:^|;)${pieces.join('')}`).test(text);
}

/** Returns a name as it is, and without a suffix such as '.isra.0' or '_noprof'. */
function names(name: string): string[] {
  const bare = name.replace(/\.isra\.0$|_noprof$/, '');
  return bare === name ? [name] : [name, bare];
}

function globSource(glob: string): string {
  return glob.replaceAll('*', '[^;@/]*').replaceAll('?', '[^;@/]').replaceAll('.', '\\.');
}

it.each(SEEDS)(
  'the first rule that a call path is under is the one that matching each by itself gives, seed %i',
  (seed) => {
    const random = seededRandom(seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
    const many = <T>(most: number, make: () => T): T[] => Array.from({ length: 1 + Math.floor(random() * most) }, make);
    const stacks = new StackTable();
    const symbols = new SymbolTable();
    const frameIds = FUNCTIONS.map(({ name, module }, i) => {
      symbols.add({ addressHi: 1, addressLo: i, symbol: name, offset: 4, module });
      return stacks.frames.intern(1, i);
    });
    const rules = many(6, () => ({ pattern: many(4, () => pick(PIECES)).join(' < '), reason: 'x' })).filter(
      ({ pattern }) => typeof parsePattern(pattern) !== 'string',
    );
    const matcher = new RuleMatcher(stacks, symbols, rules);
    let matched = 0;
    for (let round = 0; round < 60; round++) {
      const path = many(7, () => Math.floor(random() * FUNCTIONS.length));
      const ids = Uint32Array.from(path, (i) => frameIds[i]);
      const stackId = stacks.intern(ids, ids.length);
      const expected = rules.findIndex(({ pattern }) =>
        plainMatches(
          pattern,
          path.map((i) => FUNCTIONS[i]),
        ),
      );
      const found = matcher.ruleOf(stackId, ids.length, []);
      expect(found, `${JSON.stringify(rules)} ${path.map((i) => FUNCTIONS[i].name).join(' < ')}`).toBe(expected);
      if (found >= 0) matched++;
    }
    if (rules.length > 3) expect(matched).toBeGreaterThan(0);
  },
);
