/** How text looks on standard output and on the screen: in colour or not, in plain characters or not. */
import { Option } from 'commander';
import { plainText } from '../../base/plain-text.js';
import { colouredText } from '../../base/text-colours.js';

export interface Look {
  colour: boolean;
  /** Printable ASCII alone. */
  plain: boolean;
}

/** The variables that say what a terminal can draw. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The option of the commands that print or draw for people. */
export function asciiOption(): Option {
  return new Option('--ascii', 'plain characters alone, for terminals that draw no others').default(false);
}

/** What --ascii of the command that runs says; the terminal and the locale may ask for the same. */
let isAsked = false;

/** Takes --ascii of the command that is about to run. */
export function setAscii(asked: boolean): void {
  isAsked = asked;
}

/** The look of a stream. `ascii` = --ascii was given. */
export function lookOf(isTerminal: boolean, env: Environment, ascii: boolean): Look {
  const term = env['TERM'] ?? '';
  return {
    // https://no-color.org: no colours if NO_COLOR is set and not empty.
    colour: isTerminal && (env['NO_COLOR'] ?? '') === '' && term !== 'dumb',
    plain: ascii || (isTerminal && PLAIN_TERMINALS.test(term)) || !allowsUtf8(env),
  };
}

/** Terminals without the characters of curves and bars: none at all, the console of Linux, serial terminals. */
const PLAIN_TERMINALS = /^(?:dumb|linux|vt\d+.*)$/;

/**
 * By the locale that holds for characters (locale(7)). Where none is set, as sudo, containers and
 * init leave it, the terminal decides.
 */
function allowsUtf8(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/** The look of standard output. */
export function stdoutLook(): Look {
  return lookOf(process.stdout.isTTY, process.env, isAsked);
}

/** Text for standard output that is not coloured: safe lines, in the characters that it can draw. */
export function plainIfAsked(text: string): string {
  return stdoutLook().plain ? plainText(text) : text;
}

/** Text of a ranking for standard output. */
export function dressed(text: string): string {
  const { colour, plain } = stdoutLook();
  const coloured = colour ? colouredText(text) : text;
  return plain ? plainText(coloured) : coloured;
}
