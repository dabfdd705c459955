/** Which export format the name of a file asks for. */
import { EXPORT_FORMATS, type ExportFormat, SUFFIXES } from '../../session/export-formats.js';
import { formatOfName, isStdout } from './output-name.js';

export { EXPORT_FORMATS, type ExportFormat };

/** `format` if given, else the format of the output's suffix, json for standard output. Throws where formatOfName() does. */
export function exportFormat(format: ExportFormat | undefined, output: string | undefined): ExportFormat {
  if (format !== undefined) return format;
  if (isStdout(output)) return 'json';
  return formatOfName(output, SUFFIXES, EXPORT_FORMATS);
}
