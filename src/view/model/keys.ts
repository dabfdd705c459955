/**
 * The one table of keys. Behaviour, footer, help screen and the table of KEYS.md all come from it; nothing else in view/
 * compares a key. A binding applies at a place (`Place`, and which view) and in a mode (live or replay).
 */
import { CACHE_LETTERS } from '../../session/view-data.js';
import { VIEW_NAMES, VIEW_TITLES, type ViewName, viewDigit } from './view-names.js';

/** One key press or paste, as terminal-input.ts names it: 'j', 'enter', 'pageup', 'ctrl-c', 'space', 'paste'. */
export interface Key {
  name: string;
  /** The text that it types; '' for a key that types nothing. */
  text: string;
}

/** The part of the screen that gets the keys; 'list' = the view that is shown. */
/** 'page' = a page of text over the view, 'detail' = one call path. */
export type Place = 'list' | 'detail' | 'page' | 'help' | 'filter' | 'menu' | 'time' | 'mark';

export type Command =
  | `view-${ViewName}`
  | 'next-view'
  | 'previous-view'
  | 'quit'
  | 'help'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom'
  | 'open'
  | 'back'
  | 'next-sort'
  | 'sort-menu'
  | 'next-group'
  | 'group-menu'
  | 'choose'
  | 'choose-letter'
  | 'filter'
  | 'accept'
  | 'clear'
  | 'erase'
  | 'erase-word'
  | 'erase-all'
  | 'next-allocator'
  | 'allocator-menu'
  | 'include-self'
  | 'hide-accounted'
  | 'expand'
  | 'collapse'
  | 'expand-below'
  | 'tree-entries'
  | 'turn-tree'
  | 'turn-processes'
  | 'turn-memory'
  | 'turn-triage'
  | 'call-paths'
  | 'mark'
  | 'mark-text'
  | 'record'
  | 'census'
  | 'export-menu'
  | 'save-stack'
  | 'pause'
  | 'play'
  | 'seek-back'
  | 'seek-forward'
  | 'seek-start'
  | 'seek-end'
  | 'seek-time'
  | 'event-before'
  | 'event-after'
  | 'second-back'
  | 'second-on'
  | 'step-events'
  | 'slower'
  | 'faster'
  | 'suspend';

export interface KeyBinding {
  command: Command;
  keys: readonly string[];
  places: readonly Place[];
  mode: 'any' | 'live' | 'replay';
  /** At the places 'list' and 'page' the binding applies in these views only; null = in all. */
  views: readonly ViewName[] | null;
  /** For the help screen and KEYS.md. */
  help: string;
  /** For the footer, with the first key; '' = not in the footer. */
  label: string;
}

const BROWSE: readonly Place[] = ['list', 'detail', 'page'];
const SCROLL: readonly Place[] = ['list', 'detail', 'page', 'help'];
/** Views whose rows can be sorted. */
const SORTED: readonly ViewName[] = ['stacks', 'processes', 'caches'];
const SLABTOP = Object.values(CACHE_LETTERS).toSorted();
const ANYWHERE: readonly Place[] = ['list', 'detail', 'page', 'help', 'filter', 'menu', 'time', 'mark'];

