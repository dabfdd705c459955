/** What a row's memory belongs to, as the detail shows it: a line for each file, socket, map or device of its sample. */
import { formatBytes, formatCount } from '../../base/format.js';
import { cutMiddle, padText, padTextLeft, safeText } from '../../base/safe-text.js';
import { type RowNames, sampleText } from '../../rank/report/row-names.js';
import type { Line } from './styled-line.js';

const FIGURES = 2 + 9 + 1 + 7 + 2;

/** Empty where nobody looked, or nothing is known. No line is wider than `width`. */
export function namesLines(names: RowNames | undefined, width: number): Line[] {
  if (names === undefined || names.things.length === 0) return [];
  return [
    [[padText('BELONGS TO', width), 'head']],
    ...names.things.map(
      ({ text, bytes, count }): Line => [
        // A module's devices are no part of the sample.
        [`  ${padTextLeft(count === 0 ? '' : formatBytes(bytes), 9)}`, 'strong'],
        [` ${padTextLeft(count === 0 ? '' : formatCount(count), 7)}  `],
        // The beginning of a path says where, its end says what.
        [cutMiddle(safeText(text), Math.max(1, width - FIGURES))],
      ],
    ),
    [[padText(`  ${sampleText(names)}`, width).trimEnd(), 'dim']],
  ];
}
