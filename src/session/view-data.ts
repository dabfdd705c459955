/**
 * What the present view of the screen needs besides the Report, and what the session answers. The session works out
 * nothing but what was asked for last. To add a view: a member in each union, and a case in answerView().
 */
import type { CallTree, TreeRequest } from '../rank/tree.js';

/** 'stacks' needs the Report alone. */
export type ViewRequest = { kind: 'stacks' } | ({ kind: 'tree' } & TreeRequest);

export type ViewData = { kind: 'tree'; tree: CallTree };

/** Asked for until the screen says otherwise. */
export const NO_VIEW: ViewRequest = { kind: 'stacks' };
