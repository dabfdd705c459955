/**
 * Rules about call paths, for suppression files and watch lists. Each is a line `pattern # reason`,
 * and must give the reason. Empty lines and lines that begin with '#' are ignored.
 *
 *     anon_pipe_write                            # any call path through this function
 *     kmem_cache_alloc* < getname_flags          # called by it directly, leaf first as `top` prints them
 *     alloc_inode < ... < ext4_lookup [ext4]     # with any frames between, the last one in this module
 *     * [nvidia*]                                # anything through such a module; [kernel] is the core kernel
 *
 * In names '*' is any text, '?' any one character; there are no other wildcards, and case matters.
 * A rule may leave out the suffixes that compilers and allocation profiling append to a name
 * (.isra.0, .cold, _noprof). Offsets are not part of a rule, and interrupted code is not part of a
 * call path. Where several rules match, the first counts.
 */
import type { PathRule } from '../report/selection.js';

export const RULES_LIMIT = 1000;
/** Most characters of a pattern, frames of a pattern, and characters of a reason. */
const PATTERN_LIMIT = 512;
const FRAMES_LIMIT = 16;
const REASON_LIMIT = 200;

/** The names that a frame must have. Both are globs. */
export interface FramePattern {
  symbol: string;
  /** Null = any module, or the core kernel. */
  module: string | null;
}

/** Frames that follow each other directly. Any frames may stand between the runs of a pattern. */
export type FrameRun = FramePattern[];

export type RulesResult = { rules: PathRule[]; error: null } | { rules: null; error: { line: number; reason: string } };

/**
 * Returns the rules of a file. An error names the first line (from 1) that is not a rule, and the
 * expectation.
 */
export function parseRules(text: string): RulesResult {
  const rules: PathRule[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fail = (reason: string): RulesResult => ({ rules: null, error: { line: i + 1, reason } });
    const hash = line.indexOf('#');
    const pattern = (hash < 0 ? line : line.slice(0, hash)).trim();
    const reason = hash < 0 ? '' : line.slice(hash + 1).trim();
    if (reason === '') return fail("a rule must give its reason: 'pattern # reason'");
    if (reason.length > REASON_LIMIT) return fail(`a reason of ${reason.length} characters, at most ${REASON_LIMIT}`);
    const runs = parsePattern(pattern);
    if (typeof runs === 'string') return fail(runs);
    if (rules.length === RULES_LIMIT) return fail(`more than ${RULES_LIMIT} rules`);
    rules.push({ pattern, reason });
  }
  return { rules, error: null };
}

/** Returns the runs of frames of a pattern, leaf first, or a sentence about its error. */
export function parsePattern(pattern: string): FrameRun[] | string {
  if (pattern.length > PATTERN_LIMIT) return `a pattern of ${pattern.length} characters, at most ${PATTERN_LIMIT}`;
  const runs: FrameRun[] = [[]];
  const pieces = pattern.split('<').map((piece) => piece.trim());
  if (pieces.length > FRAMES_LIMIT) return `${pieces.length} frames, at most ${FRAMES_LIMIT}`;
  for (const piece of pieces) {
    if (piece === '...') {
      runs.push([]);
      continue;
    }
    const match = FRAME.exec(piece);
    if (match === null) return frameError(piece);
    runs[runs.length - 1].push({ symbol: match[1], module: match[2] ?? null });
  }
  // '...' before the first or after the last frame has no effect.
  const filled = runs.filter((run) => run.length > 0);
  return filled.length === 0 ? "a pattern of '...' alone: at least one function must be named" : filled;
}

/** `symbol`, `symbol [module]`. */
const FRAME = /^([^\s[\]+]+)(?:\s*\[([^\s[\]]+)\])?$/;

function frameError(piece: string): string {
  if (piece === '') return "no function where one was expected: 'leaf < its caller < ...'";
  if (piece.includes('+')) return `'${piece}': offsets are no part of a rule, name the function alone`;
  return `'${piece}' is no function: expected 'name' or 'name [module]', '*' and '?' being wildcards`;
}

/** True if the glob matches the whole text. Takes at most text * glob steps, whatever the pattern. */
export function globMatches(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  // The last '*', and the present end of the text that it stands for.
  let star = -1;
  let starEnd = 0;
  while (t < text.length) {
    if (g < glob.length && glob[g] === '*') {
      star = g++;
      starEnd = t;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === text[t])) {
      g++;
      t++;
    } else if (star >= 0) {
      g = star + 1;
      t = ++starEnd;
    } else return false;
  }
  while (g < glob.length && glob[g] === '*') g++;
  return g === glob.length;
}
