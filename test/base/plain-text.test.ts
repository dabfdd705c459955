import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from '../../src/base/plain-text.js';
import { safeText, textWidth } from '../../src/base/safe-text.js';

test('signs have their stand-ins', () => {
  expect(plainText('▲ grows ■ held ● quiet ○ early ✓ ≤652 KiB ▶ 4x 1 › 2 a·b ▏x ━━┃──')).toBe(
    '^ grows # held = quiet o early * <652 KiB > 4x 1 > 2 a.b |x ==|--',
  );
  expect(plainText('plain text, 100 %\n')).toBe('plain text, 100 %\n');
});

test('a curve has eight heights, a bar is one sign', () => {
  expect(plainText('▁▂▃▄▅▆▇█')).toBe('.:-=+*#@');
  expect(plainText('▁███████ once')).toBe('.@@@@@@@ once');
  expect(plainText('┃███████████▉  1')).toBe('|############  1');
  expect(plainText('▄▄▄ ░░▒▒▓▓')).toBe('___ ..~~XX');
  expect(plainText('██▌ ██▎ ▐█')).toBe('### ##  ##');
});

test('what was cut ends in two points in the same columns; what is wider takes a blank', () => {
  expect(plainText('damon_split_region… x')).toBe('damon_split_regio.. x');
  expect(plainText('      … 7 more call paths')).toBe('     .. 7 more call paths');
  expect(plainText('… 7 more call paths')).toBe('.. 7 more call paths');
  expect(plainText('14.0 GiB         ±0 ████████')).toBe('14.0 GiB        +-0 ########');
  expect(plainText('not in meminfo 98.4 MiB (±0)')).toBe('not in meminfo 98.4 MiB (+-0)');
  expect(plainText('±0 a  b')).toBe('+-0 a b');
});

test('styles stay whole, and take no column', () => {
  expect(plainText('\x1b[1mabc\x1b[0m… \x1b[34m▁█\x1b[0m')).toBe('\x1b[1mab\x1b[0m.. \x1b[34m.@\x1b[0m');
  expect(plainText('\x1b[2m… 7\x1b[0m')).toBe('\x1b[2m.. 7\x1b[0m');
});

test('other characters are question marks of their width', () => {
  expect(plainText('naïve 漢字 �')).toBe('na?ve ???? ?');
});

test('any safe text becomes ASCII, line by line, as wide as it was or a column more for each ± and …', () => {
  const line = fc
    .array(
      fc.oneof(
        fc.constantFrom(...Array.from('▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▐…±▲■┃ ab1<')),
        fc.string({ unit: 'binary', maxLength: 2 }),
      ),
    )
    .map((parts) => safeText(parts.join('')));
  fc.assert(
    fc.property(line, line, (first, second) => {
      const plain = plainText(`${first}\n${second}`);
      expect(plain).toMatch(/^[\x20-\x7e\n]*$/);
      const lines = plain.split('\n');
      expect(lines).toHaveLength(2);
      for (const [i, text] of [first, second].entries()) {
        const wider = text.match(/[±…]/g)?.length ?? 0;
        expect(lines[i].length).toBeGreaterThanOrEqual(textWidth(text));
        expect(lines[i].length).toBeLessThanOrEqual(textWidth(text) + wider);
      }
    }),
    { numRuns: 500, seed: 20_261_130 },
  );
});

test('what begins at a zero line is a bar, not an axis', () => {
  expect(plainText('  ▐█┃  ')).toBe('  ##|  ');
  expect(plainText('┃▏ ┃█▏ ▏')).toBe('|  |#  |');
});