/** In the order of the footer and the help screen. */
export const KEY_TABLE: readonly KeyBinding[] = [
  bind('quit', ['q'], BROWSE, 'any', 'quit', 'quit'),
  bind('quit', ['ctrl-c'], ANYWHERE, 'any', 'quit, from anywhere', ''),
  bind('help', ['?', 'f1'], BROWSE, 'any', 'this help', 'help'),
  bind('back', ['?', 'q', 'escape', 'enter'], ['help'], 'any', 'leave the help', 'back'),
  inViews(['stacks', 'diff'], bind('open', ['enter'], ['list'], 'any', 'open the selected row', 'open')),
  inViews(['tree'], bind('open', ['enter'], ['list'], 'any', 'open or close the selected function', 'open')),
  inViews(
    ['processes'],
    bind('open', ['enter'], ['list'], 'any', 'the call paths of the row; its mappings in the list of all', 'open'),
  ),
  inViews(
    ['caches'],
    bind('open', ['enter'], ['list'], 'any', 'what its objects are if a census knows, else its call paths', 'open'),
  ),
  inViews(
    ['memory'],
    bind('open', ['enter'], ['list'], 'any', 'who holds the selected line, and its findings', 'holders'),
  ),
  inViews(['memory'], bind('open', ['enter'], ['page'], 'any', 'the findings in the line, in their tab', 'findings')),
  inViews(['triage'], bind('open', ['enter'], ['list'], 'any', 'all of the finding; who holds the term', 'open')),
  inViews(
    ['events'],
    bind('open', ['enter'], ['list', 'page'], 'replay', 'go to that moment: who held what then', 'that moment'),
  ),
  inViews(['events'], bind('open', ['enter'], ['list'], 'live', 'all that the event tells', 'open')),
  bind('back', ['escape', 'backspace', 'enter'], ['detail'], 'any', 'back to the list', 'back'),
  inViews(['caches'], bind('open', ['enter'], ['page'], 'any', 'the call paths of the cache', 'paths')),
  inViews(['processes'], bind('open', ['enter'], ['page'], 'any', 'the call paths of the process', 'paths')),
  inViews(['processes'], bind('back', ['escape', 'backspace'], ['page'], 'any', 'back to the processes', 'back')),
  inViews(['memory'], bind('back', ['escape', 'backspace'], ['page'], 'any', 'back to the lines', 'back')),
  inViews(['events'], bind('back', ['escape', 'backspace'], ['page'], 'any', 'back to the events', 'back')),
  inViews(['events'], bind('back', ['enter'], ['page'], 'live', 'back to the events', '')),
  inViews(['caches'], bind('back', ['escape', 'backspace'], ['page'], 'any', 'back to the caches', 'back')),
  inViews(['triage'], bind('back', ['escape', 'backspace', 'enter'], ['page'], 'any', 'back to the list', 'back')),
  bind('pause', ['space'], BROWSE, 'live', 'hold the display still, or let it go on; tracing goes on', 'pause'),
  bind('pause', ['space'], BROWSE, 'replay', 'pause the replay, or let it go on', 'pause'),
  bind('seek-back', ['left'], BROWSE, 'replay', 'go back by 5 % of the recording', 'seek'),
  bind('seek-forward', ['right'], BROWSE, 'replay', 'go forward by 5 %', 'seek'),
  bind('slower', ['<', ','], BROWSE, 'replay', 'replay slower', 'speed'),
  bind('faster', ['>', '.'], BROWSE, 'replay', 'replay faster', 'speed'),
  // The line of the present event names these keys, where there are events.
  bind('event-before', ['{'], BROWSE, 'replay', 'go to the event before', ''),
  bind('event-after', ['}'], BROWSE, 'replay', 'go to the next event', ''),
  bind('event-before', ['{'], BROWSE, 'live', 'the event before the selected one, or the newest', ''),
  bind('event-after', ['}'], BROWSE, 'live', 'the event after it', ''),
  inViews(['tree'], bind('expand-below', ['*'], ['list'], 'any', 'open all below the function', 'all below')),
  inViews(
    ['tree'],
    bind('tree-entries', ['E'], ['list'], 'any', 'show or leave out the functions of kernel entry', ''),
  ),
  inViews(['tree'], bind('turn-tree', ['v'], ['list'], 'any', 'turn over: from the root, or from the leaf', 'turn')),
  inViews(
    ['processes'],
    bind(
      'turn-processes',
      ['v'],
      ['list'],
      'any',
      'next: by name, by cgroup, every process of the machine, by pid',
      'next list',
    ),
  ),
  inViews(
    ['memory'],
    bind(
      'turn-memory',
      ['v'],
      ['list'],
      'any',
      'next: over time, every page, terms, limits, free and paging',
      'next page',
    ),
  ),
  inViews(['triage'], bind('turn-triage', ['v'], ['list'], 'any', 'the findings, or every term of MemTotal', 'terms')),
  inViews(['tree'], bind('call-paths', ['f'], ['list'], 'any', 'the call paths through the function', 'paths')),
  inViews(['tree'], bind('expand', ['l', '+'], ['list'], 'any', 'open the function, or go to the first one below', '')),
  inViews(['tree'], bind('collapse', ['h', '-'], ['list'], 'any', 'close the function, or go to the one above', '')),
  inViews(['stacks'], bind('expand', ['l', '+'], ['list'], 'any', 'show the call paths of the finding', 'open row')),
  inViews(['stacks'], bind('collapse', ['h', '-'], ['list'], 'any', 'hide them again', '')),
  inViews(['events'], bind('expand', ['l', '+'], ['list'], 'any', 'all that the event tells', 'all of it')),
  inViews(SORTED, bind('next-sort', ['s'], ['list'], 'any', 'sort by the next column', 'sort')),
  inViews(SORTED, bind('sort-menu', ['S'], ['list'], 'any', 'choose the column to sort by', '')),
  bind('filter', ['/'], ['list'], 'any', 'filter by function, process, cache, event; /regex/ in slashes', 'filter'),
  bind(
    'hide-accounted',
    ['u'],
    ['list'],
    'any',
    'show only what no line of /proc/meminfo shows, or all',
    'not in meminfo',
  ),
  bind('mark', ['m'], BROWSE, 'any', 'mark now: the view Diff shows what grows from here on', 'mark'),
  bind('mark-text', ['M'], BROWSE, 'live', 'the same with a text, which recordings have too', ''),
  inViews(['stacks'], bind('next-group', ['b'], ['list'], 'any', 'group by the next of what rows can be', 'group')),
  inViews(['stacks'], bind('group-menu', ['B'], ['list'], 'any', 'choose what makes one row', '')),
  bind('next-allocator', ['a'], ['list'], 'any', 'show one allocator, the next one, all', 'allocator'),
  bind('allocator-menu', ['A'], ['list'], 'any', 'choose the allocators to show', ''),
  bind('include-self', ['i'], ['list'], 'any', 'show or hide the memory of unfreed itself', 'own'),
  bind('record', ['R'], BROWSE, 'live', 'record to a new file in the current directory, or end that', 'record'),
  bind('census', ['C'], BROWSE, 'live', 'take a census of all pages; in Caches, of the selected cache', 'census'),
  bind(
    'export-menu',
    ['e'],
    ['list'],
    'any',
    'write what is ranked, or what grew, to a file for other tools',
    'export',
  ),
  inViews(
    ['stacks', 'diff'],
    bind('save-stack', ['c'], ['list', 'detail'], 'any', 'write the call path with all its frames to a file', ''),
  ),
  bind('back', ['escape', 'backspace'], ['list'], 'any', 'clear the filter, or go back to where this was opened', ''),
  ...VIEW_NAMES.map((name) =>
    bind(`view-${name}`, [viewDigit(name)], BROWSE, 'any', `the view ${VIEW_TITLES[name]}`, ''),
  ),
  bind('view-triage', ['T'], BROWSE, 'any', 'first look: what was abnormal before the trace, or back', 'first look'),
  bind('next-view', ['tab'], BROWSE, 'any', 'the next view', ''),
  bind('previous-view', ['shift-tab'], BROWSE, 'any', 'the view before', ''),
  bind('play', ['p'], BROWSE, 'replay', 'play', ''),
  bind('seek-time', ['t'], BROWSE, 'replay', 'go to a time that is typed: 1m30s, +5s, -5s, 50%', 'time'),
  bind('second-back', ['['], BROWSE, 'replay', 'a second back', ''),
  bind('second-on', [']'], BROWSE, 'replay', 'a second on', ''),
  bind('step-events', ['n'], BROWSE, 'replay', 'on by 1,000 events, and pause', ''),
  bind('seek-start', ['home'], BROWSE, 'replay', 'go to the start of the recording', ''),
  bind('seek-end', ['end'], BROWSE, 'replay', 'go to the end of the recording', ''),
  bind('up', ['up', 'k'], ['list', 'menu'], 'any', 'up', ''),
  bind('down', ['down', 'j'], ['list', 'menu'], 'any', 'down', ''),
  bind('up', ['up', 'k'], ['detail', 'page', 'help'], 'any', 'scroll up', 'scroll'),
  bind('down', ['down', 'j'], ['detail', 'page', 'help'], 'any', 'scroll down', 'scroll'),
  bind('page-up', ['pageup', 'ctrl-b'], SCROLL, 'any', 'a page up', ''),
  bind('page-down', ['pagedown', 'ctrl-f'], SCROLL, 'any', 'a page down', ''),
  bind('top', ['g'], [...SCROLL, 'menu'], 'any', 'first line; the selection then stays on the first row', ''),
  bind('bottom', ['G'], [...SCROLL, 'menu'], 'any', 'last line', ''),
  bind('top', ['home'], SCROLL, 'live', 'first line', ''),
  bind('bottom', ['end'], SCROLL, 'live', 'last line', ''),
  bind('accept', ['enter', 'down'], ['filter'], 'any', 'keep the filter', 'keep'),
  bind('clear', ['escape'], ['filter'], 'any', 'clear the filter', 'clear'),
  bind('accept', ['enter'], ['time'], 'replay', 'go there', 'go'),
  bind('clear', ['escape'], ['time'], 'replay', 'stay here', 'stay'),
  bind('accept', ['enter'], ['mark'], 'live', 'set the mark', 'set'),
  bind('clear', ['escape'], ['mark'], 'live', 'set none', 'none'),
  bind('erase', ['backspace'], ['filter', 'time', 'mark'], 'any', 'erase a character', ''),
  bind('erase-word', ['ctrl-w'], ['filter', 'time', 'mark'], 'any', 'erase a word', ''),
  bind('erase-all', ['ctrl-u'], ['filter', 'time', 'mark'], 'any', 'erase the line', ''),
  bind('choose', ['enter', 'space'], ['menu'], 'any', 'take this', 'choose'),
  bind('choose-letter', SLABTOP, ['menu'], 'any', 'in Caches: the order that this letter has in slabtop', ''),
  bind('back', ['escape', 'q', 'left', 'backspace'], ['menu'], 'any', 'leave the menu', 'back'),
  bind('suspend', ['ctrl-z'], ANYWHERE, 'any', 'suspend; fg comes back', ''),
];

