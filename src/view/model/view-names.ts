/** The views, in the order of their tabs. */
export const VIEW_NAMES = ['stacks', 'tree', 'processes', 'caches', 'memory', 'diff'] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

/** The titles on the tabs; the digit before one is viewDigit(). */
export const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  stacks: 'Findings',
  tree: 'Tree',
  processes: 'Who',
  caches: 'Caches',
  memory: 'Memory',
  diff: 'Diff',
};

/** What the tab Memory shows, in the order of its key. */
export const MEMORY_PAGES = ['change', 'now'] as const;
export type MemoryPage = (typeof MEMORY_PAGES)[number];

/** The key that shows this view: its place in VIEW_NAMES, from '1'. */
export function viewDigit(name: ViewName): string {
  return String(VIEW_NAMES.indexOf(name) + 1);
}
