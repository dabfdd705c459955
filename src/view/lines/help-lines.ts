/** The help screen: the key table as lines, and the meaning of the list's words. */
import { padText, textWidth } from '../../base/safe-text.js';
import { MARK_GROUPS } from '../../event/marks/mark-groups.js';
import { KEY_TABLE, type KeyBinding, keyCap, type Place } from '../model/keys.js';
import { VIEW_NAMES, VIEW_TITLES, type ViewName } from '../model/view-names.js';
import type { Line } from './styled-line.js';

/** The sections in order: the keys of all views, of one view alone, or of another place. */
const SECTIONS: readonly (readonly [Place | ViewName, string])[] = [
  ['list', 'All views'],
  ...VIEW_NAMES.map((name) => [name, VIEW_TITLES[name]] as const),
  ['triage', 'First look'],
  ['page', 'A page over Memory or the first look'],
  ['detail', 'One call path'],
  ['filter', 'Filter line'],
  ['menu', 'Menus'],
  ['time', 'Time line'],
  ['mark', 'Mark line'],
  ['help', 'This help'],
];

const WORDS: readonly (readonly [string, string])[] = [
  ['suspect', 'bytes, weighed by who can take them back and by verdict'],
  ['bytes', 'allocated here and not freed: outstanding, not yet a leak'],
  ['count', 'outstanding pages (page, vmalloc) or objects (slab, percpu)'],
  ['growth', 'rate of a row that grows or rises in steps; - for the others'],
  ['trend', 'outstanding bytes over time, each row by its own greatest'],
  ['verdict', 'what that looks like: growing, in-steps, rested, one-time, ...'],
  ['trust', "what the kernel's counters say of it; unreliable ranks below"],
  ['age', 'median age of what is outstanding'],
  ['freed', 'share of what was ever allocated here that was freed'],
  ['peak', 'bytes of this path when its allocator held most'],
  ['missed', 'frees that were not seen: the address came back in an alloc'],
  ['orphan', 'frees of what was allocated before the trace began: normal'],
  ['lost', 'events never seen; totals say how much could be lost frees'],
  ['unaccounted', 'memory that no line of /proc/meminfo accounts for'],
];

const KEY_WIDTH = 16;

/** All lines of the help for this mode; a binding is listed once, in the first section that it belongs to. */
export function helpLines(mode: 'live' | 'replay'): Line[] {
  const lines: Line[] = [];
  const told = new Set<unknown>();
  for (const [section, title] of SECTIONS) {
    const bindings = KEY_TABLE.filter(
      (binding) => !told.has(binding) && (binding.mode === 'any' || binding.mode === mode) && belongs(binding, section),
    );
    if (bindings.length === 0) continue;
    if (lines.length > 0) lines.push([]);
    lines.push([[title, 'head']]);
    for (const binding of bindings) {
      told.add(binding);
      lines.push(entry(binding.keys.map(keyCap).join(' '), binding.help, 'key'));
    }
  }
  lines.push([], [['Events on the line of time', 'head']]);
  for (const { sign, help } of MARK_GROUPS) lines.push(entry(sign, help, 'strong'));
  if (mode === 'replay') lines.push(entry('x m', 'events were lost; the mark of Diff', 'strong'));
  lines.push([], [['Words', 'head']]);
  for (const [word, meaning] of WORDS) lines.push(entry(word, meaning, 'strong'));
  return lines;
}

export function helpLineCount(mode: 'live' | 'replay'): number {
  return helpLines(mode).length;
}

function belongs({ places, views }: KeyBinding, section: Place | ViewName): boolean {
  if (views === null) return places.some((place) => place === section);
  return views.some((view) => view === section);
}

function entry(name: string, meaning: string, tone: 'key' | 'strong'): Line {
  const width = Math.max(KEY_WIDTH, textWidth(name) + 2);
  return [['  '], [padText(name, width), tone], [meaning]];
}