function bind(
  command: Command,
  keys: readonly string[],
  places: readonly Place[],
  mode: KeyBinding['mode'],
  help: string,
  label: string,
): KeyBinding {
  return { command, keys, places, mode, views: null, help, label };
}

function inViews(views: readonly ViewName[], binding: KeyBinding): KeyBinding {
  return { ...binding, views };
}

/** The command of a key at this place, in this mode, while `view` is shown; null when the key does nothing there. */
export function commandOf(key: string, place: Place, mode: 'live' | 'replay', view: ViewName): Command | null {
  return bindingsAt(place, mode, view).find((binding) => binding.keys.includes(key))?.command ?? null;
}

/** Places where the binding of one view does not apply in another. */
const IN_VIEWS: readonly Place[] = ['list', 'page'];

/** All bindings that apply at this place, in this mode, while `view` is shown. */
export function bindingsAt(place: Place, mode: 'live' | 'replay', view: ViewName): KeyBinding[] {
  return KEY_TABLE.filter(
    (binding) =>
      binding.places.includes(place) &&
      (binding.mode === 'any' || binding.mode === mode) &&
      (!IN_VIEWS.includes(place) || binding.views === null || binding.views.includes(view)),
  );
}

/** The command without which a view stays empty: in the footer it comes right after quit and help. */
const FIRST: Readonly<Partial<Record<ViewName, Command>>> = { diff: 'mark' };
/** Commands without effect in a view, left out of its footer: nothing narrows the kernel's own figures. */
const WITHOUT: Readonly<Partial<Record<ViewName, readonly Command[]>>> = {
  memory: ['filter', 'hide-accounted', 'next-allocator', 'include-self'],
  events: ['hide-accounted', 'next-allocator', 'include-self'],
  triage: ['filter', 'hide-accounted', 'next-allocator', 'include-self', 'export-menu', 'mark', 'view-triage'],
};
/** Views whose footer names the census: it fills a page of them. */
const CENSUS: readonly ViewName[] = ['memory', 'caches', 'triage'];

