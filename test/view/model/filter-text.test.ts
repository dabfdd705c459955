import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterTextOf, parseFilter } from '../../../src/view/model/filter-text.js';

test.each([
  ['', null],
  ['  ', null],
  ['/', null],
  ['pipe_write', 'pipe_write'],
  [' pipe ', 'pipe'],
  ['a.b+c(d', 'a\\.b\\+c\\(d'],
  ['/^nvme.*tcp$', '^nvme.*tcp$'],
  ['/^nvme.*tcp$/', '^nvme.*tcp$'],
  ['/a\\/', 'a\\/'],
])('%j filters by %j', (text, grep) => {
  expect(parseFilter(text)).toEqual({ grep, error: null });
});

test('a bad expression says so', () => {
  expect(parseFilter('/(a')).toEqual({ grep: null, error: 'not a regular expression: unterminated group' });
});

test('plain text is matched literally, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      fc.pre(!text.startsWith('/') && text.trim() !== '');
      const { grep } = parseFilter(text);
      return grep !== null && new RegExp(grep, 'i').test(`<${text}>`);
    }),
  );
});

test('an expression from the command line comes back as text that means the same', () => {
  for (const grep of ['pipe_write', 'a\\.b', '^nvme', 'x|y', '/slash', ' space']) {
    expect(parseFilter(filterTextOf(grep)).grep).toBe(grep);
  }
  expect(filterTextOf('a\\.b')).toBe('a.b');
  expect(filterTextOf('^a')).toBe('/^a');
  expect(filterTextOf(null)).toBe('');
});
