/** Which export format the name of a file asks for. */
import { EXPORT_FORMATS, type ExportFormat, SUFFIXES } from '../../session/export-formats.js';
import { formatOfName, isStdout } from './output-name.js';

export { EXPORT_FORMATS, type ExportFormat };

/** `format` where it is given, else what the output's name ends in; json for standard output. */
export function exportFormat(format: ExportFormat | undefined, output: string | undefined): ExportFormat {
  if (format !== undefined) return format;
  if (isStdout(output)) return 'json';
  return formatOfName(output, SUFFIXES, EXPORT_FORMATS);
}
