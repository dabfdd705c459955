/** --at: a moment of a recording. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../base/quantity.js';

/** A time of the trace in ns, or the moment at which most was held. */
export type Moment = number | 'peak';

/** The option --at of the commands that print one moment of a recording. */
export function momentOption(): Option {
  return new Option(
    '--at <moment>',
    'of a recording: as it stood then, e.g. 12s; peak: when most was held (default: the end)',
  ).argParser(momentArgument);
}

function momentArgument(text: string): Moment {
  if (text === 'peak') return text;
  const ns = parseDuration(text);
  if (ns === null) throw new InvalidArgumentError("Give a time such as 12s or 1m30s, or the word 'peak'.");
  return ns;
}
