/** The menus: the items of each, which of them are in force, and the effect of choosing one. Nothing here draws. */
import { type AllocatorName, KERNEL_ALLOCATORS } from '../../event/kinds.js';
import { hasProcessMemory } from '../../rank/report/category.js';
import { GROUP_KEYS, type GroupKey, SORT_KEYS, type SortKey } from '../../rank/report/selection.js';
import { EXPORT_FORMATS, type ExportFormat, GROWTH_FORMATS, type GrowthFormat } from '../../session/trace-session.js';
import { CACHE_LETTERS, CACHE_SORT_HELP, CACHE_SORTS, processSortsOf } from '../../session/view-data.js';
import { asking, withSelection } from './state-requests.js';
import type { ViewName } from './view-names.js';
import type { MenuName, ViewState } from './view-state.js';

export interface MenuItem {
  name: string;
  help: string;
  /** The key that chooses it at once; absent = none. */
  letter?: string;
  /** In force now. */
  current: boolean;
  /** Returns the state after this item was chosen; the menu closes unless that state keeps the place 'menu'. */
  choose(state: ViewState): ViewState;
}

export interface Menu {
  title: string;
  items: readonly MenuItem[];
}

/** The menu `state.menu`, open or not. */
export function menuOf(state: ViewState): Menu {
  return MENUS[state.menu](state);
}

/** Opens a menu with the item in force selected; the first item if none is in force. */
export function openMenu(state: ViewState, menu: MenuName): ViewState {
  const open: ViewState = { ...state, place: 'menu', menu };
  return {
    ...open,
    menuIndex: Math.max(
      0,
      menuOf(open).items.findIndex((item) => item.current),
    ),
  };
}

/** Chooses the item after the one in force, the first after the last, without opening the menu. */
export function nextItem(state: ViewState, menu: MenuName): ViewState {
  const { items } = menuOf({ ...state, menu });
  const next = items[(items.findIndex((item) => item.current) + 1) % items.length];
  return next.choose(state);
}

/** Chooses the selected item of the open menu; returns the state unchanged if there is none. */
export function chooseItem(state: ViewState): ViewState {
  return menuOf(state).items[state.menuIndex]?.choose({ ...state, place: 'list' }) ?? state;
}

/** Chooses the item of the open menu that has this letter; returns the state unchanged if there is none. */
export function chooseLetter(state: ViewState, letter: string): ViewState {
  const item = menuOf(state).items.find((each) => each.letter === letter);
  return item?.choose({ ...state, place: 'list' }) ?? state;
}

const SORT_HELP: Readonly<Record<SortKey, string>> = {
  suspect: 'growing, confirmed and unaccounted first, page cache last',
  bytes: 'outstanding bytes',
  count: 'outstanding pages or objects',
  growth: 'growth of the outstanding bytes',
  age: 'age of the oldest',
  'median-age': 'median age',
  allocs: 'pages or objects ever allocated',
  freed: 'share that was freed',
  peak: 'bytes when its allocator held most',
  missed: 'missed frees',
  verdict: 'what its history looks like',
};

const GROUP_HELP: Readonly<Record<GroupKey, string>> = {
  stack: 'call paths as they were taken',
  finding: 'one row for what one cause made',
  path: 'call paths that differ in plumbing, offsets or interrupts only',
  site: 'the function that allocated',
  module: 'module of that function',
  comm: 'process name',
  cgroup: 'cgroup of the task',
  cache: 'slab cache',
  category: 'what /proc/meminfo accounts it to',
};

const EXPORT_HELP: Readonly<Record<ExportFormat, string>> = {
  json: 'everything that is known, for programs',
  csv: 'a row for each call path, for a spreadsheet',
  folded: 'flamegraph.pl and its like',
  pprof: 'go tool pprof',
  speedscope: 'speedscope.app',
  firefox: 'profiler.firefox.com, with time',
  html: 'a flame graph to open in a browser',
  svg: 'a flame graph as a picture',
  markdown: 'the first five call paths, for a bug report',
};

const GROWTH_HELP: Readonly<Record<GrowthFormat, string>> = {
  csv: 'a row for each call path that changed, for a spreadsheet',
  folded: 'bytes then and now, for flamegraph.pl in red and blue',
  markdown: 'the first five call paths, for a bug report',
};

