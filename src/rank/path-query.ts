import type { CallPathFacts } from './call-path-facts.js';
import type { PairedTrace } from './paired-trace.js';
import type { PathMatcher } from './path-matcher.js';
import type { Selection } from './selection.js';

/** A selection and the trace that it is applied to, with the memos that answer for its call paths. */
export interface PathQuery extends PairedTrace {
  readonly selection: Selection;
  readonly facts: CallPathFacts;
  readonly matcher: PathMatcher;
}
