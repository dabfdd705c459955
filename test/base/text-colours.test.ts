import { expect, test } from 'vitest';
import { colouredText } from '../../src/base/text-colours.js';

/** Shows the styles as <code>...</>. */
const shown = (text: string): string =>
  colouredText(text)
    .replaceAll('\x1b[0m', '</>')
    .replaceAll(/\x1b\[([\d;]*)m/g, '<$1>');

test('sentences: look here, do not rely on it, and the rest by its first word', () => {
  expect(shown('GROWING  python3 18875 holds 22.9 MiB')).toBe('<1;35>GROWING</>  python3 18875 holds 22.9 MiB');
  expect(shown('LIMIT    a is at its limit')).toMatch(/^<1;35>LIMIT<\/>/);
  expect(shown('DOUBT    31% of the events were lost')).toMatch(/^<1;31>DOUBT<\/>/);
  expect(shown('QUIET    Nothing grows.')).toBe('<1>QUIET</>    Nothing grows.');
  expect(shown('         In meminfo as Shmem. Checked.')).toBe('         In meminfo as Shmem. Checked.');
  expect(shown('events 31  LOST 1,234 events (3.9%): a lost free')).toBe(
    'events 31  <1;31>LOST 1,234 events (3.9%)</>: a lost free',
  );
});

test('a row: its figure bold, its state magenta or red, its curve blue', () => {
  expect(shown('  1 22.9 MiB  +76.5 MiB ▂▃▄█ growing ✓ none  python3')).toBe(
    '  1 <1>22.9 MiB</>  +76.5 MiB <34>▂▃▄█</> <35>growing</> ✓ none  python3',
  );
  expect(shown('  4 ≤652 KiB          - doubtful? x')).toBe('  4 <1>≤652 KiB</>          - <1;31>doubtful?</> x');
  expect(shown('  2    101 KiB  101 objects  unreliable  slab')).toBe(
    '  2    <1>101 KiB</>  101 objects  <1;31>unreliable</>  slab',
  );
  // Only the first word is the row's: a process may have such a name.
  expect(shown('  1   6.32 MiB  1,618 pages  growing  growing  x')).toBe(
    '  1   <1>6.32 MiB</>  1,618 pages  <35>growing</>  growing  x',
  );
});

test('a diff: what grew is magenta, the change of a row bold', () => {
  expect(shown('GREW     python3 18875 holds 22.9 MiB')).toBe('<1;35>GREW</>     python3 18875 holds 22.9 MiB');
  expect(shown('NEW      x took 1 MiB')).toMatch(/^<1;35>NEW<\/>/);
  expect(shown('SHRANK   x holds 1 MiB')).toMatch(/^<1>SHRANK<\/>/);
  expect(shown('GONE     x held 1 MiB')).toMatch(/^<1>GONE<\/>/);
  expect(shown('  1 +4.63 MiB          - 1.69 MiB 6.32 MiB growing ✓ none  x')).toBe(
    '  1 <1>+4.63 MiB</>          - 1.69 MiB 6.32 MiB <35>growing</> ✓ none  x',
  );
  expect(shown('  2    -512 B          -    512 B      0 B gone      Slab  new')).toBe(
    '  2    <1>-512 B</>          -    512 B      0 B gone      Slab  new',
  );
  expect(shown('  #    CHANGE GROWTH/s   BEFORE')).toBe('<2>  #    CHANGE GROWTH/s   BEFORE</>');
});

test('structure is dim; facts that continue a row are not', () => {
  expect(shown('  #     HELD GROWTH/min STATE')).toBe('<2>  #     HELD GROWTH/min STATE</>');
  expect(shown('       a < b < c')).toBe('<2>       a < b < c</>');
  expect(shown('       hold-pipes #4')).toBe('       hold-pipes #4');
  for (const line of ['34 more rows hold 500 KiB.', "unfreed's own 12.1 MiB are left out.", 'lost 0', 'kernel: x']) {
    expect(shown(line)).toBe(`<2>${line}</>`);
  }
  expect(shown('… 124 more call paths, 756 KiB')).toMatch(/^<2>/);
  expect(shown('== 00:00:05.0 of the trace ==')).toBe('<1>== 00:00:05.0 of the trace ==</>');
  expect(shown('\n\n')).toBe('\n\n');
});

test('nothing but styles is added', () => {
  const text = 'GROWING  a\n  1 22.9 MiB  growing ▂▃█ x\n       a < b\nnote: y\nLOST 5 events (1%)\n';
  expect(colouredText(text).replaceAll(/\x1b\[[\d;]*m/g, '')).toBe(text);
});
