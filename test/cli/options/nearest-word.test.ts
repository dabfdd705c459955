import { expect, test } from 'vitest';
import { nearestWord } from '../../../src/cli/options/nearest-word.js';

const WORDS = ['live', 'record', 'replay', 'repair', 'top', 'export', 'diff'];

test.each([
  ['tpo', 'top'],
  ['topp', 'top'],
  ['to', 'top'],
  ['recrod', 'record'],
  ['repley', 'replay'],
  ['exprot', 'export'],
  ['lvie', 'live'],
])('%s is taken for %s', (typed, word) => expect(nearestWord(typed, WORDS)).toBe(word));

test('a word that is far from all is taken for none', () => {
  for (const typed of ['', 'x', 'xyz', 'x.unfreed', 'recording', 'a'.repeat(1e5)])
    expect(nearestWord(typed, WORDS)).toBe(null);
});
