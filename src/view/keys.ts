/**
 * The one table of keys. Behaviour, footer, help screen and the README's table all come from it; nothing else in view/
 * compares a key. A key is found by where the user is (`Place`) and by what is traced (`mode`).
 */

/** One key press or paste, as terminal-input.ts names it: 'j', 'enter', 'pageup', 'ctrl-c', 'space', 'paste'. */
export interface Key {
  name: string;
  /** What it types, '' for a key that types nothing. */
  text: string;
}

/** What the keys act on. */
export type Place = 'list' | 'detail' | 'help' | 'filter' | 'sort-menu';

export type Command =
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
  | 'choose'
  | 'filter'
  | 'accept'
  | 'clear'
  | 'erase'
  | 'erase-word'
  | 'erase-all'
  | 'next-allocator'
  | 'include-self'
  | 'pause'
  | 'play'
  | 'seek-back'
  | 'seek-forward'
  | 'seek-start'
  | 'seek-end'
  | 'slower'
  | 'faster'
  | 'suspend';

export interface KeyBinding {
  command: Command;
  keys: readonly string[];
  places: readonly Place[];
  mode: 'any' | 'live' | 'replay';
  /** For the help screen and the README. */
  help: string;
  /** For the footer, with the first key; '' = not in the footer. */
  label: string;
}

const BROWSE: readonly Place[] = ['list', 'detail'];
const SCROLL: readonly Place[] = ['list', 'detail', 'help'];

/** In the order of the footer and the help screen. */
export const KEY_TABLE: readonly KeyBinding[] = [
  bind('quit', ['q'], BROWSE, 'any', 'quit', 'quit'),
  bind('quit', ['ctrl-c'], ['list', 'detail', 'help', 'filter', 'sort-menu'], 'any', 'quit, from anywhere', ''),
  bind('help', ['?', 'f1'], BROWSE, 'any', 'this help', 'help'),
  bind('back', ['?', 'q', 'escape', 'enter'], ['help'], 'any', 'leave the help', 'back'),
  bind('open', ['enter'], ['list'], 'any', 'open the selected call path', 'open'),
  bind('back', ['escape', 'enter'], ['detail'], 'any', 'back to the list', 'back'),
  bind('pause', ['space'], BROWSE, 'live', 'hold the display still, or let it go on; tracing goes on', 'pause'),
  bind('pause', ['space'], BROWSE, 'replay', 'pause the replay, or let it go on', 'pause'),
  bind('seek-back', ['left'], BROWSE, 'replay', 'go back by 5 % of the recording', 'seek'),
  bind('seek-forward', ['right'], BROWSE, 'replay', 'go forward by 5 %', 'seek'),
  bind('slower', ['<', ','], BROWSE, 'replay', 'replay slower', 'speed'),
  bind('faster', ['>', '.'], BROWSE, 'replay', 'replay faster', 'speed'),
  bind('next-sort', ['s'], ['list'], 'any', 'sort by the next column', 'sort'),
  bind('sort-menu', ['S'], ['list'], 'any', 'choose the column to sort by', ''),
  bind('filter', ['/'], ['list'], 'any', 'filter by function, process or cache; /regex/ in slashes', 'filter'),
  bind('clear', ['escape'], ['list'], 'any', 'clear the filter', ''),
  bind('next-allocator', ['a'], ['list'], 'any', 'show one allocator, the next one, all', 'allocator'),
  bind('include-self', ['i'], ['list'], 'any', 'show or hide the memory of unfreed itself', 'own'),
  bind('play', ['p'], BROWSE, 'replay', 'play', ''),
  bind('seek-start', ['home'], BROWSE, 'replay', 'go to the start of the recording', ''),
  bind('seek-end', ['end'], BROWSE, 'replay', 'go to the end of the recording', ''),
  bind('up', ['up', 'k'], ['list', 'sort-menu'], 'any', 'up', ''),
  bind('down', ['down', 'j'], ['list', 'sort-menu'], 'any', 'down', ''),
  bind('up', ['up', 'k'], ['detail', 'help'], 'any', 'scroll up', 'scroll'),
  bind('down', ['down', 'j'], ['detail', 'help'], 'any', 'scroll down', 'scroll'),
  bind('page-up', ['pageup', 'ctrl-b'], SCROLL, 'any', 'a page up', ''),
  bind('page-down', ['pagedown', 'ctrl-f'], SCROLL, 'any', 'a page down', ''),
  bind('top', ['g'], SCROLL, 'any', 'first line; the selection then stays on the first call path', ''),
  bind('bottom', ['G'], SCROLL, 'any', 'last line', ''),
  bind('top', ['home'], SCROLL, 'live', 'first line', ''),
  bind('bottom', ['end'], SCROLL, 'live', 'last line', ''),
  bind('accept', ['enter', 'down'], ['filter'], 'any', 'keep the filter', 'keep'),
  bind('clear', ['escape'], ['filter'], 'any', 'clear the filter', 'clear'),
  bind('erase', ['backspace'], ['filter'], 'any', 'erase a character', ''),
  bind('erase-word', ['ctrl-w'], ['filter'], 'any', 'erase a word', ''),
  bind('erase-all', ['ctrl-u'], ['filter'], 'any', 'erase the line', ''),
  bind('choose', ['enter', 'space'], ['sort-menu'], 'any', 'sort by this column', 'choose'),
  bind('back', ['escape', 'q', 'S', 'left'], ['sort-menu'], 'any', 'leave the menu', 'back'),
  bind('suspend', ['ctrl-z'], ['list', 'detail', 'help', 'filter', 'sort-menu'], 'any', 'suspend; fg comes back', ''),
];

