/** The meaning of the name that -o gives. It imports nothing heavy, because `--help` needs it too. */
import { UserError } from '../../base/errors.js';
import { EXPORT_FORMATS, type ExportFormat, SUFFIXES } from '../../session/export-formats.js';

const STDOUT_NAMES: readonly (string | undefined)[] = [undefined, '-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/** True if the output is standard output. */
export function isStdout(output: string | undefined): output is undefined | '-' {
  return STDOUT_NAMES.includes(output);
}

/** The format that a file name's suffix asks for. Throws a UserError for other suffixes; `choices` are those of --format. */
export function formatOfName<Format extends string>(
  output: string,
  suffixes: readonly (readonly [suffix: string, format: Format])[],
  choices: readonly Format[],
): Format {
  const name = output.toLowerCase();
  const found = suffixes.find(([suffix]) => name.endsWith(suffix));
  if (found !== undefined) return found[1];
  throw new UserError(
    `the name '${output}' does not say which format is wanted`,
    [`It may end in ${suffixes.map(([suffix]) => suffix).join(' ')}`, `or give --format ${choices.join('|')}.`],
    { usage: true },
  );
}

/** `format` if given, else the format of the output's suffix, json for standard output. Throws where formatOfName() does. */
export function exportFormat(format: ExportFormat | undefined, output: string | undefined): ExportFormat {
  if (format !== undefined) return format;
  if (isStdout(output)) return 'json';
  return formatOfName(output, SUFFIXES, EXPORT_FORMATS);
}
