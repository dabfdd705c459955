/** An output longer than a string of Node can be (512 MiB) is made in pieces, in bounded memory. */
import { constants } from 'node:buffer';
import { expect, it } from 'vitest';
import { encodeReport } from '../../src/session/encode-report.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { exportReport } from '../helpers/export-report.js';
import { peakRssBytes } from '../helpers/peak-rss.js';

it('JSON of many call paths is longer than a string, in small pieces', () => {
  const report = exportReport();
  // Made: the same few paths again and again, so that the report itself takes no room.
  let bytes = 0;
  for (const piece of encodeReport('json', report, new Pipeline('recording'))) bytes += piece.length;
  const times = Math.ceil((2 * constants.MAX_STRING_LENGTH) / bytes);
  report.stacks = Array.from({ length: times }, () => report.stacks).flat();
  const before = peakRssBytes();
  let total = 0;
  let longest = 0;
  for (const piece of encodeReport('json', report, new Pipeline('recording'))) {
    total += piece.length;
    longest = Math.max(longest, piece.length);
  }
  expect(total).toBeGreaterThan(constants.MAX_STRING_LENGTH);
  expect(longest).toBeLessThan(100_000);
  expect(peakRssBytes() - before).toBeLessThan(300 * 2 ** 20);
});
