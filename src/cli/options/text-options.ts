/** The options of all commands that read the texts of other tools. */
import { InvalidArgumentError, Option } from 'commander';
import { parseSize } from '../../base/quantity.js';

/** Page sizes of the kernel, in KiB. */
const SIZES = [4, 8, 16, 32, 64, 128, 256];

/** The option --page-size. */
export function pageSizeOption(): Option {
  return new Option(
    '--page-size <size>',
    'of a text of another tool: page size of the traced machine, 4k, 16k or 64k, where the text does not tell',
  ).argParser(pageSizeArgument);
}

/** '64k' -> bytes. Throws an InvalidArgumentError for what is no page size. */
export function pageSizeArgument(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || !SIZES.includes(bytes / 1024)) {
    throw new InvalidArgumentError(`Give a page size such as 4k, 16k or 64k.`);
  }
  return bytes;
}
