/** The most important events of a report as lines, for Markdown. */
import { formatDuration } from '../../base/format.js';
import { padText, padTextLeft, safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import { countsText, lackingText, mostImportant } from './marks-order.js';

const TIME_COLUMNS = 9;
const WHO_COLUMNS = 23;

/** A title, then a safe line for each; empty where nothing happened. */
export function markLines(report: Report, most: number): string[] {
  const shown = mostImportant(report.marks, most);
  const lacking = lackingText(report, shown.length);
  if (shown.length === 0 && lacking === '') return [];
  const counts = countsText(report);
  return [
    `What happened when${counts === '' ? '' : `: ${counts}`}`,
    ...shown.map(({ timeNs, who, what, howMuch }) =>
      [
        padTextLeft(formatDuration(timeNs), TIME_COLUMNS),
        padText(who === '' ? '-' : safeText(who), WHO_COLUMNS),
        safeText(howMuch === '' ? what : `${what}; ${howMuch}`),
      ].join('  '),
    ),
    ...(lacking === '' ? [] : [`${' '.repeat(TIME_COLUMNS + 2)}${lacking}`]),
  ];
}
