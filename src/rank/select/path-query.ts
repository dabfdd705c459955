import type { CallPathFacts } from '../names/call-path-facts.js';
import type { Selection } from '../report/selection.js';
import type { PairedTrace } from './paired-trace.js';
import type { PathMatcher } from './path-matcher.js';

/** A selection and the trace that it is applied to, with the memos that answer for its call paths. */
export interface PathQuery extends PairedTrace {
  readonly selection: Selection;
  readonly facts: CallPathFacts;
  readonly matcher: PathMatcher;
}
