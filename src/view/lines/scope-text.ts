/** Says in words which parts of the selection narrow a view. */
import { formatBytes, formatCount } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import type { ViewState } from '../model/view-state.js';

/** Source of Selection.hide that leaves call paths without modules: a frame of a module ends in ' [module]'. */
export const NO_MODULES = ' \\[';

/** '   only: slab, process sshd': of the report's selection, not of a newer one. Safe text; '' when nothing narrows it. */
export function scopeText(state: ViewState): string {
  const selection = state.report?.selection ?? state.selection;
  const parts: string[] = [];
  if (selection.allocators.length > 0) parts.push(selection.allocators.join('+'));
  if (selection.grep !== null) parts.push(`matching ${state.filterText === '' ? selection.grep : state.filterText}`);
  if (selection.hide !== null) parts.push(selection.hide === NO_MODULES ? 'no module' : `without ${selection.hide}`);
  if (selection.hideAccounted) parts.push('not in meminfo');
  if (selection.categories.length > 0) parts.push(selection.categories.join('+'));
  if (selection.comm !== null) parts.push(`process ${selection.comm}`);
  if (selection.pid !== null) parts.push(`pid ${selection.pid}`);
  if (selection.cache !== null) parts.push(`cache ${selection.cache}`);
  if (selection.module !== null) parts.push(`module ${selection.module}`);
  if (selection.minSizeBytes > 0) parts.push(`from ${formatBytes(selection.minSizeBytes)} each`);
  if (selection.olderNs > 0) parts.push('older ones');
  if (selection.watch.length > 0) parts.push('watched');
  const only = parts.length === 0 ? '' : `   only: ${safeText(parts.join(', '))}`;
  return `${suppressedText(state)}${only}`;
}

/** The memory that rules hide from every view; it is named because the totals include it. '' when there is none. */
function suppressedText({ report }: ViewState): string {
  const rules = report?.suppressed ?? [];
  const stacks = rules.reduce((sum, rule) => sum + rule.stacks, 0);
  if (stacks === 0) return '';
  const bytes = rules.reduce((sum, rule) => sum + rule.bytes, 0);
  return `   hidden by rules: ${formatCount(stacks)} call path${stacks === 1 ? '' : 's'}, ${formatBytes(bytes)}`;
}

/** Lines that say why a list is empty. */
export function nothingText(state: ViewState): string[] {
  const { selection, trail } = state;
  if (selection.grep !== null) return ['no call path matches the filter', 'Esc clears it'];
  const scope = scopeText(state).trim();
  return ['nothing is outstanding', ...(scope === '' ? [] : [scope]), ...(trail.length > 0 ? ['Esc goes back'] : [])];
}
