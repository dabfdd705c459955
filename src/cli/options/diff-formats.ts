/** Names of the forms of a diff, and which one the name of a file asks for. Imports no encoder: `--help` needs this too. */
import { formatOfName, isStdout } from './output-name.js';

export const DIFF_FORMATS = ['text', 'json', 'csv', 'markdown', 'folded', 'html', 'svg'] as const;
export type DiffFormat = (typeof DIFF_FORMATS)[number];

const SUFFIXES: readonly (readonly [suffix: string, format: DiffFormat])[] = [
  ['.txt', 'text'],
  ['.json', 'json'],
  ['.csv', 'csv'],
  ['.md', 'markdown'],
  ['.folded', 'folded'],
  ['.html', 'html'],
  ['.svg', 'svg'],
];

/** `format` where it is given, else what the output's name ends in; text for standard output. */
export function diffFormat(format: DiffFormat | undefined, output: string | undefined): DiffFormat {
  if (format !== undefined) return format;
  if (isStdout(output)) return 'text';
  return formatOfName(output, SUFFIXES, DIFF_FORMATS);
}