/** The footer's entries, most useful first. Bindings with the same label share an entry ('←→ seek'). */
export function footerEntries(
  place: Place,
  mode: 'live' | 'replay',
  view: ViewName,
): { keys: string; label: string }[] {
  const entries: { keys: string; label: string }[] = [];
  const bindings = bindingsAt(place, mode, view).filter(({ command, label }) => {
    if (command === 'census' && !(IN_VIEWS.includes(place) && CENSUS.includes(view))) return false;
    return label !== '' && !(IN_VIEWS.includes(place) && WITHOUT[view]?.includes(command) === true);
  });
  const first = place === 'list' ? FIRST[view] : undefined;
  for (const binding of [
    ...bindings.filter(({ command }) => command === 'quit' || command === 'help'),
    ...bindings.filter(({ command }) => command === first),
    ...bindings.filter(({ command }) => command !== 'quit' && command !== 'help' && command !== first),
  ]) {
    const key = keyCap(binding.keys[0]);
    const same = entries.find((entry) => entry.label === binding.label);
    if (same === undefined) entries.push({ keys: key, label: binding.label });
    else same.keys += key;
  }
  return entries;
}

const CAPS: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  escape: 'Esc',
  space: 'Space',
  backspace: 'Backspace',
  f1: 'F1',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
};

