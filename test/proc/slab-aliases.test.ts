import { expect, test } from 'vitest';
import { aliasesIn, mergedCaches } from '../../src/proc/slab-aliases.js';

test('names whose links lead to one cache are a group, a name alone is none', () => {
  const text = 'UNIX\0:A-0001152\0uid_cache\0:0000128\0signal_cache\0:A-0001152\0';
  expect(mergedCaches(aliasesIn(text))).toEqual([['UNIX', 'signal_cache']]);
});

test('a message that is cut or empty gives no half alias', () => {
  expect(aliasesIn('')).toEqual([]);
  expect(aliasesIn('UNIX\0:A-00')).toEqual([]);
  expect(mergedCaches(aliasesIn('\0:a\0\0:a\0x\0:a\0'))).toEqual([]);
});
