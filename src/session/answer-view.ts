import type { Selection } from '../rank/selection.js';
import { callTree } from '../rank/tree.js';
import type { Pipeline } from './pipeline.js';
import type { ViewData, ViewRequest } from './view-data.js';

/** What a view needs besides the Report, as things are now; null when that is nothing. */
export function answerView(pipeline: Pipeline, selection: Selection, request: ViewRequest): ViewData | null {
  const { core, symbols } = pipeline;
  switch (request.kind) {
    case 'tree':
      return { kind: 'tree', tree: callTree(core, symbols, selection, request) };
    default:
      return null;
  }
}