function stackSorts({ selection }: ViewState): MenuItem[] {
  return SORT_KEYS.map((sort) => ({
    name: sort,
    help: SORT_HELP[sort],
    current: sort === selection.sort,
    choose: (state) => withSelection(state, { sort }),
  }));
}

/** Sort items of the views whose rows are not rows of the ranking. */
const SORT_ITEMS: Readonly<Partial<Record<ViewName, (state: ViewState) => MenuItem[]>>> = {
  processes: ({ processesBy, processesSort }) =>
    processSortsOf(processesBy).map((sort) => ({
      name: sort,
      help: '',
      current: sort === processesSort,
      choose: (state) => ({ ...state, processesSort: sort }),
    })),
  caches: ({ cachesSort }) =>
    CACHE_SORTS.map((sort) => ({
      name: sort,
      help: CACHE_SORT_HELP[sort],
      letter: CACHE_LETTERS[sort],
      current: sort === cachesSort,
      choose: (state) => ({ ...state, cachesSort: sort }),
    })),
};

const EXPORT_MENU: Menu = {
  title: 'Write what is ranked, to a new file in the current directory, as',
  items: EXPORT_FORMATS.map((format) => ({
    name: format,
    help: EXPORT_HELP[format],
    current: false,
    choose: (state) => asking(state, { name: 'act', action: { name: 'export', format } }),
  })),
};

const GROWTH_MENU: Menu = {
  title: 'Write what changed since the mark, to a new file in the current directory, as',
  items: GROWTH_FORMATS.map((format) => ({
    name: format,
    help: GROWTH_HELP[format],
    current: false,
    choose: (state) => asking(state, { name: 'act', action: { name: 'export-growth', format } }),
  })),
};

const MENUS: Readonly<Record<MenuName, (state: ViewState) => Menu>> = {
  sort: (state) => ({ title: 'Sort by', items: (SORT_ITEMS[state.view] ?? stackSorts)(state) }),
  group: ({ selection }) => ({
    title: 'One row for each of',
    items: GROUP_KEYS.map((group) => ({
      name: group,
      help: GROUP_HELP[group],
      current: group === selection.group,
      choose: (state) => withSelection(state, { group }),
    })),
  }),
  export: (state) => (state.view === 'diff' && state.snapshot.status.markNs !== null ? GROWTH_MENU : EXPORT_MENU),
  allocators: (state) => ({
    title: 'Allocators to show',
    items: allocatorsOf(state).map((name) => ({
      name,
      help: '',
      current: state.selection.allocators.length === 0 || state.selection.allocators.includes(name),
      // The menu stays open, so that several can be chosen.
      choose: (before) => ({ ...toggled(before, name), place: 'menu' }),
    })),
  }),
};

/** Those of the kernel, or in a trace that has others those that it has. */
function allocatorsOf(state: ViewState): readonly AllocatorName[] {
  const traced = state.snapshot.report?.source.allocators ?? [];
  return hasProcessMemory(traced) ? traced : KERNEL_ALLOCATORS;
}

/** Shows or hides one allocator. An empty selection means all, so choosing all of them makes it empty. */
function toggled(state: ViewState, name: AllocatorName): ViewState {
  const { allocators } = state.selection;
  const all = allocatorsOf(state);
  const shown = allocators.length === 0 ? all : allocators;
  const next = all.filter((one) => (one === name ? !shown.includes(one) : shown.includes(one)));
  return withSelection(state, { allocators: next.length === all.length ? [] : next });
}

/** The next step of the cycle: all (an empty list) -> each traced allocator alone -> all. */
export function nextAllocators(state: ViewState): AllocatorName[] {
  const traced = state.snapshot.report?.source.allocators ?? [];
  const cycle: AllocatorName[] = traced.length > 0 ? traced : [...KERNEL_ALLOCATORS];
  const { allocators } = state.selection;
  const next = allocators.length === 1 ? cycle[cycle.indexOf(allocators[0]) + 1] : cycle[0];
  return next === undefined ? [] : [next];
}
