/** Which export format the name of a file asks for. */
import { UserError } from '../base/errors.js';
import { EXPORT_FORMATS, type ExportFormat, SUFFIXES } from '../session/export-formats.js';

export { EXPORT_FORMATS, type ExportFormat };

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
