/** The views with a tab, in the order of their tabs. */
export const VIEW_NAMES = ['stacks', 'tree', 'processes', 'caches', 'memory', 'diff', 'events'] as const;
export type TabName = (typeof VIEW_NAMES)[number];
/** 'triage', what the first look at the machine says, has a key of its own and no tab. */
export type ViewName = TabName | 'triage';

/** The titles of the views; on a tab the digit before one is viewDigit(). */
export const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  stacks: 'Findings',
  tree: 'Tree',
  processes: 'Who',
  caches: 'Caches',
  memory: 'Memory',
  diff: 'Diff',
  events: 'Events',
  triage: 'First look',
};

/** What the tab Memory shows, in the order of its key. */
export const MEMORY_PAGES = ['change', 'now', 'census', 'equation', 'limits', 'paging'] as const;
export type MemoryPage = (typeof MEMORY_PAGES)[number];

/** What the first look shows, in the order of its key. */
export const TRIAGE_PAGES = ['findings', 'equation'] as const;
export type TriagePage = (typeof TRIAGE_PAGES)[number];

/** The key that shows this view: its place in VIEW_NAMES, from '1'. */
export function viewDigit(name: TabName): string {
  return String(VIEW_NAMES.indexOf(name) + 1);
}
