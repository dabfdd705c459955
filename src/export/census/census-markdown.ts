/** The census as Markdown for a bug report: names of the machine stand in fenced blocks alone. */
import type { CensusReport } from '../../census/report.js';
import { fenced } from '../parts/markup.js';
import { censusText } from './census-text.js';

/** Code blocks do not wrap. */
const COLUMNS = 140;

/** Returns a heading and the text of the census. */
export function censusMarkdown(report: CensusReport): string {
  const text = censusText(report, { columns: COLUMNS, verbose: false }).trimEnd();
  return `## Census of the pages\n\n${fenced(text.split('\n'))}\n`;
}
