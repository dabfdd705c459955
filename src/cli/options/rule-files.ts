/** Files of rules about call paths (rank/select/path-rules.ts), for --suppress and --watch. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { formatBytes } from '../../base/format.js';
import { describeSystemError, systemErrorCode } from '../../base/system-errors.js';
import { BENIGN_PATHS } from '../../rank/names/benign-paths.js';
import type { PathRule } from '../../rank/report/selection.js';
import { parseRules, RULES_LIMIT } from '../../rank/select/path-rules.js';

const FILE_LIMIT = 2 ** 20;
/** Name of the built-in list; a file of that name must be given as ./default. */
export const BUILT_IN = 'default';

/** Parser of --suppress: adds the rules of one file, or of the built-in list. Throws a UserError. */
export function suppressArgument(path: string, before: PathRule[]): PathRule[] {
  return withRules(before, path === BUILT_IN ? rulesOf(BENIGN_PATHS, BUILT_IN) : readRules(path), path);
}

/** Parser of --watch: adds the rules of one file. Throws a UserError. */
export function watchArgument(path: string, before: PathRule[]): PathRule[] {
  return withRules(before, readRules(path), path);
}

function withRules(before: PathRule[], rules: PathRule[], path: string): PathRule[] {
  const all = [...before, ...rules];
  if (all.length <= RULES_LIMIT) return all;
  throw new UserError(`${path}: ${all.length} rules together with those before it, at most ${RULES_LIMIT}`, [], {
    usage: true,
  });
}

function readRules(path: string): PathRule[] {
  const rules = rulesOf(readText(path), path);
  if (rules.length > 0) return rules;
  throw new UserError(`${path} holds no rules`, FORMAT, { usage: true });
}

/** The whole text. Throws a UserError beyond FILE_LIMIT bytes: the file may be a pipe, or have no end. */
function readText(path: string): string {
  const buffer = Buffer.alloc(FILE_LIMIT + 1);
  let length = 0;
  try {
    // A pipe that nobody writes to is empty, and does not hold us up.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      for (let read = 1; read > 0 && length < buffer.length; length += read) {
        read = readPiece(file, buffer, length);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UserError(`cannot read the rules in ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
  if (length <= FILE_LIMIT) return buffer.toString('utf8', 0, length);
  throw new UserError(`${path} has more than ${formatBytes(FILE_LIMIT)}: that is no file of rules`);
}

/** Time between two tries to read a pipe that is empty, ms, and their greatest number: 10 s. */
const RETRY_MS = 10;
const TRIES = 1000;

/** Returns the number of bytes read, 0 at the end. Waits for the writer of a pipe, not for ever. */
function readPiece(file: number, buffer: Buffer, at: number): number {
  for (let tries = 1; ; tries++) {
    try {
      return readSync(file, buffer, at, buffer.length - at, null);
    } catch (error) {
      if (systemErrorCode(error) !== 'EAGAIN' || tries === TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

function rulesOf(text: string, path: string): PathRule[] {
  const { rules, error } = parseRules(text);
  if (error === null) return rules;
  throw new UserError(`${path}:${error.line}: ${error.reason}`, FORMAT, { usage: true });
}

const FORMAT = [
  "A rule a line: 'function # reason', 'leaf < its caller # reason', 'leaf < ... < further out [module] # reason'.",
  "'*' and '?' are wildcards in names.",
];