/** A key as it is printed: 'PgUp', 'Ctrl-C', 'j'. */
export function keyCap(key: string): string {
  if (key.startsWith('ctrl-')) return `Ctrl-${key.slice(5).toUpperCase()}`;
  return CAPS[key] ?? key;
}

/** The whole table as Markdown, for KEYS.md. */
export function keyTableMarkdown(): string {
  const rows = KEY_TABLE.map((binding) => {
    const keys = binding.keys.map((key) => `\`${keyCap(key)}\``).join(' ');
    const mode = binding.mode === 'any' ? '' : ` (${binding.mode})`;
    return `| ${keys} | ${placesText(binding)}${mode} | ${binding.help} |`;
  });
  return `${['| Key | Where | What it does |', '| --- | --- | --- |', ...rows].join('\n')}\n`;
}

/** The manual page is ASCII. */
const ARROWS: Readonly<Record<string, string>> = { up: 'Up', down: 'Down', left: 'Left', right: 'Right' };

/** The whole table for the manual page. */
export function manualKeys(): { keys: string[]; where: string; help: string }[] {
  return KEY_TABLE.map((binding) => {
    const where = placesText(binding) + (binding.mode === 'any' ? '' : `, ${binding.mode}`);
    return { keys: binding.keys.map((key) => ARROWS[key] ?? keyCap(key)), where, help: binding.help };
  });
}

const PLACE_NAMES: Readonly<Record<Place, string>> = {
  list: 'all views',
  detail: 'detail',
  page: 'page',
  help: 'help',
  filter: 'filter line',
  menu: 'menus',
  time: 'time line',
  mark: 'mark line',
};

function placesText({ places, views }: KeyBinding): string {
  const titles = views?.map((view) => VIEW_TITLES[view]).join(', ') ?? '';
  const names = places.map((place) => {
    if (views === null || !IN_VIEWS.includes(place)) return PLACE_NAMES[place];
    return place === 'page' ? `page of ${titles}` : titles;
  });
  return [...new Set(names)].join(', ');
}
