/** The views, in the order of their tabs. */
export const VIEW_NAMES = ['stacks', 'tree', 'processes', 'caches', 'memory', 'diff'] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

/** On the tab; the digit before it is the place in VIEW_NAMES. */
export const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  stacks: 'Stacks',
  tree: 'Tree',
  processes: 'Processes',
  caches: 'Caches',
  memory: 'Memory',
  diff: 'Diff',
};

export function viewDigit(name: ViewName): string {
  return String(VIEW_NAMES.indexOf(name) + 1);
}
