/** The help screen: the key table as lines, and what the words of the list mean. */
import { padText, textWidth } from '../base/safe-text.js';
import { KEY_TABLE, keyCap, type Place } from './keys.js';
import type { Line } from './styled-line.js';

const SECTIONS: readonly (readonly [Place, string])[] = [
  ['list', 'Call paths'],
  ['detail', 'One call path'],
  ['filter', 'Filter line'],
  ['sort-menu', 'Sort menu'],
  ['help', 'This help'],
];

const WORDS: readonly (readonly [string, string])[] = [
  ['bytes', 'allocated here and not freed: outstanding, not yet a leak'],
  ['count', 'outstanding pages (page, vmalloc) or objects (slab, percpu)'],
  ['growth', 'outstanding bytes over the time traced'],
  ['age', 'median age of what is outstanding'],
  ['freed', 'share of what was ever allocated here that was freed'],
  ['peak', 'bytes of this path when its allocator held most'],
  ['missed', 'frees that were not seen: the address came back in an alloc'],
  ['orphan', 'frees of what was allocated before the trace began: normal'],
  ['lost', 'events never seen; totals say how much could be lost frees'],
  ['unaccounted', 'memory that no line of /proc/meminfo accounts for'],
];

const KEY_WIDTH = 16;

export function helpLines(mode: 'live' | 'replay'): Line[] {
  const lines: Line[] = [];
  const told = new Set<unknown>();
  for (const [place, title] of SECTIONS) {
    if (lines.length > 0) lines.push([]);
    lines.push([[title, 'head']]);
    for (const binding of KEY_TABLE) {
      if (told.has(binding) || !binding.places.includes(place)) continue;
      if (binding.mode !== 'any' && binding.mode !== mode) continue;
      told.add(binding);
      lines.push(entry(binding.keys.map(keyCap).join(' '), binding.help, 'key'));
    }
  }
  lines.push([], [['Words', 'head']]);
  for (const [word, meaning] of WORDS) lines.push(entry(word, meaning, 'strong'));
  return lines;
}

export function helpLineCount(mode: 'live' | 'replay'): number {
  return helpLines(mode).length;
}

function entry(name: string, meaning: string, tone: 'key' | 'strong'): Line {
  const width = Math.max(KEY_WIDTH, textWidth(name) + 2);
  return [['  '], [padText(name, width), tone], [meaning]];
}
