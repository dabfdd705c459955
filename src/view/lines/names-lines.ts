/**
 * What a row's memory belongs to, as the detail shows it: a line for each file, socket, map or device of its sample, with what
 * that makes of the row.
 */
import { formatBytes, formatShare } from '../../base/format.js';
import { cutMiddle, padText, padTextLeft, safeText } from '../../base/safe-text.js';
import { type RowNames, sampleText } from '../../rank/report/row-names.js';
import type { Line } from './styled-line.js';

const BYTES = 10;
const SHARE = 6;
/** Width of both, with the blanks around them. */
const FIGURES = 2 + BYTES + 1 + SHARE + 2;

/** `rowBytes`: what the row holds. Empty where nobody looked, or nothing is known. No line is wider than `width`. */
export function namesLines(names: RowNames | undefined, rowBytes: number, width: number): Line[] {
  if (names === undefined || names.things.length === 0) return [];
  const { lookedBytes } = names;
  // The sample is all of it, or stands for it.
  const sign = lookedBytes >= rowBytes ? '' : '~';
  return [
    [[padText('BELONGS TO', width), 'head']],
    ...names.things.map(({ text, bytes, count }): Line => {
      // A module's devices are no part of the sample.
      const held = count === 0 ? '' : `${sign}${formatBytes((bytes / lookedBytes) * rowBytes)}`;
      return [
        [`  ${padTextLeft(held, BYTES)}`, 'strong'],
        [` ${padTextLeft(count === 0 ? '' : formatShare(bytes, lookedBytes), SHARE)}  `],
        // The beginning of a path says where, its end says what.
        [cutMiddle(safeText(text), Math.max(1, width - FIGURES))],
      ];
    }),
    [[padText(`  ${sampleText(names)}`, width).trimEnd(), 'dim']],
  ];
}
