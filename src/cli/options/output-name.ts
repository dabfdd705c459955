/** What the name that -o gives says. Imports nothing heavy: `--help` needs this too. */
import { UserError } from '../../base/errors.js';

/** Is it standard output? */
export function isStdout(output: string | undefined): output is undefined | '-' {
  return output === undefined || output === '-';
}

/** Which format the name of a file asks for, by how it ends. `choices`: what --format takes. */
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