function bind(
  command: Command,
  keys: readonly string[],
  places: readonly Place[],
  mode: KeyBinding['mode'],
  help: string,
  label: string,
): KeyBinding {
  return { command, keys, places, mode, help, label };
}

/** What a key does here; null when nothing. */
export function commandOf(key: string, place: Place, mode: 'live' | 'replay'): Command | null {
  for (const binding of KEY_TABLE) {
    if (binding.places.includes(place) && applies(binding, mode) && binding.keys.includes(key)) return binding.command;
  }
  return null;
}

/** Bindings that do something here. */
export function bindingsAt(place: Place, mode: 'live' | 'replay'): KeyBinding[] {
  return KEY_TABLE.filter((binding) => binding.places.includes(place) && applies(binding, mode));
}

/** The footer's entries, most useful first: bindings of one label share an entry ('←→ seek'). */
export function footerEntries(place: Place, mode: 'live' | 'replay'): { keys: string; label: string }[] {
  const entries: { keys: string; label: string }[] = [];
  for (const binding of bindingsAt(place, mode)) {
    if (binding.label === '') continue;
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
};

/** A key as it is printed: 'PgUp', 'Ctrl-C', 'j'. */
export function keyCap(key: string): string {
  if (key.startsWith('ctrl-')) return `Ctrl-${key.slice(5).toUpperCase()}`;
  return CAPS[key] ?? key;
}

/** The whole table as Markdown, for the README. */
export function keyTableMarkdown(): string {
  const rows = KEY_TABLE.map((binding) => {
    const keys = binding.keys.map((key) => `\`${keyCap(key)}\``).join(' ');
    const mode = binding.mode === 'any' ? '' : ` (${binding.mode})`;
    return `| ${keys} | ${binding.places.map((place) => PLACE_NAMES[place]).join(', ')}${mode} | ${binding.help} |`;
  });
  return `${['| Key | Where | What it does |', '| --- | --- | --- |', ...rows].join('\n')}\n`;
}

const PLACE_NAMES: Readonly<Record<Place, string>> = {
  list: 'list',
  detail: 'detail',
  help: 'help',
  filter: 'filter line',
  'sort-menu': 'sort menu',
};

function applies(binding: KeyBinding, mode: 'live' | 'replay'): boolean {
  return binding.mode === 'any' || binding.mode === mode;
}
