/**
 * Says what narrows a view: the one line above its heads, with the parts on the left and what they leave of the whole on
 * the right; what rules hide; and why a list is empty.
 */
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { cutToWidth, safeText, textWidth } from '../../base/safe-text.js';
import { ContainerNames } from '../../proc/process/container-names.js';
import { dumpName } from '../../rank/report/meaning.js';
import { isOneCgroup, type Selection } from '../../rank/report/selection.js';
import type { ViewName } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import type { Line } from './styled-line.js';

/** Source of Selection.hide that leaves call paths without modules: a frame of a module ends in ' [module]'. */
export const NO_MODULES = ' \\[';

/** Nothing narrows the kernel's own figures, and what happened is not memory of anyone. */
const WHOLE: readonly ViewName[] = ['memory', 'triage', 'events'];

/** True if the view's rows are narrowed, so that narrowLine() has a line. */
export function isNarrowed(state: ViewState): boolean {
  return !WHOLE.includes(state.view) && narrowParts(state).length > 0;
}

/**
 * 'only: sshd 18875 › /pipe/ › not in meminfo  22.4 of 82.3 MiB   Esc drops last', inverse over the whole width. What
 * was gone into comes first, a typed filter last. Safe text; the parts are cut where the screen is narrow.
 */
export function narrowLine(state: ViewState): Line {
  const left = `only: ${narrowParts(state).join(' › ')}`;
  const hint = escDropsLast(state) ? '   Esc drops last' : '';
  const wanted = [leftOf(state) + hint, leftOf(state), ''];
  // The names of the parts are worth more than the sizes.
  const right = wanted.find((text) => textWidth(left) + textWidth(text) <= state.columns) ?? '';
  const line = cutToWidth(left, state.columns - textWidth(right)) + right;
  return [[line + ' '.repeat(Math.max(0, state.columns - textWidth(line))), 'inverse']];
}

/** The names of what narrows the rows on the screen, in the order in which Esc would keep them; safe text. */
export function narrowParts(state: ViewState): string[] {
  // The rows are of the report's selection, not of a newer one.
  const now = state.report?.selection ?? state.selection;
  const there = partsOf(now);
  const typed = typedPart(state, now);
  const ordered: string[] = [];
  for (const selection of [...state.trail.map((step) => step.selection), now]) {
    for (const part of partsOf(selection)) if (part !== typed && !ordered.includes(part)) ordered.push(part);
  }
  const kept = ordered.filter((part) => there.includes(part));
  return (typed === null ? kept : [...kept, typed]).map(safeText);
}

/** The part of a filter that was typed here; null where a row that was gone into has set it, or there is none. */
function typedPart({ trail, filterText }: ViewState, { grep }: Selection): string | null {
  return grep === null || filterText === (trail.at(-1)?.filterInside ?? '') ? null : filterPart(grep);
}

/** Esc clears a typed filter, else it goes back over the last row that was gone into (state-views.ts, goBack()). */
function escDropsLast(state: ViewState): boolean {
  const now = state.report?.selection ?? state.selection;
  if (typedPart(state, now) !== null) return true;
  const back = state.trail.at(-1);
  if (back === undefined) return false;
  const before = partsOf(back.selection);
  return partsOf(now).filter((part) => !before.includes(part)).length === 1;
}

/** '  22.4 of 82.3 MiB'; '' before the first report. */
function leftOf({ report }: ViewState): string {
  if (report === null) return '';
  const [size, unit] = formatBytes(report.matching.bytes).split(' ');
  const whole = formatBytes(report.outstanding.distinct.bytes);
  return whole.endsWith(` ${unit}`) ? `  ${size} of ${whole}` : `  ${size} ${unit} of ${whole}`;
}

function partsOf(selection: Selection): string[] {
  const parts: string[] = [];
  const { comm, pid, hide, cgroup } = selection;
  if (comm !== null) parts.push(pid === null ? (comm === '' ? 'processes without a name' : comm) : `${comm} ${pid}`);
  else if (pid !== null) parts.push(`pid ${pid}`);
  if (cgroup !== null) parts.push(cgroupPart(cgroup));
  if (selection.cache !== null) parts.push(`cache ${selection.cache}`);
  if (selection.module !== null) parts.push(`[${selection.module}]`);
  if (selection.allocators.length > 0) parts.push(selection.allocators.join('+'));
  if (selection.categories.length > 0) parts.push(selection.categories.join('+'));
  if (hide !== null) parts.push(hide === NO_MODULES ? 'no module' : `without /${hide}/`);
  if (selection.minSizeBytes > 0) parts.push(`from ${formatBytes(selection.minSizeBytes)} each`);
  if (selection.olderNs > 0) parts.push(`older than ${formatDuration(selection.olderNs)}`);
  if (selection.watch.length > 0) parts.push('only by rule');
  if (selection.grep !== null) parts.push(filterPart(selection.grep));
  if (selection.hideAccounted) parts.push('not in meminfo');
  return parts;
}

/** Names of pods are not known here. */
const NAMES = new ContainerNames();

/** The short name of a cgroup that was gone into; a pattern as it is. */
function cgroupPart(pattern: string): string {
  return isOneCgroup(pattern) ? NAMES.label(pattern.slice(0, -2)) : `cgroup ${pattern}`;
}

/** '/pipe/'; the bare name where the filter is one name, as of a row that was gone into. */
function filterPart(grep: string): string {
  const name = /^\^([\w.]+)\$$/.exec(grep)?.[1];
  return name ?? `/${grep.replaceAll(/\\([\\^$.*+?()[\]{}|])/g, '$1')}/`;
}

/**
 * The memory that rules hide from every view; it is named because the totals include it. '' when
 * there is none; safe text.
 */
export function suppressedText({ report }: ViewState): string {
  const rules = report?.suppressed ?? [];
  const stacks = rules.reduce((sum, rule) => sum + rule.stacks, 0);
  if (stacks === 0) return '';
  const bytes = rules.reduce((sum, rule) => sum + rule.bytes, 0);
  return `   hidden by rules: ${formatCount(stacks)} call path${stacks === 1 ? '' : 's'}, ${formatBytes(bytes)}`;
}

/** Lines that say why a list is empty. What narrows it stands above (narrow-line.ts). */
export function nothingText(state: ViewState): string[] {
  const { selection, trail } = state;
  if (selection.grep !== null) return ['no call path matches the filter', 'Esc clears it'];
  const hidden = suppressedText(state).trim();
  // Sums of a dump name no processes, and pages no caches.
  const { report } = state;
  const isDump = report !== null && dumpName(report) !== null && report.outstanding.distinct.bytes > 0;
  return [
    isDump ? 'the dump does not say' : 'nothing is outstanding',
    ...(hidden === '' ? [] : [hidden]),
    ...(trail.length > 0 ? ['Esc goes back'] : []),
  ];
}
