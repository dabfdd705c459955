/** Formats of a diff, by name and by file suffix. It imports no encoder, because `--help` needs it too. */
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

/** `format` if given, else the format of the output's suffix, text for standard output. Throws where formatOfName() does. */
export function diffFormat(format: DiffFormat | undefined, output: string | undefined): DiffFormat {
  if (format !== undefined) return format;
  if (isStdout(output)) return 'text';
  return formatOfName(output, SUFFIXES, DIFF_FORMATS);
}
