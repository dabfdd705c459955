/** The sentences that the report begins with. */
import type { Report } from '../../rank/report/report.js';
import { markupText } from '../parts/markup.js';

export function answerText(report: Report): string {
  const said = report.conclusions.map(({ kind, text, detail, next }) => {
    const more = [detail ?? '', next === null ? '' : `Next: ${next}`].filter((part) => part !== '');
    return (
      `<p class="${kind}"><strong>${kind.toUpperCase()}</strong> ${markupText(text)}` +
      `${more.map((part) => `<br><span class="more">${markupText(part)}</span>`).join('')}</p>`
    );
  });
  if (said.length === 0) said.push('<p>The report draws no conclusion.</p>');
  return `<section class="answer column" aria-label="Answer">${said.join('')}</section>`;
}
