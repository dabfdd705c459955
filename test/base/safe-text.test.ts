import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutMiddle, cutToWidth, padText, padTextLeft, safeText, textWidth } from '../../src/base/safe-text.js';

describe('safeText', () => {
  test('printable ASCII passes unchanged', () => {
    expect(safeText('kworker/u8:3-events_unbound')).toBe('kworker/u8:3-events_unbound');
  });

  test.each([
    ['an escape sequence', '\x1b[31mred\x1b[2J', '␛[31mred␛[2J'],
    ['line ends and tabs', 'a\nb\rc\td', 'a␊b␍c␉d'],
    ['NUL and DEL', 'a\0b\x7f', 'a␀b␡'],
    ['C1 controls', '\x9b31m\x85\x90', '�31m��'],
    ['a bidirectional override', 'gnp.\u202excod\u2066', 'gnp.�xcod�'],
    ['zero-width characters', 'a\u200bb\u200dc\ufeff', 'a�b�c�'],
    ['lone surrogates', 'a\ud800b\udc00', 'a�b�'],
    ['emoji, whose width terminals disagree on', '🔥\u231a\u{1f1e9}\u{1f1ea}', '����'],
    ['variation selectors and tags', 'a\ufe0fb\u{e0041}', 'a�b�'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a�b�'],
    ['unusual spaces', 'a\u00a0b\u2003c', 'a b c'],
  ])('%s becomes visible', (_, text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  test('names in other scripts stay readable', () => {
    expect(safeText('Größe日本한국жук')).toBe('Größe日本한국жук');
  });

  test('a combining mark keeps to its base, and a heap of them is refused', () => {
    expect(safeText('e\u0301')).toBe('e\u0301');
    expect(safeText('\u0301e')).toBe('�e');
    expect(safeText('e\u0301\u0302\u0303')).toBe('e\u0301\u0302�');
  });

  test('whatever comes in, nothing that comes out moves a cursor, and safe text is left alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const safe = safeText(text);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(safeText(safe)).toBe(safe);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('width', () => {
  test('wide characters take two columns and marks none', () => {
    expect(['abc', '日本', 'e\u0301', '한', 'Ａ', '…', '�'].map(textWidth)).toEqual([3, 4, 1, 2, 2, 1, 1]);
  });

  test('a cut never splits a wide character', () => {
    expect(cutToWidth('日本語', 4)).toBe('日…');
    expect(cutToWidth('日本語', 6)).toBe('日本語');
    expect(cutToWidth('abcdef', 4)).toBe('abc…');
    expect(cutToWidth('abc', 0)).toBe('');
  });

  test('a cut in the middle keeps both ends', () => {
    expect(cutMiddle('/var/tmp/customer/host.unfreed', 15)).toBe('/var/tm…unfreed');
    expect(cutMiddle('日本語日本語', 7)).toBe('日…本語');
    expect(cutMiddle('abc', 1)).toBe('…');
  });

  test('padding is exact to either side, whatever the text', () => {
    expect(padText('ab', 4)).toBe('ab  ');
    expect(padTextLeft('ab', 4)).toBe('  ab');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 30 }), (text, width) => {
        const safe = safeText(text);
        expect(textWidth(padText(safe, width))).toBe(width);
        expect(textWidth(padTextLeft(safe, width))).toBe(width);
        expect(textWidth(cutMiddle(safe, width))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 1000 },
    );
  });
});
