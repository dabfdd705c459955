/** Names of export formats, and which one the name of a file asks for. Imports no encoder: `--help` needs this too. */
import { UserError } from '../base/errors.js';

export const EXPORT_FORMATS = ['json', 'csv', 'folded', 'pprof', 'speedscope', 'html', 'svg', 'markdown'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The longer first: x.speedscope.json is not x.json. */
const SUFFIXES: readonly (readonly [suffix: string, format: ExportFormat])[] = [
  ['.speedscope.json', 'speedscope'],
  ['.pb.gz', 'pprof'],
  ['.pprof', 'pprof'],
  ['.html', 'html'],
  ['.svg', 'svg'],
  ['.csv', 'csv'],
  ['.folded', 'folded'],
  ['.md', 'markdown'],
  ['.json', 'json'],
];

/** `format` where it is given, else what the output's name ends in; json for standard output. */
export function exportFormat(format: ExportFormat | undefined, output: string | undefined): ExportFormat {
  if (format !== undefined) return format;
  if (output === undefined || output === '-') return 'json';
  const name = output.toLowerCase();
  const found = SUFFIXES.find(([suffix]) => name.endsWith(suffix));
  if (found !== undefined) return found[1];
  throw new UserError(
    `the name ${output} does not say which format is wanted`,
    [`It may end in ${SUFFIXES.map(([suffix]) => suffix).join(' ')}`, `or give --format ${EXPORT_FORMATS.join('|')}.`],
    { usage: true },
  );
}
